// What else can go wrong around a page: a worker that halts and wakes up later, connections cut between statements, a page
// that can never be stored, a record no mapper can read.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Source } from '../../src/domain/source.js';
import { builtInSources } from '../../src/sources/index.js';
import { synthetic } from '../../src/sources/synthetic.js';
import { testDatabase } from '../support/database.js';
import { share } from '../support/share.js';
import { eventually } from '../support/eventually.js';
import { faulty, type Fault } from '../support/faults.js';
import { checkLedger, clean, expectedOfSynthetic, type ExpectedSource } from '../support/ledger-checker.js';
import { testClient, testWorker, uniqueQueue, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const program = fileURLToPath(new URL('../support/crashing-worker.mjs', import.meta.url));
const options = { events: 500, seed: 101, duplicates: 0.2, hostile: true, pageEvents: 50 };
const expected: ExpectedSource[] = [];
const faults = new Map<string, Fault>();
let worker: TestWorker;
const mapped: string[] = [];

/** synthetic, with one record in the middle that its mapper was not written for. */
const fragile: Source = {
  ...(synthetic as Source),
  type: 'fragile',
  // A type of events is declared once.
  events: [],
  toEvents(record, given) {
    mapped.push(Buffer.from(record).toString());
    if (String(mapped.at(-1)).includes('"101-33"'))
      throw new TypeError("Cannot read properties of undefined (reading 'length')");
    return synthetic.toEvents(record, given as never);
  },
};

beforeAll(async () => {
  const fault: Fault = (point, source, times) => faults.get(source)?.(point, source, times);
  worker = await testWorker(database, { ...faulty(fault), sources: [...builtInSources, fragile] });
});
afterAll(() => worker.stop());

function inputOf(source: string, type = 'synthetic') {
  return { source: { type, id: source, options }, batch: { events: 100, inFlight: 1 } };
}

function isStopped({ pid }: ChildProcess): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}

// A minute and a half of waiting.
const halts = share(['persist.claimed', 'persist.recorded', 'fetchPage.after'], 0);

test.runIf(process.platform === 'linux').concurrent.each(halts)(
  'a worker that halts at %s and wakes up when all is done changes nothing any more',
  async (point) => {
    const [source, taskQueue] = [uniqueSource(`halted-${point.toLowerCase()}`), uniqueQueue('halted')];
    expected.push(expectedOfSynthetic(source, options));
    const client = await testClient(taskQueue);
    const handle = await client.start(inputOf(source));
    const how = {
      databaseUrl: database.url,
      temporalAddress: inject('temporalAddress'),
      taskQueue,
      home: '/nonexistent/halted',
      point,
      times: 2,
      signal: 'SIGSTOP',
    };
    const child = spawn(process.execPath, [program, JSON.stringify(how)], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    try {
      await eventually('the worker has halted', () => isStopped(child));
      const since = performance.now();
      const survivor = await testWorker(database, { taskQueue });
      expect(await handle.result()).toMatchObject({ outcome: 'done', total: options.events, errors: 0 });
      // Unlike a dead one, a halted worker is handed tasks by its open polls; each is lost for its timeout, until they
      // expire after a minute.
      expect(performance.now() - since).toBeLessThan(90_000);
      await survivor.stop();
      const before = await rowsOf(source);
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await ended;
      expect(await rowsOf(source)).toEqual(before);
    } finally {
      child.kill('SIGKILL');
      await client.close();
    }
  },
  120_000,
);

async function rowsOf(source: string): Promise<unknown> {
  const { rows } = await database.pool.query(
    `select (select count(*) from events where source = $1) as events, (select count(*) from dead_letters where source = $1) as dead,
            (select count(*) from ledger where source = $1) as pages, (select row_to_json(c) from source_cursors c where source = $1) as position`,
    [source],
  );
  return rows[0];
}

test('all connections cut between any two steps cost time, not rows', async () => {
  const source = uniqueSource('cut');
  expected.push(expectedOfSynthetic(source, options));
  let cuts = 0;
  faults.set(source, async (point) => {
    if (!/^(fetchPage|deduplicate|persist)\.(before|after|inserted)$/.test(point) || Math.random() > 0.4 || cuts >= 8)
      return;
    cuts += 1;
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tributary test worker' and datname = current_database()`,
    );
  });
  expect(await worker.sync(inputOf(source))).toMatchObject({ outcome: 'done', total: options.events });
  expect(cuts).toBeGreaterThan(0);
});

test('a page that cannot be stored: those before it are, none after it is, the source says so, and the next run goes on there (A1.8)', async () => {
  const source = uniqueSource('broken');
  expected.push(expectedOfSynthetic(source, options));
  faults.set(source, (point, _source, times) => {
    if (point === 'persist.before' && times === 3)
      throw ApplicationFailure.nonRetryable('the disk is gone', 'NeedsAttention', { code: 'disk' });
  });
  const failing = worker.sync({ ...inputOf(source), batch: { events: 100, inFlight: 4 } });
  await expect(failing).rejects.toMatchObject({ cause: { type: 'NeedsAttention', message: 'the disk is gone' } });
  const { rows } = await database.pool.query(
    `select outcome, error, (select count(*)::integer from ledger l where l.source = r.source) as pages,
            (select cursor ->> 'next' from source_cursors c where c.source = r.source) as next from runs r where source = $1`,
    [source],
  );
  expect(rows).toEqual([{ outcome: 'needs_attention', error: 'the disk is gone', pages: 2, next: '200' }]);
  faults.delete(source);
  expect(await worker.sync(inputOf(source))).toMatchObject({ outcome: 'done', total: 300 });
});

test('a record its mapper was not written for is a dead letter; each of the others is mapped once and stored in order (A5.1, A5.3, A5.11)', async () => {
  const source = uniqueSource('fragile');
  const plain = { ...options, duplicates: 0, hostile: false };
  const result = await worker.sync({
    source: { type: 'fragile', id: source, options: plain },
    batch: { events: 100, inFlight: 1 },
  });
  expect(result).toMatchObject({ outcome: 'done', total: 500, inserted: 499, dead_letters: 1 });
  expect(mapped).toHaveLength(500);
  const { rows } = await database.pool.query('select id from events where source = $1 order by page, ordinal', [
    source,
  ]);
  expect(rows.map(({ id }) => id)).toEqual(
    Array.from({ length: 500 }, (_, n) => `101-${n}`).filter((id) => id !== '101-33'),
  );
  const letters = await database.pool.query('select stage, code, error from dead_letters where source = $1', [source]);
  expect(letters.rows).toEqual([
    { stage: 'validate', code: 'mapper_failed', error: expect.stringContaining('Cannot read') },
  ]);
  await database.pool.query('delete from events where source = $1', [source]);
});

test('after all of this the ledger is clean', async () => {
  const inputs = expected.reduce((sum, one) => sum + one.inputs, 0);
  expect(await checkLedger(database.pool, expected)).toEqual({ inputs, ...clean });
});
