// A followed source is looked at again and again by one run; what is said to it between two looks holds.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Progress } from '../../src/workflows/messages.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { growing, growthOf } from '../support/growing-source.js';
import { testWorker, uniqueSource, type SyncHandle, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database, { sources: [growing] });
});
afterAll(() => worker.stop());

function progressOf({ workflowId }: SyncHandle): Promise<Progress> {
  return worker.client.workflow.getHandle(workflowId).query('progress');
}

async function runsOf(source: string): Promise<(string | null)[]> {
  const { rows } = await database.pool.query<{ outcome: string | null }>(
    'select outcome from runs where source = $1 order by epoch',
    [source],
  );
  return rows.map(({ outcome }) => outcome);
}

function followed(name: string) {
  const source = uniqueSource(name);
  const input = { source: { type: 'growing', id: source, options: {} }, mode: 'follow', pollIntervalMs: 100 } as const;
  return { source, input, growth: growthOf(source) };
}

async function stored(source: string): Promise<number> {
  return (
    await database.pool.query<{ stored: number }>('select count(*)::integer as stored from events where source = $1', [
      source,
    ])
  ).rows[0]!.stored;
}

test('a followed source is looked at again and again, and stores each new record once', async () => {
  const { source, growth, input } = followed('follow');
  const handle = await worker.start(input);
  for (const count of [3, 4, 10]) {
    growth.count = count;
    await eventually(`${count} are stored`, async () => (await stored(source)) === count);
  }
  // The commit is there a moment before its workflow hears of it.
  await eventually('the run says so', async () => (await progressOf(handle)).inserted === 10);
  expect(await progressOf(handle)).toMatchObject({ mode: 'follow', state: 'running' });
  await handle.signal('stop');
  expect(await handle.result()).toMatchObject({ outcome: 'stopped', inserted: 10, total: 10 });
  expect(await runsOf(source)).toEqual(['stopped']);
});

test('poll looks at once, also when the interval is long', async () => {
  const { source, growth, input } = followed('poll');
  const handle = await worker.start({ ...input, pollIntervalMs: 3_600_000 });
  await eventually('it waits', async () => (await progressOf(handle)).nextPollAt !== null);
  growth.count = 5;
  await handle.signal('poll');
  await eventually('they are stored', async () => (await stored(source)) === 5);
  await handle.signal('stop');
  await handle.result();
});

test('a paused follower looks at nothing; resumed, it has all', async () => {
  const { source, growth, input } = followed('quiet');
  const handle = await worker.start(input);
  growth.count = 2;
  await eventually('two are stored', async () => (await stored(source)) === 2);
  await handle.signal('pause', { reason: 'quiet' });
  await eventually('it is paused', async () => (await progressOf(handle)).state === 'paused');
  growth.count = 7;
  const looks = growth.looks;
  await handle.signal('resume');
  await eventually('seven are stored', async () => (await stored(source)) === 7);
  expect(growth.looks).toBeGreaterThan(looks);
  await worker.client.workflow.getHandle(handle.workflowId).signal('stop');
  expect(await handle.result()).toMatchObject({ outcome: 'stopped', inserted: 7 });
  expect(await runsOf(source)).toEqual(['continued', 'stopped']);
});
