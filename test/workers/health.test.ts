// The health check of a container, as Docker runs it: a process whose exit code is the answer.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, inject, test } from 'vitest';
import { builtFile } from '../../src/local/built.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { testWorker, uniqueQueue } from '../support/temporal.js';

const database = testDatabase();

async function health(environment: Record<string, string>): Promise<{ readonly code: unknown; readonly said: string }> {
  const env = { ...process.env, TEMPORAL_ADDRESS: inject('temporalAddress'), ...environment };
  const child = spawn(process.execPath, [builtFile('workers/health.js')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

test('it is well while a worker of this host polls the task queue', async () => {
  const worker = await testWorker(database);
  try {
    await eventually(
      'the worker has polled',
      async () => (await health({ TRIBUTARY_TASK_QUEUE: worker.taskQueue })).code === 0,
    );
  } finally {
    await worker.stop();
  }
});

test('it is not well, and says so in one line, when nobody polls or Temporal is away', async () => {
  const queue = uniqueQueue('idle');
  const idle = await health({ TRIBUTARY_TASK_QUEUE: queue });
  expect(idle).toEqual({
    code: 1,
    said: expect.stringMatching(new RegExp(`^no worker of \\S+ has polled task queue ${queue} for 90 s\\n$`)) as string,
  });
  const away = await health({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
  expect(away).toEqual({ code: 1, said: expect.stringMatching(/^Temporal does not say who polls: .+\n$/) as string });
});
