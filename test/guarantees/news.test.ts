// A followed source with a cheap look of its own is looked at by one long activity: nothing new costs its run nothing, and
// whatever may be new, or is said to the run, is acted on as if it looked in rounds.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Transient, WaitUntil } from '../../src/domain/errors.js';
import type { Progress } from '../../src/workflows/messages.js';
import { testDatabase } from '../support/database.js';
import { advance, countingStage } from '../support/event-stages.js';
import { eventually } from '../support/eventually.js';
import { announced, growthOf } from '../support/growing-source.js';
import { testWorker, uniqueSource, type SyncHandle, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
/** Puts the event of index 3 off for a moment, once. */
const owners = countingStage('owners', ({ attempt, data }) =>
  data.index === 3 && attempt === 1 ? { kind: 'defer', afterMs: 1_500 } : advance,
);
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database, { sources: [announced], stages: [owners] });
});
afterAll(() => worker.stop());

function followed(name: string, pollIntervalMs = 100) {
  const source = uniqueSource(name);
  const input = { source: { type: 'announced', id: source, options: {} }, mode: 'follow', pollIntervalMs } as const;
  return { source, input, growth: growthOf(source) };
}

function progressOf({ workflowId }: SyncHandle): Promise<Progress> {
  return worker.client.workflow.getHandle(workflowId).query('progress');
}

async function stored(source: string): Promise<number> {
  return (
    await database.pool.query<{ stored: number }>('select count(*)::integer as stored from events where source = $1', [
      source,
    ])
  ).rows[0]!.stored;
}

async function looked(source: string, more: number): Promise<void> {
  const growth = growthOf(source);
  const before = growth.cheapLooks;
  await eventually(`${more} more looks`, async () => growth.cheapLooks >= before + more);
}

async function stop(handle: SyncHandle): Promise<unknown> {
  await handle.signal('stop');
  return handle.result();
}

test('a hundred looks with nothing new add nothing to its history and ask prepare nothing; what is new is stored once', async () => {
  const { source, growth, input } = followed('news');
  growth.count = 3;
  const handle = await worker.start(input);
  await looked(source, 1);
  const [{ historyLength }, { looks }] = [await handle.describe(), growth];
  await looked(source, 100);
  expect((await handle.describe()).historyLength).toBe(historyLength);
  expect(growth.looks).toBe(looks);
  for (const count of [4, 9]) {
    growth.count = count;
    await eventually(`${count} are stored`, async () => (await stored(source)) === count);
  }
  expect(await stop(handle)).toMatchObject({ outcome: 'stopped', inserted: 9 });
  expect(growth.looks).toBeLessThanOrEqual(looks + 3);
});

test('nobody looks any more once it was stopped, nor while it is paused', async () => {
  const { source, growth, input } = followed('quiet');
  const handle = await worker.start(input);
  await looked(source, 1);
  await handle.signal('pause');
  await eventually('it is paused', async () => (await progressOf(handle)).state === 'paused');
  growth.count = 2;
  await handle.signal('resume');
  await eventually('two are stored', async () => (await stored(source)) === 2);
  await looked(source, 1);
  await stop(worker.client.workflow.getHandle(handle.workflowId) as unknown as SyncHandle);
  const { cheapLooks } = growth;
  const other = followed('other');
  const second = await worker.start(other.input);
  await looked(other.source, 20);
  expect(growth.cheapLooks).toBe(cheapLooks);
  await stop(second);
});

test('poll reads at once, however long the interval', async () => {
  const { source, growth, input } = followed('poll', 3_600_000);
  const handle = await worker.start(input);
  await eventually('it waits', async () => (await progressOf(handle)).nextPollAt !== null);
  for (const count of [2, 3]) {
    growth.count = count;
    await handle.signal('poll');
    await eventually('they are stored', async () => (await stored(source)) === count);
  }
  await stop(handle);
  expect(growth.cheapLooks).toBe(0);
});

test('a look that fails is left to prepare, and the next one comes', async () => {
  const { source, growth, input } = followed('failing');
  const handle = await worker.start(input);
  await looked(source, 1);
  const { looks } = growth;
  growth.failure = new Transient('away', 'the origin is away');
  await eventually('prepare looked', async () => growth.looks === looks + 1);
  await looked(source, 2);
  await stop(handle);
});

test('an origin that says when to come back is asked by nobody before', async () => {
  const { source, growth, input } = followed('limited');
  const handle = await worker.start(input);
  await looked(source, 1);
  const { looks } = growth;
  growth.failure = new WaitUntil('quota', 'the quota is used up', new Date(Date.now() + 3_600_000));
  await eventually('it waits', async () => (await progressOf(handle)).state === 'rate_limited');
  expect(growth.looks).toBe(looks);
  growth.count = 3;
  await handle.signal('poll');
  await eventually('asked now, it has them', async () => (await stored(source)) === 3);
  await stop(handle);
});

test('what a stage deferred comes back when it is due, though nothing is new', async () => {
  const { source, growth, input } = followed('put-off');
  growth.count = 5;
  const handle = await worker.start(input);
  await eventually('all but one are stored', async () => (await stored(source)) === 4);
  await eventually('it came back', async () => (await stored(source)) === 5);
  expect(await stop(handle)).toMatchObject({ inserted: 5, deferred: 0 });
});

test('another worker looks on after the one that did has ended', async () => {
  const own = await testWorker(database, { sources: [announced], stages: [owners] });
  const { source, growth, input } = followed('handed-over');
  const handle = await own.start(input);
  await looked(source, 2);
  const next = await testWorker(database, { sources: [announced], stages: [owners], taskQueue: own.taskQueue });
  await own.stop();
  try {
    growth.count = 3;
    await eventually('they are stored', async () => (await stored(source)) === 3);
    await stop(next.client.workflow.getHandle(handle.workflowId) as unknown as SyncHandle);
  } finally {
    await next.stop();
  }
});
