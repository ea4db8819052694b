// An event stage: each event is shown to it once, a few at a time; what it answers is recorded before the page goes on;
// and an event it chokes on is deferred alone (requirements E2–E4, A5.1, A5.6, A5.7, A5.11).
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { checkEventStages, type Answer, type EventStage } from '../../../src/domain/event-stage.js';
import type { Batch } from '../../../src/domain/stage.js';
import { limits } from '../../../src/limits.js';
import { createEventStage } from '../../../src/stages/own/event-stage.js';
import { startWorker } from '../../../src/workers/worker.js';
import { aBatch, anEvent, aPageFacts, aSource } from '../../support/builders.js';
import { testDatabase } from '../../support/database.js';
import { createGate } from '../../support/gate.js';
import { advance, countingStage, timesShown } from '../../support/event-stages.js';

const database = testDatabase();
let pages = 0;

/** A page of its own each time, so that no test reads the answers of another. */
function batchOf(count: number, part: Partial<Batch> = {}): Batch {
  const events = Array.from({ length: count }, (_, at) => anEvent('built', at));
  return aBatch([], { page: aPageFacts({ seq: ++pages }), events, ...part });
}

const context = { source: aSource(() => []), options: {}, runId: 'run' };

function pipeline(stage: EventStage, cancelled?: AbortSignal) {
  const made = createEventStage(database.workerPool, stage);
  return async (batch: Batch) => made.run(batch, cancelled === undefined ? context : { ...context, cancelled });
}

async function recorded(batch: Batch): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    'select count(*)::integer as n from stage_outputs where page = $1',
    [batch.page.seq],
  );
  return rows[0]!.n;
}

test('each event is shown once, and answered by itself: one goes on, one is removed, one is deferred', async () => {
  const stage = countingStage('sorting', ({ data }) =>
    data.n === 0
      ? advance
      : data.n === 1
        ? { kind: 'remove' }
        : { kind: 'defer', afterMs: 60_000, context: { seen: 1 }, error: 'later' },
  );
  const before = Date.now();
  const batch = await pipeline(stage)(batchOf(3));
  expect(batch.events.map(({ ordinal }) => ordinal)).toEqual([0]);
  expect(batch).toMatchObject({
    removed: 1,
    deferred: [{ ordinal: 2, stage: 'sorting', context: { seen: 1 }, error: 'later', attempts: 1 }],
  });
  expect(batch.deferred[0]!.nextAt.getTime()).toBeGreaterThanOrEqual(before + 60_000);
  expect(timesShown(stage)).toEqual({ 1: 3 });
});

test('what was answered is read back, by another worker too: no event is shown again (E3)', async () => {
  const page = batchOf(2_500);
  const stage = countingStage('once', ({ data }) =>
    Number(data.n) % 2 === 0 ? { kind: 'advance', context: { n: data.n! } } : { kind: 'remove' },
  );
  const first = await pipeline(stage)(page);
  const again = await pipeline(stage)(page);
  expect(timesShown(stage)).toEqual({ 1: 2_500 });
  expect(await recorded(page)).toBe(2_500);
  expect([again.events, again.contexts, again.removed]).toEqual([first.events, first.contexts, 1_250]);
});

test('an event that deduplicate let through only the second time is asked about, the others are not', async () => {
  const page = batchOf(10);
  const stage = countingStage('missing');
  await pipeline(stage)({ ...page, events: page.events.slice(0, 9) });
  expect((await pipeline(stage)(page)).events).toHaveLength(10);
  expect(timesShown(stage)).toEqual({ 1: 10 });
});

test('of two attempts at once the first answer counts, for both', async () => {
  const page = batchOf(50);
  let asked = 0;
  const stage = countingStage('racing', async () => {
    const turn = (asked += 1);
    await pause(turn % 7);
    return { kind: 'advance', context: { turn } };
  });
  const [one, other] = await Promise.all([pipeline(stage)(page), pipeline(stage)(page)]);
  expect(one.contexts).toEqual(other.contexts);
  expect(await recorded(page)).toBe(50);
});

test.each<[string, () => Answer]>([
  [
    'throws',
    () => {
      throw new Error('no such\0owner \ud800');
    },
  ],
  ['answers nothing', () => undefined as unknown as Answer],
  ['answers nonsense', () => ({ kind: 'maybe' }) as unknown as Answer],
  ['names no time', () => ({ kind: 'defer', nextAt: new Date('never') })],
  ['notes a number that is none', () => ({ kind: 'advance', context: { n: Number.NaN } })],
  ['notes a date', () => ({ kind: 'advance', context: { at: new Date() as unknown as string } })],
  ['notes a NUL', () => ({ kind: 'advance', context: { text: 'a\0b' } })],
  ['notes too much', () => ({ kind: 'advance', context: { text: 'x'.repeat(limits.eventContextCharsMax) } })],
])('an event for which the stage %s is deferred with a reason; its page goes on (A5.11)', async (_what, answer) => {
  const page = batchOf(10);
  const batch = await pipeline(countingStage('choking', ({ data }) => (data.n === 4 ? answer() : advance)))(page);
  expect(batch.events).toHaveLength(9);
  expect(batch.deferred).toEqual([expect.objectContaining({ ordinal: 4, error: expect.stringMatching(/^[^\0]+$/) })]);
  expect(batch.deferred[0]!.nextAt.getTime()).toBeGreaterThan(Date.now());
});

test('the pause grows with each attempt, up to an hour', async () => {
  const pauses: number[] = [];
  for (const attempts of [0, 1, 2, 8]) {
    const failing = countingStage('failing', () => {
      throw new Error('away');
    });
    const before = Date.now();
    const batch = await pipeline(failing)(batchOf(1, { returned: new Map([[0, { attempts, processed: [] }]]) }));
    pauses.push(Math.round((batch.deferred[0]!.nextAt.getTime() - before) / 1_000));
  }
  expect(pauses).toEqual([1, 4, 16, 3_600]);
});

test('no more events at once than the stage bears, over all pages of the worker', async () => {
  const stage = countingStage('narrow', async () => pause(2).then(() => advance), 3);
  const run = pipeline(stage);
  await Promise.all([run(batchOf(20)), run(batchOf(20)), run(batchOf(20))]);
  expect(stage.peak()).toBe(3);
});

test("what one stage notes a later one sees; numbers keep their type, and its own copy is the stage's alone", async () => {
  const noted = {
    n: 7,
    half: 0.5,
    big: 2 ** 53 - 1,
    tiny: 5e-324,
    text: 'é',
    list: [1, '1', null],
    nothing: null,
    yes: true,
  };
  const seen: unknown[] = [];
  const first = countingStage('noting', () => ({ kind: 'advance', context: { ...noted, dropped: undefined } }));
  const spoiling = countingStage('spoiling', (_event, context) => {
    context.n = 'spoilt';
    return { kind: 'advance', context: { extra: 1 } };
  });
  const last = countingStage('seeing', (_event, context) => {
    seen.push(context);
    return advance;
  });
  const page = batchOf(1);
  // A worker for each stage: what it sees came through the table.
  for (const stages of [[first], [first, spoiling], [first, spoiling, last]]) {
    let batch = page;
    for (const stage of stages) batch = await pipeline(stage)(batch);
  }
  expect(seen).toEqual([{ ...noted, extra: 1 }]);
});

test('a cancelled stage records what it has, begins nothing more and answers for nobody', async () => {
  const page = batchOf(10);
  const cancel = new AbortController();
  const gate = createGate();
  const stage = countingStage(
    'cancelled',
    async ({ data }) => (data.n === 2 ? gate.pass().then(() => advance) : advance),
    1,
  );
  const running = pipeline(stage, cancel.signal)(page);
  await gate.reached;
  cancel.abort(new Error('the worker goes'));
  await expect(running).rejects.toThrow('the worker goes');
  gate.open();
  expect(stage.shown.size).toBe(3);
  expect(await recorded(page)).toBe(2);
  expect((await pipeline(stage)(page)).events).toHaveLength(10);
  expect(timesShown(stage)).toEqual({ 1: 9, 2: 1 });
});

test('a record that cannot be written fails the attempt, and the next one goes on', async () => {
  const page = batchOf(3);
  const stage = countingStage('unwritten');
  const broken = { query: database.workerPool.query.bind(database.workerPool) } as typeof database.workerPool;
  broken.query = ((text: string, values: unknown[]) =>
    text.startsWith('insert')
      ? Promise.reject(new Error('the database is away'))
      : database.workerPool.query(text, values)) as never;
  await expect(createEventStage(broken, stage).run(page, context)).rejects.toThrow('the database is away');
  expect((await pipeline(stage)(page)).events).toHaveLength(3);
});

test.each<[string, Partial<EventStage>[], string]>([
  ['a concurrency of 0', [{ concurrency: 0 }], 'stages.0.concurrency'],
  ['a concurrency of 1.5', [{ concurrency: 1.5 }], 'stages.0.concurrency'],
  ['the same name twice', [{ name: 'owner' }, { name: 'owner' }], 'stages.1.name'],
  ['the name of a built-in stage', [{ name: 'persist' }], 'stages.0.name'],
  ['no name', [{ name: '' }], 'stages.0.name'],
  ['a name that could be an activity of ours', [{ name: 'openRun' }], 'stages.0.name'],
])('%s is refused at start, by name (A5.6)', async (_what, parts, field) => {
  const stages = parts.map((part) => ({ ...countingStage('fine'), ...part }));
  expect(() => checkEventStages(stages)).toThrow(expect.objectContaining({ name: 'InvalidInput', field }));
  const nowhere = {
    pool: database.workerPool,
    temporalAddress: '127.0.0.1:1',
    namespace: 'default',
    taskQueue: 'q',
    home: '/',
    recentHashesMax: 0,
  };
  await expect(startWorker({ ...nowhere, stages })).rejects.toThrow(field);
});
