// Each activity fails once, before its effect, after it ("done, but reported as failed"), and inside the transaction.
// Temporal tries again; the table then holds what it would hold without the failure.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SyncResult } from '../../src/domain/sync-result.js';
import { testDatabase } from '../support/database.js';
import { faultPoints, faulty, timesAt, type FaultPoint } from '../support/faults.js';
import { checkLedger, clean, expectedOfSynthetic } from '../support/ledger-checker.js';
import { testWorker, uniqueSource, type SyncHandle, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const options = { events: 600, seed: 21, duplicates: 0.2, hostile: true, pageEvents: 50 };
const cases = faultPoints.map((point) => ({ point, source: uniqueSource(`failing-${point.toLowerCase()}`) }));
const fired = new Set<string>();
const handles = new Map<FaultPoint, SyncHandle>();
let worker: TestWorker;

beforeAll(async () => {
  const pointOf = new Map(cases.map(({ point, source }) => [source, point]));
  worker = await testWorker(
    database,
    faulty((point, source, times) => {
      if (pointOf.get(source) !== point || times !== timesAt(point)) return;
      fired.add(source);
      throw new Error(`made to fail at ${point}`);
    }),
  );
  for (const { point, source } of cases) {
    handles.set(
      point,
      await worker.start({ source: { type: 'synthetic', id: source, options }, batch: { events: 150 } }),
    );
  }
});
afterAll(() => worker.stop());

test.each(cases)('a failure at $point loses, doubles and invents nothing', async ({ point, source }) => {
  const result = (await handles.get(point)!.result()) as SyncResult;
  expect(fired).toContain(source);
  expect(result).toMatchObject({ outcome: 'done', total: options.events, errors: 0 });
  const { rows } = await database.pool.query(`select count(*)::integer as events from events where source = $1`, [
    source,
  ]);
  expect(rows[0].events).toBe(result.inserted);
});

test('over all of them the ledger is clean', async () => {
  await Promise.all([...handles.values()].map((handle) => handle.result()));
  const verdict = await checkLedger(
    database.pool,
    cases.map(({ source }) => expectedOfSynthetic(source, options)),
  );
  expect(verdict).toEqual({ inputs: cases.length * options.events, ...clean });
});
