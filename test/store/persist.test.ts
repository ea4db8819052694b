// persist: a page becomes true in one transaction, or not at all; repeating it is harmless, and a fenced run changes nothing.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.js';
import { Fenced } from '../../src/domain/errors.js';
import type { JsonObject } from '../../src/domain/event.js';
import { findCursor } from '../../src/store/cursors.js';
import { persistPage } from '../../src/store/persist.js';
import { StaleCache } from '../../src/store/skips.js';
import { scanState } from '../../src/store/source-state.js';
import type { PersistPoint } from '../../src/store/writing.js';
import { after, anEvent, aPage, aRun, aSourceRow, events, openedRun, stored } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

async function count(table: string, source: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::integer as n from ${table} where source = $1`,
    [source],
  );
  return rows[0]!.n;
}

async function everything(source: string): Promise<unknown> {
  const tables = ['events', 'event_hashes', 'ledger', 'commits', 'dead_letters', 'deferred', 'source_state'];
  const counts = await Promise.all(tables.map((table) => count(table, source)));
  return [counts, await findCursor(database.pool, source)];
}

test('a page brings its events, state, deferred events, dead letters, ledger entry, commit and position together', async () => {
  const run = await openedRun(database.workerPool);
  const page = aPage(run, {
    events: events(run.source, 3),
    duplicate: 1,
    removed: 2,
    suppressed: 3,
    statePatch: [{ kind: 'tip', key: 'main', value: 'abc' }],
    deferred: [
      {
        ordinal: 7,
        stage: 'enrich',
        event: { id: 'later' },
        context: {},
        processed: [],
        attempts: 1,
        nextAt: new Date(),
        error: null,
      },
    ],
    dead: [
      { ordinal: 8, stage: 'validate', code: 'not_json', error: 'no JSON', event: null, raw: Buffer.from([0xff]) },
    ],
  });
  const counts = await persistPage(database.workerPool, page);
  expect(counts).toEqual({
    fetched: 11,
    inserted: 3,
    duplicate: 1,
    existing: 0,
    suppressed: 3,
    removed: 2,
    deferred: 1,
    dead: 1,
    failures: 0,
  });
  expect(await everything(run.source)).toEqual([
    [3, 3, 1, 1, 1, 1, 1],
    expect.objectContaining({ seq: 1, cursor: page.cursor, digest: page.toDigest }),
  ]);
  expect(await scanState(database.pool, run.source, 'tip', { limit: 10 })).toEqual([{ key: 'main', value: 'abc' }]);
});

test.each<PersistPoint>(['begun', 'claimed', 'inserted', 'recorded'])(
  'a failure at %s leaves nothing behind, and the next try brings all',
  async (point) => {
    const run = await openedRun(database.workerPool);
    const page = aPage(run, { events: events(run.source, 5) });
    const before = await everything(run.source);
    const failing = persistPage(database.workerPool, page, async (at) => {
      if (at === point) throw new Error('made to fail');
    });
    await expect(failing).rejects.toThrow('made to fail');
    expect(await everything(run.source)).toEqual(before);
    expect(await persistPage(database.workerPool, page)).toMatchObject({ inserted: 5 });
  },
);

test.each<PersistPoint>(['begun', 'claimed', 'inserted', 'recorded'])(
  'a connection cut at %s is an error of this page, not the end of the process',
  async (point) => {
    const run = await openedRun(database.workerPool);
    const page = aPage(run, { events: events(run.source, 5) });
    const cut = persistPage(database.workerPool, page, async (at, session) => {
      if (at !== point) return;
      const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
      const gone = new Promise((resolve) => session.once('end', resolve));
      await database.pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
      await gone;
    });
    await expect(cut).rejects.toThrow();
    expect(await count('events', run.source)).toBe(0);
    expect(await persistPage(database.workerPool, page)).toMatchObject({ inserted: 5 });
  },
);

test('a page committed before gives its counts again and changes nothing', async () => {
  const run = await openedRun(database.workerPool);
  const page = aPage(run, { events: events(run.source, 4) });
  const counts = await persistPage(database.workerPool, page);
  const before = await everything(run.source);
  expect(await persistPage(database.workerPool, page)).toEqual(counts);
  expect(await everything(run.source)).toEqual(before);
});

test('a page of a run that lost the source writes nothing and names the holder', async () => {
  const source = aSourceRow();
  const old = await openedRun(database.workerPool, source);
  await openedRun(database.workerPool, source, aRun({ runId: 'the-new-one', workflowId: 'sync/new' }));
  const before = await everything(old.source);
  const zombie = persistPage(database.workerPool, aPage(old, { events: events(old.source, 4) }));
  await expect(zombie).rejects.toThrow(Fenced);
  await expect(zombie).rejects.toThrow('held by workflow sync/new run the-new-one');
  expect(await everything(old.source)).toEqual(before);
});

test('a page of an earlier epoch is refused, though the same run holds the source again', async () => {
  const source = aSourceRow();
  const run = aRun();
  const before = await openedRun(database.workerPool, source, run);
  await openedRun(database.workerPool, source, aRun({ firstRunId: run.firstRunId }));
  await openedRun(database.workerPool, source, run, true);
  await expect(persistPage(database.workerPool, aPage(before, { events: events(before.source, 4) }))).rejects.toThrow(
    Fenced,
  );
  expect(await count('events', before.source)).toBe(0);
});

test('a zombie that committed its page before it was fenced off still learns its counts', async () => {
  const source = aSourceRow();
  const old = await openedRun(database.workerPool, source);
  const page = aPage(old, { events: events(old.source, 4) });
  await persistPage(database.workerPool, page);
  await openedRun(database.workerPool, source);
  expect(await persistPage(database.workerPool, page)).toMatchObject({ inserted: 4 });
});

test.each([
  ['skips one', { page: 3 }],
  ['is numbered below what is committed, and is not in the ledger', { page: 0 }],
  ['begins elsewhere', { fromDigest: 'elsewhere' }],
  ['belongs to another run', { runId: 'somebody' }],
])('a page that %s is refused', async (_what, wrong: { page?: number; fromDigest?: string; runId?: string }) => {
  const first = await openedRun(database.workerPool);
  const page1 = aPage(first, { events: events(first.source, 2) });
  await persistPage(database.workerPool, page1);
  const run = after(first, page1);
  const { page: seq, ...rest } = wrong;
  const page = aPage(run, {
    events: events(run.source, 2, 10),
    ...rest,
    ...(seq === undefined ? {} : { page: { source: run.source, epoch: run.epoch, seq } }),
  });
  await expect(persistPage(database.workerPool, page)).rejects.toThrow(Fenced);
  expect(await count('events', run.source)).toBe(2);
});

test('of one page tried eight times at once one commits, and all give the same counts', async () => {
  const run = await openedRun(database.workerPool);
  const page = aPage(run, { events: events(run.source, 50) });
  const results = await Promise.all(Array.from({ length: 8 }, () => persistPage(database.workerPool, page)));
  expect(new Set(results.map((counts) => JSON.stringify(counts))).size).toBe(1);
  expect(await count('events', run.source)).toBe(50);
  expect(await count('ledger', run.source)).toBe(1);
});

test('a known event is counted as existing, whatever the look-up said before (A1.13)', async () => {
  const first = await openedRun(database.workerPool);
  const page1 = aPage(first, { events: events(first.source, 10) });
  await persistPage(database.workerPool, page1);
  const run = after(first, page1);
  const overlapping = aPage(run, { events: events(run.source, 10, 5) });
  expect(await persistPage(database.workerPool, overlapping)).toMatchObject({ fetched: 10, inserted: 5, existing: 5 });
  expect(await count('events', run.source)).toBe(15);
});

test('a skip that rests on an event the store does not have is refused: a cache never hides an event', async () => {
  const run = await openedRun(database.workerPool);
  const { key } = anEvent(run.source, 1);
  const page = aPage(run, { duplicate: 1, skippedKeys: [key, key] });
  await expect(persistPage(database.workerPool, page)).rejects.toThrow(StaleCache);
  expect(await count('ledger', run.source)).toBe(0);
});

test('70,000 events in one page: more than Postgres has bind parameters (A1.10)', async () => {
  const run = await openedRun(database.workerPool);
  const page = aPage(run, { events: events(run.source, 70_000) });
  expect(await persistPage(database.workerPool, page)).toMatchObject({ inserted: 70_000, existing: 0 });
  const next = after(run, page);
  const again = aPage(next, { existing: 70_000, skippedKeys: page.events.map(({ event }) => event.key) });
  expect(await persistPage(database.workerPool, again)).toMatchObject({ inserted: 0, existing: 70_000 });
  expect(await count('events', run.source)).toBe(70_000);
});

test('two sources with the same events write at the same time, each keeps its own, and neither waits for a deadlock', async () => {
  const runs = await Promise.all([openedRun(database.workerPool), openedRun(database.workerPool)]);
  const both = runs.map((run, at) => {
    const all = events(run.source, 2_000);
    return persistPage(database.workerPool, aPage(run, { events: at === 0 ? all : all.toReversed() }));
  });
  expect(await Promise.all(both)).toEqual([
    expect.objectContaining({ inserted: 2_000 }),
    expect.objectContaining({ inserted: 2_000 }),
  ]);
});

test('a ledger entry that does not account for every event is refused by Postgres itself', async () => {
  const run = await openedRun(database.workerPool);
  const wrong = `insert into ledger (source, epoch, seq, from_digest, to_digest, fetched, inserted, duplicate, existing, suppressed, removed, deferred, dead, processing_ms)
    values ($1, 1, 1, '', '', 5, 4, 0, 0, 0, 0, 0, 0, 0)`;
  await expect(database.pool.query(wrong, [run.source])).rejects.toThrow('every_event_is_accounted_for');
});

test('any JSON comes back as it was, and hashing the row again gives the stored hash (A1.12)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ noUnicodeString: false })), {
        minLength: 1,
        maxLength: 30,
      }),
      async (values) => {
        const run = await openedRun(database.workerPool);
        const drafts = values.map((value) => JSON.parse(JSON.stringify(value).replaceAll('\\u0000', '')) as JsonObject);
        const time = '2026-01-02T03:04:05.123456Z';
        const page = aPage(run, {
          events: drafts.map((data, at) => stored(anEvent(run.source, at, data, { time, subject: 'a\tb\\c\nd' }))),
        });
        await persistPage(database.workerPool, page);
        const { rows } = await database.pool.query(
          `select ordinal, type, subject, data, encode(content_hash, 'hex') as hash, to_char(time, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as time from events where source = $1 order by ordinal`,
          [run.source],
        );
        rows.forEach((row, at) => {
          expect(canonicalJson(row.data)).toBe(canonicalJson(drafts[at]));
          const again = anEvent(run.source, row.ordinal, row.data, {
            time: row.time,
            subject: row.subject,
            type: row.type,
          });
          expect(again.contentHash).toBe(row.hash);
        });
      },
    ),
    { numRuns: 25 },
  );
});
