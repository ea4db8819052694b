// Whose home it is, and what it is: said in words, before anything is started.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../../src/config.js';
import { InvalidInput } from '../../src/domain/errors.js';
import { prepareHome } from '../../src/local/home.js';
import { ensureStack, stackStatus, stopStack } from '../../src/local/stack.js';

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-home-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Root may read everything, so it asks as somebody else. */
function asAnother(): void {
  if (process.geteuid!() !== 0) return;
  process.setegid!(65_534);
  process.seteuid!(65_534);
  onTestFinished(() => {
    process.seteuid!(0);
    process.setegid!(0);
  });
}

test.each([
  ['its directory', 0o700, 0o600],
  ['its record', 0o711, 0o000],
])("another user's running home, by %s: no command says that nothing runs", async (_, directoryMode, recordMode) => {
  const directory = newDirectory();
  chmodSync(directory, 0o711);
  const config = loadConfig({ TRIBUTARY_HOME: join(directory, 'home') });
  mkdirSync(config.home);
  writeFileSync(join(config.home, 'stack.json'), '{}', { mode: recordMode });
  // Where nobody is root, the other user is one whose directory is closed.
  chmodSync(config.home, process.geteuid!() === 0 || recordMode === 0 ? directoryMode : 0o000);
  onTestFinished(() => chmodSync(config.home, 0o700));
  asAnother();
  for (const ask of [
    () => stackStatus(config),
    () => stopStack(config),
    () => ensureStack(config, { onProgress: () => undefined }),
  ]) {
    const refused = await ask().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InvalidInput);
    expect((refused as Error).message).toMatch(
      /^TRIBUTARY_HOME: ".*" cannot be read \(EACCES\).*; set TRIBUTARY_HOME to a directory of your own$/,
    );
  }
});

test('a home that is a file, below a file, or too long a name is refused by name', async () => {
  const directory = newDirectory();
  writeFileSync(join(directory, 'file'), '');
  for (const name of ['file', 'file/below', 'n'.repeat(300)]) {
    const config = loadConfig({ TRIBUTARY_HOME: join(directory, name) });
    expect(() => prepareHome(config.home)).toThrow(
      /^TRIBUTARY_HOME: ".*" cannot be made and written \(E\w+\): .*; set TRIBUTARY_HOME/,
    );
    await expect(stackStatus(config)).rejects.toThrow(/^TRIBUTARY_HOME: ".*" cannot be read/);
  }
});

test.runIf(process.platform === 'linux')('a home where nothing can be made is refused, and not tried for ever', () => {
  const { home } = loadConfig({ TRIBUTARY_HOME: '/proc/tributary/home' });
  expect(() => prepareHome(home)).toThrow(/^TRIBUTARY_HOME: ".*" cannot be made and written \(ENOENT\)/);
});
