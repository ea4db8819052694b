// Ctrl-C on a real terminal: every command that waits for a person or for more ends as interrupted, by the one exit code that shells
// know, and leaves the terminal as it was.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { homePaths } from '../../src/local/home.js';
import { packageRoot } from '../../src/package-root.js';
import { pasteable } from '../../src/clients/terminal/own-command.js';
import { onTerminal, type OnTerminal } from '../support/pty.js';

const home = mkdtempSync(join(tmpdir(), 'tributary-interrupted-'));

beforeAll(() => {
  const { workerLog } = homePaths(home);
  mkdirSync(join(workerLog, '..'), { recursive: true });
  writeFileSync(workerLog, 'the worker said this\n');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function start(...words: string[]): OnTerminal {
  const named = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_|TRIBUTARY_|DATABASE_URL)/.test(name));
  return onTerminal([process.execPath, join(packageRoot, 'bin', 'tributary.js'), ...words], 80, {
    ...Object.fromEntries(named),
    TRIBUTARY_HOME: home,
  });
}

test('logs --follow, which has no other end, ends as interrupted', async () => {
  const logs = start('logs', 'worker', '--follow');
  await logs.until(/the worker said this/);
  logs.press('\x03');
  expect((await logs.ended).code).toBe(130);
});

test('the prompt for a secret ends as interrupted, stores nothing, and is not called an empty secret', async () => {
  const secret = start('secret', 'set', 'acme-token');
  await secret.until(/not shown/);
  secret.press('\x03');
  const { code, written } = await secret.ended;
  expect({ code, error: written.includes('error:') }).toEqual({ code: 130, error: false });
  const listed = await start('secret', 'list').ended;
  expect(listed.written).toContain(`no secrets in ${join(home, 'secrets')}; ${pasteable('`tributary secret set')}`);
});
