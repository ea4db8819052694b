// The checker that all guarantees rest on is itself made to fail: each kind of damage turns its own figure red.
import { beforeAll, describe, expect, test } from 'vitest';
import { openDatabase, testDatabase } from '../support/database.js';
import { checkLedger, clean, expectedOfSynthetic } from '../support/ledger-checker.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const options = { events: 700, seed: 11, duplicates: 0.2, hostile: true, pageEvents: 100 };
const database = testDatabase();
let worker: TestWorker;
const source = uniqueSource('checked');
const expected = [expectedOfSynthetic(source, options)];

beforeAll(async () => {
  worker = await testWorker(database);
  const result = await worker.sync({ source: { type: 'synthetic', id: source, options }, batch: { events: 200 } });
  expect(result).toMatchObject({ outcome: 'done', total: 700 });
  await worker.stop();
});

test('it is green for a sync that was not disturbed', async () => {
  expect(await checkLedger(database.pool, expected)).toEqual({ inputs: 700, ...clean });
});

test('its own idea of the inputs is not empty: there are repeats, events and dead letters', () => {
  const [{ events, dead, inputs }] = expected as [(typeof expected)[0]];
  const letters = [...dead.values()].reduce((sum, times) => sum + times, 0);
  expect(letters).toBeGreaterThan(10);
  expect(events.size).toBeGreaterThan(400);
  expect(events.size + letters).toBeLessThan(inputs);
});

describe('it goes red', () => {
  async function verdictAfter(damage: string): Promise<Record<string, unknown>> {
    const session = await database.pool.connect();
    try {
      await session.query('begin');
      await session.query(damage);
      // The checker sees the damage inside this transaction; nobody else ever does.
      return { ...(await checkLedger(session as never, expected)) };
    } finally {
      await session.query('rollback');
      session.release();
    }
  }

  test('when one event is deleted: lost', async () => {
    expect(await verdictAfter(`delete from events where id = (select min(id) from events)`)).toMatchObject({
      lost: 1,
      astray: 2,
    });
  });

  test('when one dead letter is deleted: lost', async () => {
    expect(
      await verdictAfter(
        `delete from dead_letters where ordinal = (select min(ordinal) from dead_letters where page = 1) and page = 1`,
      ),
    ).toMatchObject({ lost: 1 });
  });

  test('when one event is doubled: doubled', async () => {
    const copy = `insert into events select ingested_at + interval '1 s' as ingested_at, source, id, type, subject, time, priority, content_hash,
      epoch, page, ordinal, flags, data, enrichment, raw from events order by id limit 1`;
    expect(await verdictAfter(copy)).toMatchObject({ lost: 0, doubled: 1, astray: 2 });
  });

  test('when one dead letter is doubled: doubled', async () => {
    const copy = `insert into dead_letters select source, epoch, page, ordinal + 100000, stage, code, error, event, raw from dead_letters limit 1`;
    expect(await verdictAfter(copy)).toMatchObject({ doubled: 1 });
  });

  test('when an event is there that no input gave: invented', async () => {
    expect(
      await verdictAfter(`update events set id = 'made-up' where id = (select min(id) from events)`),
    ).toMatchObject({ lost: 1, invented: 1 });
  });

  test.each([
    ['a value in the data', `data = jsonb_set(data, '{amount}', '0.5')`],
    ['the type', `type = type || 's'`],
    ['the subject', `subject = subject || 's'`],
    ['the time', `time = time + interval '1 ms'`],
    ['the content hash', `content_hash = sha256(content_hash)`],
  ])('when %s of one event is changed: altered', async (_what, change) => {
    expect(await verdictAfter(`update events set ${change} where id = '11-1'`)).toMatchObject({ lost: 0, altered: 1 });
  });

  test('when the position moves ahead of what is stored: astray', async () => {
    expect(
      await verdictAfter(`update source_cursors set cursor = '{"v":1,"next":900}', digest = 'ahead'`),
    ).toMatchObject({ astray: 1 });
  });

  test('when a page is missing from the ledger: astray', async () => {
    expect(await verdictAfter(`delete from ledger where seq = 2`)).toMatchObject({ astray: 4 });
  });

  test('when an event has lost its hash, so that it could come in again: astray', async () => {
    expect(await verdictAfter(`delete from event_hashes where event_id = '11-1'`)).toMatchObject({ astray: 1 });
  });
});

test('a position moved ahead loses what it skipped, and the next sync does not hide it', async () => {
  const apart = await openDatabase();
  const skipping = await testWorker(apart);
  const skipped = uniqueSource('skipped');
  const small = { events: 300, seed: 12, pageEvents: 100 };
  try {
    await skipping.sync({ source: { type: 'synthetic', id: skipped, options: { ...small, events: 100 } } });
    await apart.pool.query(`update source_cursors set cursor = '{"v":1,"next":200}'`);
    await skipping.sync({ source: { type: 'synthetic', id: skipped, options: small } });
    expect(await checkLedger(apart.pool, [expectedOfSynthetic(skipped, small)])).toMatchObject({
      lost: 100,
      doubled: 0,
      invented: 0,
    });
  } finally {
    await skipping.stop();
    await apart.drop();
  }
});
