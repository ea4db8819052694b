// A source goes with all it has, or leaves its events with what proves them; nothing of another source is touched.
import { beforeAll, expect, test } from 'vitest';
import { Fenced } from '../../src/domain/errors.js';
import { limits } from '../../src/limits.js';
import { decideLetters } from '../../src/store/decide-letters.js';
import { deleteOldPages, insertPage } from '../../src/store/pages.js';
import { persistPage } from '../../src/store/persist.js';
import {
  fenceRuns,
  finishRemoval,
  markRemoval,
  removeRows,
  tablesOfSources,
  type EventsWord,
} from '../../src/store/remove-source.js';
import { listRemoved } from '../../src/store/sources.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { aPage, aPageFacts, aSourceRow, events, openedRun, type BuiltRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

/** Names of all tables with rows of sources, as the catalogue has them; partitions are of their table. */
async function tables(): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
      where a.attname = 'source' and c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace
      order by c.relname`,
  );
  return rows.map(({ name }) => name).filter((name) => name !== 'source_removals');
}

async function rowsOf(source: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of await tables()) {
    const { rows } = await database.pool.query<{ n: number }>(
      `select count(*)::integer as n from ${name} where source = $1`,
      [source],
    );
    if (rows[0]!.n > 0) counts[name] = rows[0]!.n;
  }
  return counts;
}

/** A source with something in every table: what a table holds of it does not matter to its removal. */
async function full(id: string, count = 3): Promise<BuiltRun> {
  const run = await openedRun(database.workerPool, aSourceRow({ id }));
  await insertPage(
    database.workerPool,
    { ...aPageFacts({ source: id, epoch: run.epoch, seq: 1 }), records: 1, events: 1, bytes: 1, last: true },
    Buffer.from('raw'),
  );
  const letter = {
    ordinal: count,
    stage: 'validate',
    code: 'not_json',
    error: 'no JSON',
    event: null,
    raw: Buffer.from('x'),
  };
  const deferred = {
    ordinal: count + 1,
    stage: 'mine',
    event: {},
    context: {},
    processed: [],
    attempts: 1,
    nextAt: new Date(),
    error: null,
  };
  const statePatch = [{ kind: 'tip', key: 'main', value: 1 }];
  await persistPage(
    database.workerPool,
    aPage(run, { events: events(id, count), dead: [letter], deferred: [deferred], statePatch }),
  );
  const { pool } = database;
  await decideLetters(pool, { source: id, decision: 'discarded', by: 'ada', reason: 'x' });
  await pool.query(`insert into source_pauses (source) values ($1)`, [id]);
  await pool.query(
    `insert into source_waits (source, state, code, message, until) values ($1, 'rate_limited', 'c', 'm', now())`,
    [id],
  );
  await pool.query('insert into express_heads (source) values ($1)', [id]);
  await pool.query(`insert into outbox (source, event_id, rule) values ($1, 'event-0', 'r')`, [id]);
  await pool.query(
    `insert into stage_outputs (source, epoch, page, stage, ordinal, answer) values ($1, 9, 9, 'mine', 0, 'advance')`,
    [id],
  );
  await pool.query(
    `insert into embedding_inputs select ingested_at, source, id, $2 from events where source = $1 and id = 'event-0'`,
    [id, Buffer.from(id)],
  );
  await pool.query(
    `insert into embedding_inputs select ingested_at, source, id, 'both' from events where source = $1 and id = 'event-1'`,
    [id],
  );
  await pool.query(`insert into embedding_models (model, dimensions) values ('m', 1) on conflict do nothing`);
  await pool.query(
    `insert into embeddings (input_hash, model, dimensions, vector) values ($1, 'm', 1, '{1}'), ('both', 'm', 1, '{1}') on conflict do nothing`,
    [Buffer.from(id)],
  );
  return run;
}

async function remove(id: string, word: EventsWord): Promise<number> {
  await markRemoval(database.pool, id, word, 'ada');
  await fenceRuns(database.pool, id);
  const removed = await removeRows(database.pool, id, word, () => undefined);
  await finishRemoval(database.pool, id, word);
  return removed;
}

async function vectors(): Promise<string[]> {
  const { rows } = await database.pool.query<{ hash: Buffer }>('select input_hash as hash from embeddings order by 1');
  return rows.map(({ hash }) => hash.toString());
}

let other: Record<string, number>;

beforeAll(async () => {
  await full('other');
  other = await rowsOf('other');
});

test('every table that has rows of a source is known', async () => {
  expect(await tables()).toEqual([...tablesOfSources].sort());
  expect(Object.keys(other)).toEqual(await tables());
});

test('with its events: nothing of it is left but a line that it was there, vectors others use stay, and all is proved', async () => {
  await full('gone');
  expect(await vectors()).toEqual(['both', 'gone', 'other']);
  expect(await remove('gone', 'delete')).toBe(3);
  expect(await rowsOf('gone')).toEqual({});
  expect(await vectors()).toEqual(['both', 'other']);
  const { rows } = await database.pool.query(
    'select source, type, events::integer, removed_by, removed_at is not null as done from source_removals',
  );
  expect(rows).toEqual([{ source: 'gone', type: 'synthetic', events: 3, removed_by: 'ada', done: true }]);
  expect((await database.pool.query(`select from sources where id = 'gone'`)).rowCount).toBe(0);
  expect(await rowsOf('other')).toEqual(other);
  expect(await verifySources(database.pool, { source: 'gone', contents: null })).toEqual([]);
});

test('its name is free then, and its events are stored again', async () => {
  await full('anew');
  await remove('anew', 'delete');
  const run = await openedRun(database.workerPool, aSourceRow({ id: 'anew', origin: 'elsewhere' }));
  expect(await persistPage(database.workerPool, aPage(run, { events: events('anew', 3) }))).toMatchObject({
    inserted: 3,
  });
  expect(await listRemoved(database.workerPool, ['anew', 'gone', 'other', 'unknown'])).toEqual(['gone']);
  await remove('anew', 'delete');
  expect(await listRemoved(database.workerPool, ['anew', 'gone', 'other', 'unknown'])).toEqual(['anew', 'gone']);
});

test('events kept: what proves them stays, what reading needs goes, and verify says what it said before', async () => {
  const run = await full('kept');
  const [before, proved] = [
    await rowsOf('kept'),
    await verifySources(database.pool, { source: 'kept', contents: () => true }),
  ];
  expect(await remove('kept', 'keep')).toBe(0);
  const { pages: _, source_pauses: __, stage_outputs: ___, source_waits: ____, ...left } = before;
  // The removal is its last run.
  expect(await rowsOf('kept')).toEqual({ ...left, runs: left['runs']! + 1 });
  expect(await verifySources(database.pool, { source: 'kept', contents: () => true })).toEqual(proved);
  await expect(
    persistPage(database.workerPool, aPage({ ...run, seq: 1 }, { events: events('kept', 1, 7) })),
  ).rejects.toThrow(Fenced);
  // Its events go when somebody says so later.
  expect(await remove('kept', 'delete')).toBe(3);
  expect(await rowsOf('kept')).toEqual({});
});

test('more than one batch, and told as it goes', async () => {
  await full('long', 4_500);
  await markRemoval(database.pool, 'long', 'delete', 'ada');
  await fenceRuns(database.pool, 'long');
  const told: number[] = [];
  expect(await removeRows(database.pool, 'long', 'delete', (removed) => told.push(removed))).toBe(4_500);
  expect(told).toEqual([2_000, 4_000, 4_500]);
  await finishRemoval(database.pool, 'long', 'delete');
  expect(await rowsOf('long')).toEqual({});
});

test('half removed, it is proved by nobody, refused to every run, and a later word cannot keep its events', async () => {
  await full('half', 4_500);
  await markRemoval(database.pool, 'half', 'delete', 'ada');
  await fenceRuns(database.pool, 'half');
  const ended = removeRows(database.pool, 'half', 'delete', () => {
    throw new Error('killed');
  });
  await expect(ended).rejects.toThrow('killed');
  expect((await verifySources(database.pool, { source: null, contents: () => true })).filter(({ ok }) => !ok)).toEqual(
    [],
  );
  expect(
    (await verifySources(database.pool, { source: null, contents: null })).map(({ source }) => source),
  ).not.toContain('half');
  await expect(openedRun(database.workerPool, aSourceRow({ id: 'half' }))).rejects.toThrow('is being removed');
  await expect(markRemoval(database.pool, 'half', 'keep', 'ada')).rejects.toThrow('keep-events: comes too late');
  expect(await remove('half', 'delete')).toBe(2_500);
  const { rows } = await database.pool.query(`select events::integer from source_removals where source = 'half'`);
  expect(rows).toEqual([{ events: 4_500 }]);
});

test('a worker may not remove what it wrote', async () => {
  await full('theirs');
  await markRemoval(database.workerPool, 'theirs', 'keep', 'worker');
  await expect(markRemoval(database.workerPool, 'theirs', 'delete', 'worker')).rejects.toMatchObject({ code: '42501' });
  await expect(removeRows(database.workerPool, 'theirs', 'delete', () => undefined)).rejects.toMatchObject({
    code: '42501',
  });
});

test('raw pages are kept as long as their source says, else as long as all', async () => {
  const ages: Record<string, number> = { short: 2, usual: 8, longer: 8 };
  for (const [id, days] of Object.entries(ages)) {
    const run = await openedRun(database.workerPool, aSourceRow({ id }));
    await insertPage(
      database.workerPool,
      { ...aPageFacts({ source: id, epoch: run.epoch, seq: 1 }), records: 1, events: 1, bytes: 1, last: true },
      Buffer.from('raw'),
    );
    await persistPage(database.workerPool, aPage(run));
    // Another epoch, so that the page is not the position's.
    await openedRun(database.workerPool, aSourceRow({ id }));
    await database.pool.query('update pages set fetched_at = now() - make_interval(days => $2) where source = $1', [
      id,
      days,
    ]);
  }
  await database.pool.query(`update sources set settings = '{"rawRetentionDays": 1}' where id = 'short'`);
  await database.pool.query(`update sources set settings = '{"rawRetentionDays": 30}' where id = 'longer'`);
  await deleteOldPages(database.workerPool, limits.rawRetentionDays, 100);
  const { rows } = await database.pool.query('select source from pages where source = any($1)', [Object.keys(ages)]);
  expect(rows).toEqual([{ source: 'longer' }]);
});
