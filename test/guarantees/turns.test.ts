// More sources than a worker reads at once: those that wait for their turn say so, come in the order of their start, and are
// held up by nobody for ever; what is said to one in line holds at once.
import { expect, test } from 'vitest';
import { setbacksOf } from '../../src/clients/sync/setbacks.js';
import { createTurns } from '../../src/activities/turns.js';
import type { Progress } from '../../src/workflows/messages.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { createHeldSources } from '../support/held-sources.js';
import { checkLedger, clean, expectedOfSynthetic, type ExpectedSource } from '../support/ledger-checker.js';
import { ended, testWorker, uniqueQueue, uniqueSource, type SyncHandle, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const lapseMs = 3_600_000;
const expected: ExpectedSource[] = [];

function inputOf(source: string, events = 20) {
  const options = { events, seed: 1 + expected.length, pageEvents: 20 };
  expected.push(expectedOfSynthetic(source, options));
  return { source: { type: 'synthetic', id: source, options }, batch: { events: 20, inFlight: 1 } };
}

function progressOf(worker: TestWorker, { workflowId }: SyncHandle): Promise<Progress> {
  return worker.client.workflow.getHandle(workflowId).query('progress');
}

async function becomes(worker: TestWorker, handle: SyncHandle, state: string): Promise<Progress> {
  return eventually(`${handle.workflowId} is ${state}`, async () => {
    const progress = await progressOf(worker, handle);
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

test('a source in line says so and takes nothing; stop, pause, poll and cancel hold at once; then it is read', async () => {
  const held = createHeldSources();
  const worker = await testWorker(database, { ...held.fault, turns: createTurns({ atOnce: 1, lapseMs }) });
  const first = held.hold('first', 1);
  const reading = await worker.start(first.input);
  await first.gate.reached;
  const names = ['waits', 'stopped', 'paused', 'polled', 'cancelled'] as const;
  const sources = Object.fromEntries(names.map((name) => [name, uniqueSource(name)])) as Record<
    (typeof names)[number],
    string
  >;
  const handles = {} as Record<(typeof names)[number], SyncHandle>;
  for (const name of names) {
    handles[name] = await worker.start(inputOf(sources[name]));
    await becomes(worker, handles[name], 'waiting');
  }
  const { waits } = sources;
  expect(await progressOf(worker, handles.waits)).toMatchObject({ source: waits, type: 'synthetic', epoch: 0 });
  expect(await setbacksOf(worker.client, handles.cancelled.workflowId)).toEqual([
    expect.objectContaining({ source: sources.cancelled, code: 'in_line', failed: 0, nextAt: null }),
  ]);
  expect(await runsOf(waits)).toEqual([]);

  await Promise.all([
    handles.stopped.signal('stop'),
    handles.paused.signal('pause', { reason: 'lunch' }),
    handles.polled.signal('poll'),
    handles.cancelled.cancel(),
  ]);
  expect(await handles.stopped.result()).toMatchObject({ outcome: 'stopped', total: 0 });
  expect(await becomes(worker, handles.paused, 'paused')).toMatchObject({ reason: 'paused: lunch' });
  expect(await handles.polled.result()).toMatchObject({ outcome: 'done', total: 20 });
  await expect(handles.cancelled.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(await runsOf(sources.cancelled)).toEqual([]);
  for (const never of [sources.stopped, sources.cancelled])
    expected.splice(
      expected.findIndex(({ source }) => source === never),
      1,
    );
  await handles.paused.signal('resume');
  expect(await handles.paused.result()).toMatchObject({ outcome: 'done', total: 20 });
  expect((await progressOf(worker, handles.waits)).state).toBe('waiting');

  first.gate.open();
  expect(await reading.result()).toMatchObject({ outcome: 'done', total: 600 });
  expect(await handles.waits.result()).toMatchObject({ outcome: 'done', total: 20 });
  expected.push(...held.expected);
  await worker.stop();
});

test('a source whose worker ends while it is in line is read by the next one', async () => {
  const taskQueue = uniqueQueue('line');
  const first = await testWorker(database, { taskQueue, turns: createTurns({ atOnce: 0, lapseMs }) });
  const handle = await first.start(inputOf(uniqueSource('handed-over')));
  await becomes(first, handle, 'waiting');
  const next = await testWorker(database, { taskQueue });
  await first.stop();
  expect(await next.client.workflow.getHandle(handle.workflowId).result()).toMatchObject({
    outcome: 'done',
    total: 20,
  });
  await next.stop();
});

test('a large source and fifty small ones: the large one holds up none, nor they it', async () => {
  const worker = await testWorker(database, { turns: createTurns({ atOnce: 4, lapseMs: 1_000 }) });
  const large = uniqueSource('large');
  const small = Array.from({ length: 50 }, (_, at) => uniqueSource(`small-${at}`));
  // Whose turn comes first is Temporal's to say, where all are started in one moment.
  const reading = await worker.start(inputOf(large, 1_000));
  await becomes(worker, reading, 'running');
  const results = await Promise.all([
    ended(reading.result()),
    ...small.map((source) => ended(worker.sync(inputOf(source)))),
  ]);
  expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['done']));
  const { rows } = await database.pool.query<{ source: string; opened: Date; closed: Date }>(
    'select source, opened_at as opened, closed_at as closed from runs where source = any($1) order by closed_at',
    [[large, ...small]],
  );
  const [at, { opened, closed }] = [
    rows.findIndex(({ source }) => source === large),
    rows.find(({ source }) => source === large)!,
  ];
  // Many small ones began and ended while it was read, and it did not wait for the end of all.
  expect(rows.slice(0, at).filter((one) => one.opened > opened).length).toBeGreaterThan(5);
  const { rows: pages } = await database.pool.query<{ before: number }>(
    `select count(*)::integer as before from ledger where source = $1 and committed_at < (
       select closed_at from runs where source = any($2) order by closed_at offset 25 limit 1)`,
    [large, small],
  );
  expect(pages[0]!.before).toBeGreaterThan(1);
  expect(closed > opened).toBe(true);
  await worker.stop();
}, 120_000);

test('all of it is stored once', async () => {
  const inputs = expected.reduce((sum, one) => sum + one.inputs, 0);
  expect(await checkLedger(database.pool, expected)).toEqual({ inputs, ...clean });
});
