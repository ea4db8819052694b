// The exit codes of commands, where no stack is needed to see them; the others are asserted where the command is tested.
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { startTributary, tributary } from './command.js';

const directory = mkdtempSync(join(tmpdir(), 'tributary-exit-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A home as a supervisor left it that is no more. */
function leftBehind(name: string, state: string, failure: object | null): Record<string, string> {
  const home = join(directory, name);
  mkdirSync(home);
  const pid = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
  const record = { state, supervisor: { pid, startedAt: 'before' }, progress: [], failure, processes: {}, stack: null };
  writeFileSync(join(home, 'stack.json'), JSON.stringify(record));
  return { TRIBUTARY_HOME: home };
}

test('status of a stack that did not start, or was killed, is 1; of one that nobody started it is 0', async () => {
  const failed = leftBehind('failed', 'failed', { code: 'worker_start', message: 'the worker did not start' });
  expect(await tributary(['status'], failed)).toMatchObject({
    code: 1,
    out: expect.stringContaining('failed: the worker'),
  });
  const killed = leftBehind('killed', 'ready', null);
  expect(await tributary(['status'], killed)).toMatchObject({ code: 1, out: expect.stringContaining('was killed') });
  expect(await tributary(['status'], { TRIBUTARY_HOME: join(directory, 'none') })).toMatchObject({ code: 0 });
});

test('a module that does not load is wrong use, before a stack is started for it', async () => {
  const home = join(directory, 'module');
  for (const words of [['up'], ['sync', 'synthetic'], ['pause', 'a']]) {
    const environment = { TRIBUTARY_HOME: home, TRIBUTARY_EXTENSIONS: '/nowhere/module.mjs' };
    const { code, err } = await tributary(words, environment);
    expect({ words, code }).toEqual({ words, code: 2 });
    expect(err).toMatch(/^error: TRIBUTARY_EXTENSIONS: \/nowhere\/module\.mjs [^\n]*\n$/);
  }
});

test('a command that a signal ends has the exit code of that signal', async () => {
  // Says nothing: whoever asks it waits.
  const silent = createServer(() => undefined);
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  const url = `postgres://nobody@127.0.0.1:${(silent.address() as AddressInfo).port}/x`;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const asked = once(silent, 'connection');
    const { child, ended } = startTributary(['stats'], { DATABASE_URL: url, TEMPORAL_ADDRESS: '127.0.0.1:1' });
    await asked;
    child.kill(signal);
    expect(await ended).toMatchObject({ code, out: '', err: '' });
  }
  silent.close();
});

test.runIf(process.platform === 'linux')(
  'standard output that cannot be written is a failure, told in one line',
  () => {
    const program = join(packageRoot, 'bin', 'tributary.js');
    for (const words of ['doctor', 'types', 'status --json', 'sync --help']) {
      const { status, stderr } = spawnSync('sh', ['-c', `"${process.execPath}" "${program}" ${words} > /dev/full`], {
        encoding: 'utf8',
        env: { ...process.env, TRIBUTARY_HOME: join(directory, 'full') },
      });
      expect([status, stderr]).toEqual([1, 'error: standard output cannot be written (ENOSPC)\n']);
    }
  },
);
