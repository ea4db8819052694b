// Many sources at once in one worker: each has its own position and its own end (E1, A2.18, A2.20–A2.22).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import type { SyncResult } from '../../src/domain/sync-result.js';
import { testDatabase } from '../support/database.js';
import { faulty } from '../support/faults.js';
import { checkLedger, clean, expectedOfSynthetic, type ExpectedSource } from '../support/ledger-checker.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const expected: ExpectedSource[] = [];
let worker: TestWorker;

/** `gone-…` has lost its origin at the second page; `flaky-…` has a bad connection there, once. */
const fault = faulty((point, source, times) => {
  if (point !== 'fetchPage.before' || times !== 2) return;
  if (source.startsWith('gone')) throw ApplicationFailure.nonRetryable('the origin is gone', 'NeedsAttention');
  if (source.startsWith('flaky')) throw Object.assign(new Error('connection reset'), { code: 'ECONNRESET' });
});

beforeAll(async () => {
  worker = await testWorker(database, fault);
});
afterAll(() => worker.stop());

function inputOf(source: string, seed: number, events = 150) {
  const options = { events, seed, duplicates: 0.1, hostile: true, pageEvents: 32 };
  return { source: { type: 'synthetic', id: source, options }, batch: { events: 64, inFlight: 2 } };
}

async function fetchedOf(source: string): Promise<number[]> {
  const { rows } = await database.pool.query<{ fetched: number }>(
    'select fetched from ledger where source = $1 order by epoch, seq',
    [source],
  );
  return rows.map(({ fetched }) => fetched);
}

function noted(source: string, seed: number) {
  const input = inputOf(source, seed);
  expected.push(expectedOfSynthetic(source, input.source.options));
  return input;
}

test('150 events in batches of 64 are 64, 64 and 22, and the last are not held back', async () => {
  const source = uniqueSource('batches');
  expect(await worker.sync(noted(source, 1))).toMatchObject({ outcome: 'done', total: 150 });
  expect(await fetchedOf(source)).toEqual([64, 64, 22]);
});

test('of thirty sources at once, one that fails and one that stumbles leave the others whole', async () => {
  const names = Array.from({ length: 28 }, (_, at) => uniqueSource(`many-${at}`));
  const [flaky, gone] = [uniqueSource('flaky'), uniqueSource('gone')];
  const syncs = [...names, flaky].map((source, at) => worker.sync(noted(source, 100 + at)));
  const failed = worker.sync(inputOf(gone, 200)).catch((error: Error) => error);
  const results: SyncResult[] = await Promise.all(syncs);
  expect(results.map(({ outcome, total }) => `${outcome} ${total}`)).toEqual(results.map(() => 'done 150'));
  expect(await failed).toMatchObject({ cause: { type: 'NeedsAttention', message: 'the origin is gone' } });
  // What came before the failure is kept, and the position stands behind it.
  expect(await fetchedOf(gone)).toEqual([64]);
  expected.push(expectedOfSynthetic(gone, inputOf(gone, 200).source.options));
  expect(await worker.sync({ sourceId: gone })).toMatchObject({ outcome: 'done', total: 86 });
});

test('all of it is stored once', async () => {
  const inputs = expected.reduce((sum, one) => sum + one.inputs, 0);
  expect(await checkLedger(database.pool, expected)).toEqual({ inputs, ...clean });
});
