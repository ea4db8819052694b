// Pages in flight: committed in page order, and none after one that failed is even tried.
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.js';
import { testDatabase } from '../support/database.js';
import { createGate } from '../support/gate.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
/** Opens when the last stage of the third page is over. */
const thirdIsReady = createGate();
const persisted: number[] = [];
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database, { activities: firstPageFails });
});
afterAll(() => worker.stop());

/** The second and the third page have only persist before them when the first fails there. */
function firstPageFails(real: Activities): Activities {
  return {
    ...real,
    async enrich(input) {
      const report = await real.enrich(input);
      if (input.page.seq === 3) thirdIsReady.open();
      return report;
    },
    async persist(input) {
      persisted.push(input.page.seq);
      if (input.page.seq !== 1) return real.persist(input);
      await thirdIsReady.pass();
      throw ApplicationFailure.nonRetryable('the disk is gone', 'NeedsAttention', { code: 'disk' });
    },
  };
}

test('pages that are ready when the one before them fails are not sent to be stored', async () => {
  const source = uniqueSource('in-flight');
  const handle = await worker.start({
    source: { type: 'synthetic', id: source, options: { events: 30, pageEvents: 10 } },
    batch: { events: 10, inFlight: 3 },
  });
  await expect(handle.result()).rejects.toMatchObject({ cause: { message: 'the disk is gone' } });
  // As the history says: what a worker was not asked to do is not there.
  const { events } = await handle.fetchHistory();
  const scheduled = events!.flatMap(
    ({ activityTaskScheduledEventAttributes: asked }) => asked?.activityType?.name ?? [],
  );
  expect(scheduled.filter((name) => name === 'enrich')).toHaveLength(3);
  expect(scheduled.filter((name) => name === 'persist')).toHaveLength(1);
  expect(persisted).toEqual([1]);
});
