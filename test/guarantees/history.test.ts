// A run's history stays small, private and readable: it is cut before the server's limit, and holds page keys, digests and
// counts; no event, no cursor.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syntheticId } from '../../src/sources/synthetic.js';
import { testDatabase } from '../support/database.js';
import { checkLedger, clean, expectedOfSynthetic } from '../support/ledger-checker.js';
import { chainOf, payloadsOf, type ChainRun } from '../support/histories.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const options = { events: 1_000, seed: 41, duplicates: 0.1, pageEvents: 5, bytes: 64 };
const source = uniqueSource('many-pages');
let worker: TestWorker;
let chain: ChainRun[];

beforeAll(async () => {
  worker = await testWorker(database);
  const handle = await worker.start({ source: { type: 'synthetic', id: source, options }, batch: { events: 5 } });
  expect(await handle.result()).toMatchObject({ outcome: 'done', total: 1_000, errors: 0 });
  chain = await chainOf(worker.client, handle);
}, 180_000);
afterAll(() => worker.stop());

test('200 small pages go on in a new run before the history is long, and the count goes over the whole chain', async () => {
  expect(chain.length).toBeGreaterThan(1);
  const { rows } = await database.pool.query('select outcome from runs where source = $1 order by epoch', [source]);
  expect(rows.map(({ outcome }) => outcome)).toEqual([...chain.slice(1).map(() => 'continued'), 'done']);
  expect(await checkLedger(database.pool, [expectedOfSynthetic(source, options)])).toEqual({ inputs: 1_000, ...clean });
});

test('no run has 4,096 events or 4 MiB', () => {
  for (const { events, bytes } of chain) {
    expect(events).toBeLessThan(4_096);
    expect(bytes).toBeLessThan(4 * 1024 * 1024);
  }
});

test('no payload is larger than 16 KiB', () => {
  const largest = Math.max(...chain.flatMap((run) => payloadsOf(run.history).map((payload) => payload.length)));
  expect(largest).toBeGreaterThan(100);
  expect(largest).toBeLessThanOrEqual(16 * 1024);
});

test('no event data and no cursor is in the history', async () => {
  const { rows } = await database.pool.query<{ payload: string }>(
    `select data ->> 'payload' as payload from events order by id limit 50`,
  );
  const text = chain.flatMap((run) => payloadsOf(run.history).map(String)).join('\n');
  expect(text).toContain('"digest"');
  for (const { payload } of rows) expect(text).not.toContain(payload.slice(0, 24));
  expect(text).not.toContain(syntheticId(options, 7));
  expect(text).not.toMatch(/"next"|"cursor"/);
});
