// The figures of stats are what the rows say: sums from the ledger, types and priorities from the events.
import { beforeAll, expect, test } from 'vitest';
import type { Priority } from '../../../src/domain/event.js';
import { limits } from '../../../src/limits.js';
import { persistPage } from '../../../src/store/persist.js';
import { closeRun } from '../../../src/store/runs.js';
import { statistics } from '../../../src/store/reading/statistics.js';
import { aPage, aSourceRow, anEvent, openedRun, stored } from '../../support/builders.js';
import { testDatabase } from '../../support/database.js';

const database = testDatabase();

async function sourceWith(id: string, count: number, known: number): Promise<void> {
  const run = await openedRun(database.pool, aSourceRow({ id }));
  const events = Array.from({ length: count }, (_, at) =>
    stored(
      anEvent(
        id,
        at,
        { n: at },
        { type: at % 2 === 0 ? 'test.even' : 'test.odd', priority: (at % 10 === 0 ? 4 : 2) as Priority },
      ),
    ),
  );
  await persistPage(database.pool, aPage(run, { events, duplicate: known, ingestedAt: new Date() }));
  await closeRun(database.pool, run, { outcome: 'done', error: null, problems: [] });
}

beforeAll(async () => {
  await sourceWith('acme/api', 30, 5);
  await sourceWith('acme/web', 10, 0);
});

test('totals, by source, type, priority and day', async () => {
  const found = await statistics(database.pool, { days: 7 });
  expect(found).toMatchObject({
    days: 7,
    ever: { fetched: 45, inserted: 40, known: 5, removed: 0, deferred: 0, dead: 0 },
    recent: { inserted: 40 },
    bySource: [
      { source: 'acme/api', type: 'synthetic', inserted: 30, known: 5 },
      { source: 'acme/web', inserted: 10 },
    ],
    byType: { estimated: false, counts: { 'test.even': 20, 'test.odd': 20 } },
    byPriority: { estimated: false, counts: { 2: 36, 4: 4 } },
    deadByStage: {},
  });
  expect(found.byDay).toHaveLength(7);
  expect(found.byDay.at(-1)).toMatchObject({ day: new Date().toISOString().slice(0, 10), inserted: 40 });
  expect(found.byDay.slice(0, -1).every(({ inserted }) => inserted === 0)).toBe(true);
  expect(found.databaseBytes).toBeGreaterThan(1_000_000);
});

test('of one source', async () => {
  const found = await statistics(database.pool, { source: 'acme/web', days: 1 });
  expect(found).toMatchObject({
    ever: { inserted: 10 },
    byType: { counts: { 'test.even': 5, 'test.odd': 5 } },
    byPriority: { counts: { 2: 9, 4: 1 } },
  });
  expect(found.bySource.map(({ source }) => source)).toEqual(['acme/web']);
});

test('runs, with their outcome and their counts', async () => {
  const { runs } = await statistics(database.pool, { days: 7 });
  expect(
    runs.map(({ source, outcome, fetched, inserted, known }) => ({ source, outcome, fetched, inserted, known })),
  ).toEqual([
    { source: 'acme/web', outcome: 'done', fetched: 10, inserted: 10, known: 0 },
    { source: 'acme/api', outcome: 'done', fetched: 35, inserted: 30, known: 5 },
  ]);
  expect(runs.every(({ eventsPerSecond }) => eventsPerSecond !== null && eventsPerSecond > 0)).toBe(true);
});

test('what was stored before the days is in the total and nowhere else', async () => {
  await database.pool.query(
    `update ledger set committed_at = committed_at - interval '10 days' where source = 'acme/web'`,
  );
  const found = await statistics(database.pool, { days: 7 });
  expect(found).toMatchObject({ ever: { inserted: 40 }, recent: { inserted: 30 } });
  expect(found.bySource).toMatchObject([
    { source: 'acme/api', inserted: 30, recent: { inserted: 30 } },
    { source: 'acme/web', inserted: 10, recent: { inserted: 0 } },
  ]);
});

test('above the bound types and priorities are a sample scaled to the exact sum, and say so', async () => {
  const [parts, each] = [5, limits.statisticsCountedEvents / 4];
  const count = parts * each;
  for (let part = 0; part < parts; part++) {
    await database.pool.query(
      `insert into events (ingested_at, source, id, type, priority, epoch, page, ordinal, data)
       select now(), 'acme/api', $1 || '-' || n, case when n % 4 = 0 then 'test.quarter' else 'test.rest' end, 2, 1, 2, n, '{}' from generate_series(1, $2::integer) n`,
      [String(part), each],
    );
  }
  await database.pool.query(
    `insert into ledger (source, epoch, seq, from_digest, to_digest, fetched, inserted, duplicate, existing, suppressed, removed, deferred, dead, processing_ms)
     values ('acme/api', 1, 2, '', '', $1, $1, 0, 0, 0, 0, 0, 0, 0)`,
    [count],
  );
  await database.pool.query('analyze events');
  const { recent, byType } = await statistics(database.pool, { days: 7 });
  expect(recent.inserted).toBeGreaterThanOrEqual(count);
  expect(byType.estimated).toBe(true);
  expect(Math.abs(byType.counts['test.quarter']! / recent.inserted - 0.25)).toBeLessThan(0.02);
  // A type too rare for the sample is listed all the same.
  expect(Object.keys(byType.counts)).toEqual(expect.arrayContaining(['test.even', 'test.odd']));
});
