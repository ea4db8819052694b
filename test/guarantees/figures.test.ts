// Every figure means one thing, wherever it is told (docs/figures.md): whatever was done to a source, in whatever order, status,
// stats, progress, the result and verify say the same, each as the rows have it, and none is below nothing.
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { Transient } from '../../src/domain/errors.js';
import { digestOf } from '../../src/domain/position.js';
import type { SyncResult } from '../../src/domain/sync-result.js';
import { synthetic } from '../../src/sources/synthetic.js';
import { decideLetters, type Decision } from '../../src/store/decide-letters.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { listDeadLetters } from '../../src/store/reading/search-dead-letters.js';
import { listSourceStatus } from '../../src/store/reading/source-status.js';
import { statistics } from '../../src/store/reading/statistics.js';
import { resetPosition } from '../../src/store/reset-position.js';
import { closeEndedRuns } from '../../src/workers/ended-runs.js';
import type { Progress } from '../../src/workflows/messages.js';
import { tributary } from '../clients/command.js';
import { testDatabase } from '../support/database.js';
import { advance, countingStage } from '../support/event-stages.js';
import { eventually } from '../support/eventually.js';
import { faulty } from '../support/faults.js';
import { createGate, type Gate } from '../support/gate.js';
import { mendableSource } from '../support/mendable-source.js';
import { testWorker, uniqueSource, type SyncHandle, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const mapper = mendableSource();
/** The next page of a source waits here before it is committed; `lost`: it is not. */
const held = new Map<string, { readonly gate: Gate; readonly lost: boolean }>();
let worker: TestWorker;

beforeAll(async () => {
  const picky = countingStage('picky', ({ data, attempt }) => {
    const index = Number(data['index']);
    if (index % 11 === 3) return { kind: 'remove' };
    if (attempt > 1 || index % 7 > 1) return advance;
    return { kind: 'defer', afterMs: index % 7 === 0 ? 0 : 3_600_000 };
  });
  const failing = {
    name: 'failing',
    canProcess: () => true,
    enrich: ({ id }: { id: string }) => {
      if (id.endsWith('.0')) throw new Error('not today');
      return { seen: true };
    },
  };
  const faults = faulty(async (point, source) => {
    const here = point === 'persist.before' ? held.get(source) : undefined;
    await here?.gate.pass();
    if (here?.lost === true) throw new Transient('lost', 'its run was terminated');
  });
  const embed = {
    url: 'http://127.0.0.1:1/v1',
    model: 'none',
    key: async () => undefined,
    fields: { '*': ['payload'] },
    patience: { pauseMs: 1, restMs: 1 },
  };
  worker = await testWorker(database, { sources: [mapper], stages: [picky], processors: [failing], embed, ...faults });
});
afterAll(() => worker.stop());

interface Story {
  readonly source: string;
  /** From 0 to 1, by its seed. */
  readonly random: () => number;
  events: number;
}

function storyOf(seed: number): Story {
  let state = seed;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return { source: uniqueSource('figures'), random, events: 0 };
}

function start(story: Story): Promise<SyncHandle> {
  mapper.mended = story.random() < 0.4;
  story.events += Math.ceil(story.random() * 60);
  const options = { events: story.events, seed: 71, pageEvents: 10, duplicates: 0.2 };
  return worker.start({ source: { type: 'synthetic', id: story.source, options }, batch: { events: 40, inFlight: 2 } });
}

function hold({ source }: Story, lost: boolean): Gate {
  const gate = createGate();
  held.set(source, { gate, lost });
  return gate;
}

async function decide({ source, random }: Story, decision: Decision): Promise<void> {
  const open = await listDeadLetters(database.pool, { source, state: 'open' }, 10_000);
  const keys = open.filter(() => random() < 0.5);
  if (keys.length > 0) await decideLetters(database.pool, { source, keys, decision, by: 'ada', reason: 'so' });
}

/** What is done to a source between two looks at its figures. With a result: of the sync it ended with. */
const deeds: Readonly<Record<string, (story: Story) => Promise<SyncHandle | void>>> = {
  sync: start,
  redrive: async (story) => {
    await decide(story, 'redriven');
    return start(story);
  },
  'redrive without a sync': (story) => decide(story, 'redriven'),
  discard: (story) => decide(story, 'discarded'),
  'what was deferred is due': async (story) => {
    await database.pool.query('update deferred set next_at = now() where source = $1', [story.source]);
    return start(story);
  },
  'all is read again': async (story) => {
    await resetPosition(database.pool, story.source, digestOf(synthetic.initialCursor));
    return start(story);
  },
  pause: async (story) => {
    const gate = hold(story, false);
    const handle = await start(story);
    if (await reached(gate, handle)) await handle.signal('pause', { reason: 'lunch' });
    held.delete(story.source);
    gate.open();
    await eventually('it is paused, or had nothing to do', async () => {
      const { state } = await progressOf(story.source);
      return state === 'paused' || state === 'done';
    });
    await handle.signal('resume').catch(() => undefined);
    return handle;
  },
  terminate: async (story) => {
    const gate = hold(story, true);
    const handle = await start(story);
    if (await reached(gate, handle)) await handle.terminate('a test');
    gate.open();
    await handle.result().catch(() => undefined);
    held.delete(story.source);
  },
};

/** False where it ended without a page. */
function reached(gate: Gate, handle: SyncHandle): Promise<boolean> {
  return Promise.race([gate.reached.then(() => true), handle.result().then(() => false)]);
}

function progressOf(source: string): Promise<Progress> {
  return worker.client.workflow.getHandle(`sync/${source}`).query<Progress>('progress');
}

async function rowsOf(source: string) {
  const { rows } = await database.pool.query<Record<string, number>>(
    `select (select count(*) from events where source = $1)::integer as inserted,
            (select count(*) from deferred where source = $1)::integer as deferred,
            (select count(*) filter (where not exists (select from dead_letter_decisions d where (d.source, d.epoch, d.page, d.ordinal) = (l.source, l.epoch, l.page, l.ordinal)))
               from dead_letters l where source = $1)::integer as dead,
            (select count(*) from dead_letter_decisions d where source = $1 and decision = 'discarded' and not exists (
               select from dead_letter_decisions r where r.decision = 'redriven' and (d.source, d.epoch, d.page, d.ordinal) = (r.source, r.epoch, r.page, r.ordinal)))::integer as discarded`,
    [source],
  );
  return rows[0]!;
}

/** As the source's figures now: by status, stats and verify, each with the rows there are. */
async function expectAgreement(source: string, after: string): Promise<void> {
  const [status] = await listSourceStatus(database.pool, source);
  const { ever, recent, bySource, deadByStage, runs } = await statistics(database.pool, { source, days: 7 });
  const [proof] = await verifySources(database.pool, { source, contents: null });
  const { fetched, inserted, known, removed, deferred, dead, discarded } = status!;
  const now = { fetched, inserted, known, removed, deferred, dead, discarded };
  expect({ ok: proof!.ok, ...now }, after).toMatchObject({ ok: true, ...(await rowsOf(source)) });
  expect({ stats: ever, verify: proof!.figures, bySource: bySource[0] }, after).toMatchObject({
    stats: now,
    verify: now,
    bySource: { ...now, recent },
  });
  expect(fetched, after).toBe(inserted + known + removed + deferred + dead + discarded);
  // All of it happened within these days.
  expect(recent.fetched - recent.returned, after).toBe(fetched);
  expect([recent.inserted, recent.known, recent.removed], after).toEqual([inserted, known, removed]);
  expect(sum(deadByStage), after).toBe(dead);
  for (const figures of [now, recent, ...runs]) {
    const below = Object.entries(figures).filter(([, figure]) => typeof figure === 'number' && figure < 0);
    expect(below, after).toEqual([]);
  }
}

function sum(figures: Readonly<Record<string, number>>): number {
  return Object.values(figures).reduce((total, figure) => total + figure, 0);
}

/** One line for each figure: what the result, progress and stats say of the sync. */
async function tableOf(source: string, result: SyncResult) {
  const progress = await progressOf(source);
  const run = (await statistics(database.pool, { source, days: 7 })).runs[0]!;
  const { skipped_duplicate: duplicate, skipped_existing: existing } = result;
  return {
    fetched: [result.total, progress.fetched, run.fetched],
    inserted: [result.inserted, progress.inserted, run.inserted],
    known: [duplicate + existing, progress.duplicate + progress.suppressed + progress.existing, run.known],
    removed: [result.removed, progress.removed, run.removed],
    deferred: [result.deferred, progress.deferred, run.deferred],
    dead_letters: [result.dead_letters, progress.dead, run.dead],
    errors: [result.errors, progress.failures, run.failures],
    worked: [result.processing_time_ms, progress.workedMs, run.workedMs],
    a_second: [progress.eventsPerSecond, progress.eventsPerSecond, run.eventsPerSecond],
  };
}

/** Every deed at least once, the rest and the order by chance. */
function orderOf({ random }: Story): string[] {
  const names = Object.keys(deeds);
  return ['sync', ...names, ...names.slice(0, 3)].toSorted(() => random() - 0.5);
}

test.each([1_201, 77])(
  'in an order by chance (seed %i), all tell the same of each figure',
  async (seed) => {
    const story = storyOf(seed);
    await (await start(story)).result();
    for (const [at, name] of orderOf(story).entries()) {
      const after = `${at}: ${name}`;
      const handle = await deeds[name]!(story);
      if (handle !== undefined) {
        const result = await handle.result();
        for (const [figure, [one, ...others]] of Object.entries(await tableOf(story.source, result)))
          expect(others, `${after}: ${figure}`).toEqual([one, one]);
        const { total, inserted, skipped_duplicate, skipped_existing, removed, deferred, dead_letters } = result;
        expect(total, after).toBe(inserted + skipped_duplicate + skipped_existing + removed + deferred + dead_letters);
      }
      await expectAgreement(story.source, after);
    }
  },
  120_000,
);

test('failures of processors and of the embedder are errors of the sync, and its events are stored', async () => {
  const story = storyOf(5);
  const result = await (await start(story)).result();
  const { rows } = await database.pool.query<{ failed: number }>(
    `select ((select sum(failed) from run_processors where source = $1)
              + (select sum((measures -> 'embed' ->> 'failed')::integer) from ledger where source = $1))::integer as failed`,
    [story.source],
  );
  expect(result).toMatchObject({ outcome: expect.stringContaining('done'), errors: rows[0]!.failed });
  expect(result.errors).toBeGreaterThan(result.inserted / 2);
});

test('a sync works neither while it is paused nor while it waits: its time and its rate are without', async () => {
  const story = storyOf(9);
  const gate = hold(story, false);
  const handle = await start(story);
  await gate.reached;
  await handle.signal('pause');
  held.delete(story.source);
  gate.open();
  await eventually('it is paused', async () => (await progressOf(story.source)).state === 'paused');
  const pausedAt = performance.now();
  // Some moments: what a second source takes to be read.
  await (await start(storyOf(10))).result();
  const pausedMs = performance.now() - pausedAt;
  await handle.signal('resume');
  const { processing_time_ms: workedMs, total } = await handle.result();
  const { rows } = await database.pool.query<{ ms: number; worked: number }>(
    `select (extract(epoch from max(closed_at) - min(opened_at)) * 1000)::float8 as ms, sum(worked_ms)::float8 as worked from runs where source = $1`,
    [story.source],
  );
  expect(rows[0]!.worked).toBe(workedMs);
  expect(workedMs).toBeLessThanOrEqual(rows[0]!.ms - pausedMs);
  const { runs } = await statistics(database.pool, { source: story.source, days: 7 });
  expect(runs).toMatchObject([{ outcome: 'done_with_deferred', fetched: total, workedMs }]);
  expect(runs[0]!.eventsPerSecond).toBe(Math.round((total * 1_000) / workedMs));
});

function command(address: string, ...words: string[]) {
  const environment = { DATABASE_URL: database.url, TEMPORAL_ADDRESS: address, TRIBUTARY_TASK_QUEUE: worker.taskQueue };
  return tributary(words, { ...environment, TRIBUTARY_HOME: '/nonexistent' });
}

async function itemOf(source: string, address: string): Promise<Record<string, unknown> | undefined> {
  return (await command(address, 'status', '--json')).items.find((item) => item['source'] === source);
}

test('status tells of a run that was terminated, also by hand; where Temporal is away, what was known last', async () => {
  const story = storyOf(11);
  const gate = hold(story, true);
  const handle = await start(story);
  await gate.reached;
  const { source } = story;
  const there = inject('temporalAddress');
  expect(await itemOf(source, there)).toMatchObject({ state: 'running', lastKnown: false });
  await handle.terminate('a test');
  gate.open();
  expect(await itemOf(source, there)).toMatchObject({ state: 'terminated', outcome: null });
  expect(await itemOf(source, '127.0.0.1:1')).toMatchObject({ state: 'running', lastKnown: true });
  expect(await closeEndedRuns(database.pool, worker.client.workflow)).toBeGreaterThan(0);
  expect(await itemOf(source, there)).toMatchObject({ state: 'terminated', outcome: 'terminated', lastKnown: false });
  held.delete(source);
  await (await start(story)).result();
  expect(await itemOf(source, there)).toMatchObject({ state: 'idle', outcome: 'done_with_deferred' });
});
