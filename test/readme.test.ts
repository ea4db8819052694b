// The README's commands for the `temporal` program, run as they stand there, in order.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { packageRoot } from '../src/package-root.js';
import { testDatabase } from './support/database.js';
import { testWorker, type TestWorker } from './support/temporal.js';

const database = testDatabase();
let worker: TestWorker;
beforeAll(async () => {
  worker = await testWorker(database, { taskQueue: 'tributary' });
});
afterAll(() => worker.stop());

const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
const commands = readme.split('\n').filter((line) => line.startsWith('temporal '));

async function shell(command: string): Promise<string> {
  const cli = inject('temporalCli');
  const env = {
    ...process.env,
    PATH: `${dirname(cli)}:${process.env['PATH']}`,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
  };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env, timeout: 60_000 });
  return stdout;
}

test('every temporal command of the README works as it stands, and a stopped sync goes on where it was', async () => {
  expect(commands.length).toBeGreaterThanOrEqual(8);
  const outputs: string[] = [];
  for (const command of commands) outputs.push(await shell(command));
  const results = outputs.filter((_, at) => commands[at]!.includes('workflow result'));
  expect(results[0]).toMatch(/"outcome":"stopped"/);
  expect(results[1]).toMatch(/"outcome":"done"/);
  const { rows } = await database.pool.query(`select count(*)::int as events from events where source = 'demo/made-up'`);
  expect(rows).toEqual([{ events: 300_000 }]);
  expect(outputs[commands.findIndex((command) => command.includes('metadata'))]).toContain('stop');
}, 120_000);
