// deduplicate: which event of equal ones goes on, and where the others are counted. The counters are those of A1, in our terms:
// duplicate = repeats in the page and remembered ones, existing = known to the store.
import { beforeEach, expect, test } from 'vitest';
import type { HashedEvent } from '../../src/domain/event.js';
import type { Stage } from '../../src/domain/stage.js';
import { createDeduplicate } from '../../src/stages/deduplicate.js';
import { createRecentKeys, type RecentKeys } from '../../src/stages/recent-keys.js';
import { persistPage } from '../../src/store/persist.js';
import { clearRecentHashes } from '../../src/store/recent-hash-clearings.js';
import { aBatch, after, anEvent, aPage, aSource, openedRun, type BuiltRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();
let run: BuiltRun;

beforeEach(async () => {
  run = await openedRun(database.workerPool);
});

const event = (n: number, ordinal = n): HashedEvent => ({ ...anEvent(run.source, n), ordinal });
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => event(from + at));

/** One worker's stage for each memory. */
const stages = new Map<RecentKeys, Stage>();

/** Through deduplicate and persist, as a page goes. */
async function store(events: readonly HashedEvent[], recent: RecentKeys) {
  const stage = stages.get(recent) ?? createDeduplicate(database.workerPool, recent);
  stages.set(recent, stage);
  const batch = await stage.run(aBatch([], { events }), { source: aSource(() => []), options: {}, runId: run.runId });
  const { duplicate, existing, skippedKeys } = batch;
  const page = aPage(run, {
    events: batch.events.map((one) => ({ event: one, enrichment: null })),
    duplicate,
    existing,
    skippedKeys,
  });
  const counts = await persistPage(database.workerPool, page);
  recent.remember(batch.events.map(({ key }) => key));
  run = after(run, page);
  expect(counts.fetched).toBe(events.length);
  expect(counts.inserted + counts.duplicate + counts.existing).toBe(events.length);
  return { inserted: counts.inserted, duplicate: counts.duplicate, existing: counts.existing };
}

test('nothing in, nothing counted (A1.1)', async () => {
  expect(await store([], createRecentKeys(10))).toEqual({ inserted: 0, duplicate: 0, existing: 0 });
});

test('five times one event is one and four repeats; then remembered; then, forgotten, known to the store (A1.2–A1.4)', async () => {
  const recent = createRecentKeys(5_000);
  expect(
    await store(
      [0, 1, 2, 3, 4].map((ordinal) => event(1, ordinal)),
      recent,
    ),
  ).toEqual({ inserted: 1, duplicate: 4, existing: 0 });
  expect(
    await store(
      [0, 1, 2].map((ordinal) => event(1, ordinal)),
      recent,
    ),
  ).toEqual({ inserted: 0, duplicate: 3, existing: 0 });
  recent.clear();
  expect(await store([event(1)], recent)).toEqual({ inserted: 0, duplicate: 0, existing: 1 });
});

test('told to by anybody, a worker forgets before its next page, once (P2)', async () => {
  const recent = createRecentKeys(5_000);
  expect(await store(range(0, 3), recent)).toEqual({ inserted: 3, duplicate: 0, existing: 0 });
  await clearRecentHashes(database.pool);
  expect(await store(range(0, 3), recent)).toEqual({ inserted: 0, duplicate: 0, existing: 3 });
  expect(await store(range(3, 6), recent)).toEqual({ inserted: 3, duplicate: 0, existing: 0 });
  expect(await store(range(3, 6), recent)).toEqual({ inserted: 0, duplicate: 3, existing: 0 });
});

test('ten new ones, again, and again after a restart: ten rows (A1.5)', async () => {
  const recent = createRecentKeys(5_000);
  expect(await store(range(0, 10), recent)).toEqual({ inserted: 10, duplicate: 0, existing: 0 });
  expect(await store(range(0, 10), recent)).toEqual({ inserted: 0, duplicate: 10, existing: 0 });
  expect(await store(range(0, 10), createRecentKeys(5_000))).toEqual({ inserted: 0, duplicate: 0, existing: 10 });
});

test('a memory of ten holds the last ten of fifteen (A1.6)', async () => {
  const recent = createRecentKeys(10);
  expect(await store(range(0, 15), recent)).toEqual({ inserted: 15, duplicate: 0, existing: 0 });
  expect(recent.size).toBe(10);
  expect(await store(range(0, 5), recent)).toEqual({ inserted: 0, duplicate: 0, existing: 5 });
  expect(await store(range(10, 15), recent)).toEqual({ inserted: 0, duplicate: 5, existing: 0 });
});

test('any page size inserts the same events; only where the repeats are counted moves (A1.16)', async () => {
  const numbers = Array.from({ length: 3_000 }, (_, at) => (at * 7_919) % 1_700);
  for (const size of [100, 1_000, 3_000]) {
    run = await openedRun(database.workerPool);
    const recent = createRecentKeys(500);
    let [inserted, known] = [0, 0];
    for (let from = 0; from < numbers.length; from += size) {
      const counts = await store(
        numbers.slice(from, from + size).map((n, ordinal) => event(n, ordinal)),
        recent,
      );
      inserted += counts.inserted;
      known += counts.duplicate + counts.existing;
    }
    expect([size, inserted, known]).toEqual([size, 1_700, 1_300]);
  }
});

test('70,000 events are looked up in one go, and a failed look-up is an error, never "nothing known" (A1.10)', async () => {
  const events = range(0, 70_000);
  expect(await store(events, createRecentKeys(0))).toMatchObject({ inserted: 70_000 });
  expect(await store(events, createRecentKeys(0))).toEqual({ inserted: 0, duplicate: 0, existing: 70_000 });
  const unreachable = { query: () => Promise.reject(new Error('connection refused')) } as never;
  const looking = createDeduplicate(unreachable, createRecentKeys(0)).run(aBatch([], { events: [event(1)] }), {
    source: aSource(() => []),
    options: {},
    runId: '',
  });
  await expect(looking).rejects.toThrow('connection refused');
});

test('the first of equal events stays, with or without memory', async () => {
  const batch = await createDeduplicate(database.workerPool, createRecentKeys(0)).run(
    aBatch([], { events: [event(1, 4), event(2, 5), event(1, 6)] }),
    { source: aSource(() => []), options: {}, runId: run.runId },
  );
  expect(batch.events.map(({ ordinal }) => ordinal)).toEqual([4, 5]);
  expect(batch.duplicate).toBe(1);
});
