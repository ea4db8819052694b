// What a person says to a running source holds: at the next page boundary, and beyond the run it was said to (N2, T2).
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pause } from '../../src/domain/pause.js';
import { findPause, savePause } from '../../src/store/pauses.js';
import type { Progress } from '../../src/workflows/messages.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { createGate, type Gate } from '../support/gate.js';
import { createHeldSources } from '../support/held-sources.js';
import { checkLedger, clean } from '../support/ledger-checker.js';
import { testWorker, type SyncHandle, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
/** Hold the writing of a pause. */
const slowWrites = new Map<string, Gate>();
const sources = createHeldSources((point, source, times) => {
  if (point === 'keepPause.before' && times === 1) return slowWrites.get(source)?.pass();
});
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database, sources.fault);
});
afterAll(() => worker.stop());

function progressOf({ workflowId }: SyncHandle): Promise<Progress> {
  return worker.client.workflow.getHandle(workflowId).query('progress');
}

async function becomes(handle: SyncHandle, state: string): Promise<Progress> {
  return eventually(`${handle.workflowId} is ${state}`, async () => {
    const progress = await progressOf(handle);
    return progress.state === state ? progress : null;
  });
}

async function runsOf(source: string): Promise<(string | null)[]> {
  const { rows } = await database.pool.query<{ outcome: string | null }>(
    'select outcome from runs where source = $1 order by epoch',
    [source],
  );
  return rows.map(({ outcome }) => outcome);
}

async function pausesOf(source: string): Promise<Pause[]> {
  return (
    await database.pool.query<Pause>('select reason, until, paused_by as by from source_pauses where source = $1', [
      source,
    ])
  ).rows;
}

async function pausedInTheMiddle(name: string, seed: number, said?: unknown) {
  const held = sources.hold(name, seed);
  const handle = await worker.start(held.input);
  await held.gate.reached;
  await (said === undefined ? handle.signal('pause') : handle.signal('pause', said));
  held.gate.open();
  return { ...held, handle, progress: await becomes(handle, 'paused') };
}

test('pause waits at the page boundary, keeps what is committed, and resume reads the rest', async () => {
  const { source, handle, progress } = await pausedInTheMiddle('paused', 1, { reason: 'lunch', by: 'ana' });
  expect(progress.reason).toBe('paused by ana: lunch');
  // Pages in flight when it was said, and no other: the third was held, one was beside it.
  expect(progress.recordsCommitted).toBe(progress.recordsFetched);
  expect(progress.pagesCommitted).toBeLessThanOrEqual(4);
  expect(await pausesOf(source)).toEqual([{ reason: 'lunch', until: null, by: 'ana' }]);
  await handle.signal('resume');
  expect(await handle.result()).toMatchObject({ outcome: 'done', total: 600 });
  expect(await runsOf(source)).toEqual(['continued', 'done']);
  expect(await pausesOf(source)).toEqual([]);
});

test('a pause without a word of why is a pause', async () => {
  const { handle, progress } = await pausedInTheMiddle('no-word', 2);
  expect(progress.reason).toBe('paused');
  await handle.signal('resume');
  expect(await handle.result()).toMatchObject({ outcome: 'done', total: 600 });
});

test('a pause with an end ends by itself', async () => {
  const { source, input, gate } = sources.hold('until', 3);
  const run = await worker.start(input);
  await gate.reached;
  await run.signal('pause', { until: new Date(Date.now() + 3_000).toISOString(), reason: 'a moment' });
  gate.open();
  expect(await run.result()).toMatchObject({ outcome: 'done', total: 600 });
  expect(await findPause(database.pool, source)).toBeNull();
  expect(await runsOf(source)).toEqual(['continued', 'done']);
});

test('an end that is no time is told, and the pause holds', async () => {
  const { handle, progress } = await pausedInTheMiddle('no-time', 4, { until: 'tomorrow', reason: 'lunch' });
  expect(progress.reason).toMatch(/^paused: lunch \(`until` was no time like .* is ignored\)$/);
  await handle.signal('resume');
  await handle.result();
});

test('a paused source stays paused when its run is terminated, and the next run waits with the same reason', async () => {
  const { source, handle, input } = await pausedInTheMiddle('terminated', 5, { reason: 'incident' });
  await handle.terminate('a test');
  const next = await worker.start(input);
  expect(await becomes(next, 'paused')).toMatchObject({ reason: 'paused: incident', pagesFetched: 0 });
  await next.signal('resume');
  expect(await next.result()).toMatchObject({ outcome: 'done' });
  expect(await runsOf(source)).toEqual(['abandoned', 'done']);
});

test('a scheduled start of a paused source is skipped and says why; of one whose run waits, too', async () => {
  const { source, handle, input } = await pausedInTheMiddle('scheduled', 6, { reason: 'incident' });
  expect(await worker.sync(input, `scheduled/${source}-1`)).toMatchObject({
    outcome: 'paused',
    reason: 'paused: incident',
    total: 0,
  });
  await handle.terminate('a test');
  expect(await worker.sync(input, `scheduled/${source}-2`)).toMatchObject({ outcome: 'paused' });
  expect(await runsOf(source)).toHaveLength(1);
  const next = await worker.start(input);
  await becomes(next, 'paused');
  await next.signal('resume');
  await next.result();
});

test('what is said to a scheduled run reaches the sync it stands for', async () => {
  const { source, input, gate } = sources.hold('relayed', 7);
  const parent = await worker.start(input, `scheduled/${source}`);
  await gate.reached;
  await parent.signal('pause', { reason: 'by its parent' });
  gate.open();
  const child = worker.client.workflow.getHandle(`sync/${source}`) as unknown as SyncHandle;
  expect(await becomes(child, 'paused')).toMatchObject({ reason: 'paused: by its parent' });
  await parent.signal('resume');
  expect(await parent.result()).toMatchObject({ outcome: 'done', total: 600 });
});

test('a scheduled run that is cancelled leaves the sync it stands for alone', async () => {
  const { source, input, gate } = sources.hold('left-alone', 13);
  const parent = await worker.start(input, `scheduled/${source}`);
  await gate.reached;
  await parent.cancel();
  await expect(parent.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  gate.open();
  const child = worker.client.workflow.getHandle(`sync/${source}`) as unknown as SyncHandle;
  expect(await child.result()).toMatchObject({ outcome: 'done', total: 600 });
});

test('stop ends a paused run, and the pause stays for the next', async () => {
  const { source, handle, input } = await pausedInTheMiddle('stopped', 8, { reason: 'night' });
  await handle.signal('stop');
  expect(await handle.result()).toMatchObject({ outcome: 'stopped' });
  expect(await pausesOf(source)).toMatchObject([{ reason: 'night' }]);
  const next = await worker.start(input);
  await becomes(next, 'paused');
  await next.signal('resume');
  expect(await next.result()).toMatchObject({ outcome: 'done' });
});

test('cancel ends a paused run', async () => {
  const { handle, input } = await pausedInTheMiddle('cancelled', 9);
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  const next = await worker.start(input);
  await becomes(next, 'paused');
  await next.signal('resume');
  await next.result();
});

test('pause, resume, pause in one breath: the last word counts', async () => {
  const { input, gate, source } = sources.hold('breath', 10);
  const handle = await worker.start(input);
  await gate.reached;
  for (const [signal, said] of [
    ['pause', { reason: 'one' }],
    ['resume', undefined],
    ['pause', { reason: 'two' }],
  ] as const)
    await handle.signal(signal, said);
  gate.open();
  expect(await becomes(handle, 'paused')).toMatchObject({ reason: 'paused: two' });
  expect(await pausesOf(source)).toMatchObject([{ reason: 'two' }]);
  await handle.signal('resume');
  expect(await handle.result()).toMatchObject({ outcome: 'done', total: 600 });
});

test('resume overtakes the writing of the pause: no later run finds a pause nobody wants', async () => {
  const { source, input, gate } = sources.hold('overtaken', 13);
  const slow = createGate();
  slowWrites.set(source, slow);
  const handle = await worker.start(input);
  await gate.reached;
  await handle.signal('pause', { reason: 'a slip' });
  await slow.reached;
  gate.open();
  await becomes(handle, 'paused');
  await handle.signal('resume');
  await eventually('the run is closed, to go on in a new one', async () => (await runsOf(source))[0] === 'continued');
  slow.open();
  expect(await handle.result()).toMatchObject({ outcome: 'done', total: 600 });
  expect(await pausesOf(source)).toEqual([]);
});

test('a pause whose time is over hinders nobody', async () => {
  const { source, input, gate } = sources.hold('over', 11);
  gate.open();
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done' });
  await savePause(database.pool, source, {
    reason: 'old',
    until: new Date(Date.now() - 1_000).toISOString(),
    by: null,
  });
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done_empty' });
});

test('setBatch changes the pages from the next one on; what it cannot be is refused by field', async () => {
  const { source, input, gate } = sources.hold('batch', 12);
  const handle = await worker.start(input);
  await gate.reached;
  const update = (change: unknown) => handle.executeUpdate('setBatch', { args: [change] });
  expect(await update({ events: 50 })).toEqual({ events: 50 });
  expect(await update({ inFlight: 1 })).toEqual({ events: 50, inFlight: 1 });
  for (const wrong of [{ events: 0 }, { events: '5' }, { pages: 3 }, { inFlight: 99 }, {}, null, [1]]) {
    await expect(update(wrong)).rejects.toMatchObject({ cause: { message: expect.stringMatching(/^batch/) } });
  }
  gate.open();
  expect(await handle.result()).toMatchObject({ outcome: 'done', total: 600 });
  const { rows } = await database.pool.query<{ fetched: number }>(
    'select fetched from ledger where source = $1 order by epoch, seq',
    [source],
  );
  expect(rows.slice(0, 3).map(({ fetched }) => fetched)).toEqual([100, 100, 100]);
  expect(rows.slice(4).every(({ fetched }) => fetched <= 100)).toBe(true);
});

test('nothing was lost, doubled or invented by any of it', async () => {
  const inputs = sources.expected.reduce((sum, { inputs: count }) => sum + count, 0);
  expect(await checkLedger(database.pool, sources.expected)).toEqual({ inputs, ...clean });
});
