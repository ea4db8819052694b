// Postgres is away while a run takes its source: the run waits, a first one for some minutes and one that goes on for another
// for a day, and when Postgres is back it goes on as if nothing had been.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { synthetic } from '../../src/sources/synthetic.js';
import type { Source } from '../../src/domain/source.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { growing, growthOf } from '../support/growing-source.js';
import { checkLedger, clean, expectedOfSynthetic } from '../support/ledger-checker.js';
import { postgresLine, type PostgresLine } from '../support/postgres-line.js';
import { testWorker, uniqueSource, type SyncHandle, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
let line: PostgresLine;
let worker: TestWorker;
/** The next run of this source that goes on for another finds Postgres away. */
let cutBefore = '';

beforeAll(async () => {
  line = await postgresLine(database.url);
  worker = await testWorker(
    { url: database.url, pool: database.pool, workerPool: line.pool },
    {
      sources: [synthetic as unknown as Source, growing],
      activities: (real) => ({
        ...real,
        async openRun(request) {
          const { sourceId = '' } = request.input as { readonly sourceId?: string };
          if (sourceId !== '' && cutBefore === sourceId) {
            cutBefore = '';
            await line.cut();
          }
          const opened = await real.openRun(request);
          // A follower goes on in a new run after each look.
          return opened.kind === 'run' && opened.plan.mode === 'follow'
            ? { ...opened, plan: { ...opened.plan, historyEventsMax: 20 } }
            : opened;
        },
      }),
    },
  );
});
afterAll(async () => {
  await worker.stop();
  await line.close();
});

/** Of the activity openRun that is tried again and again just now. */
async function triedAgain({ workflowId }: Pick<SyncHandle, 'workflowId'>): Promise<{ readonly attemptsMax: number }> {
  return eventually('openRun failed three times', async () => {
    const { raw } = await worker.client.workflow.getHandle(workflowId).describe();
    const pending = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'openRun');
    if ((pending?.attempt ?? 0) < 4) return null;
    expect(pending?.lastFailure?.message).toMatch(/ECONNREFUSED|terminated|ended/);
    return { attemptsMax: pending?.maximumAttempts ?? 0 };
  });
}

async function rowsOf(source: string): Promise<{ readonly events: number; readonly runs: number }> {
  const { rows } = await database.pool.query<{ events: number; runs: number }>(
    `select (select count(*)::integer from events where source = $1) as events,
            (select count(*)::integer from runs where source = $1) as runs`,
    [source],
  );
  return rows[0]!;
}

test('a sync that starts while Postgres is away is one run, and stores each event once, when it is back', async () => {
  const source = uniqueSource('away');
  const options = { events: 500, seed: 7, duplicates: 0.2, hostile: true, pageEvents: 50 };
  await line.cut();
  const handle = await worker.start({ source: { type: 'synthetic', id: source, options } });
  await triedAgain(handle);
  await line.mend();
  expect(await handle.result()).toMatchObject({ outcome: 'done', total: 500, errors: 0 });
  expect((await rowsOf(source)).runs).toBe(1);
  const expected = [expectedOfSynthetic(source, options)];
  expect(await checkLedger(database.pool, expected)).toEqual({ inputs: 500, ...clean });
});

test('a follower that goes on in a new run has the patience of a day, and reads on', async () => {
  const source = uniqueSource('away-later');
  const growth = growthOf(source);
  growth.count = 3;
  const handle = await worker.start({
    source: { type: 'growing', id: source, options: {} },
    mode: 'follow',
    pollIntervalMs: 100,
  });
  await eventually('three are stored', async () => (await rowsOf(source)).events === 3);
  cutBefore = source;
  const { attemptsMax } = await triedAgain(handle);
  // Half a minute between two of them.
  expect(attemptsMax).toBeGreaterThanOrEqual((24 * 60 * 60) / 30);
  growth.count = 7;
  await line.mend();
  await eventually('seven are stored', async () => (await rowsOf(source)).events === 7);
  const latest = worker.client.workflow.getHandle(handle.workflowId);
  await latest.signal('stop');
  expect(await latest.result()).toMatchObject({ outcome: 'stopped', inserted: 7, total: 7 });
  expect((await rowsOf(source)).events).toBe(7);
});
