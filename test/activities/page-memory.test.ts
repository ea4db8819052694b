// Pages between two stages are kept in memory, and forgotten where memory would hide what is true now.
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOf } from '../../src/domain/position.js';
import { synthetic } from '../../src/sources/synthetic.js';
import { resetPosition } from '../../src/store/reset-position.js';
import { testDatabase } from '../support/database.js';
import { faulty } from '../support/faults.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const options = { events: 20, seed: 7, duplicates: 0, hostile: false, pageEvents: 20 };
const beforePersist = new Map<string, (times: number) => Promise<void>>();
let worker: TestWorker;

beforeAll(async () => {
  const fault = faulty(async (point, source, times) => {
    if (point === 'persist.before') await beforePersist.get(source)?.(times);
  });
  worker = await testWorker(database, fault);
});
afterAll(() => worker.stop());

test('a page whose persist failed is looked up anew: what was known then may not be known any more', async () => {
  const source = uniqueSource('looked-up');
  const input = { source: { type: 'synthetic', id: source, options } };
  await worker.sync(input);
  await resetPosition(database.pool, source, digestOf(synthetic.initialCursor));
  const tries: number[] = [];
  beforePersist.set(source, async (times) => {
    tries.push(times);
    if (tries.length > 2) throw ApplicationFailure.nonRetryable('the second try saw the look-up of the first');
    // Read again, all is known; before that is committed, the store loses half of it.
    if (tries.length === 1) await loseHalf(source);
  });
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done', total: 20, inserted: 10 });
  expect(tries).toHaveLength(2);
});

async function loseHalf(source: string): Promise<void> {
  const half = String.raw`~ '-\d$'`;
  await database.pool.query(`delete from events where source = $1 and id ${half}`, [source]);
  await database.pool.query(`delete from event_hashes where source = $1 and event_id ${half}`, [source]);
}
