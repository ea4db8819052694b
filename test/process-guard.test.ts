// Whatever we start ends with us: a process that was killed takes its children along, groups and those that heed no SIGTERM.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, inject, test } from 'vitest';
import { isRunning, identify, type ProcessIdentity } from '../src/local/process-identity.js';
import { until } from '../src/local/until.js';
import { packageRoot } from '../src/package-root.js';
import { testDatabase } from './support/database.js';
import { uniqueQueue } from './support/temporal.js';

const database = testDatabase();
const started: ChildProcess[] = [];
afterAll(() => started.forEach((child) => child.kill('SIGKILL')));

/** A process with children: one that ends at SIGTERM, one that does not, a group whose leader has a child, and one that ended. */
const parentProgram = `
  import { spawn } from 'node:child_process';
  import { guardChild } from ${JSON.stringify(join(packageRoot, 'dist/src/process-guard.js'))};
  const start = (script, options) => spawn('sh', ['-c', script], { stdio: ['ignore', 'inherit', 'ignore'], ...options });
  const steps = [['SIGTERM', 1_000], ['SIGKILL', 5_000]];
  guardChild(start('echo $$; exec sleep 600'));
  guardChild(start('trap "" TERM; echo $$; while :; do sleep 1; done'), { steps });
  guardChild(start('sleep 600 & echo $!; echo $$; wait', { detached: true }), { group: true, steps });
  guardChild(start('exit 0'));
  console.log('guarded');
  setInterval(() => {}, 60_000);
`;

test('a process killed with kill -9 leaves none of its children behind', async () => {
  const parent = spawn(process.execPath, ['--input-type=module', '-e', parentProgram], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(parent);
  const children: ProcessIdentity[] = [];
  let guarded = false;
  for await (const line of createInterface({ input: parent.stdout })) {
    // A child speaks as soon as it runs, and that may be before its parent does again.
    if (line === 'guarded') guarded = true;
    else children.push(identify(Number(line))!);
    if (guarded && children.length === 4) break;
  }
  expect(children.filter(isRunning)).toHaveLength(4);
  parent.kill('SIGKILL');
  expect(await until(() => children.every((child) => !isRunning(child)), 30_000)).toBe(true);
}, 60_000);

test('`tributary worker` has the heap of a supervised one, and its worker ends with it', async () => {
  const environment = {
    ...process.env,
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TRIBUTARY_TASK_QUEUE: uniqueQueue('orphan'),
  };
  const command = spawn(process.execPath, [join(packageRoot, 'bin/tributary.js'), 'worker'], {
    env: environment,
    stdio: 'ignore',
  });
  started.push(command);
  const worker = await until(() => childOf(command.pid!, 'workers/main.js'), 60_000);
  expect(argumentsOf(worker!.pid)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^--max-old-space-size=\d+$/),
      expect.stringMatching(/^--max-semi-space-size=\d+$/),
    ]),
  );
  command.kill('SIGKILL');
  await once(command, 'exit');
  expect(await until(() => !isRunning(worker!), 60_000)).toBe(true);
}, 120_000);

/** Linux: where /proc is. */
function childOf(parent: number, program: string): ProcessIdentity | null {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || !argumentsOf(Number(name)).some((word) => word.endsWith(program))) continue;
    if (new RegExp(`^PPid:\\s+${parent}$`, 'm').test(readFileSync(`/proc/${name}/status`, 'latin1')))
      return identify(Number(name));
  }
  return null;
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
