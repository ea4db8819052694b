// Every column of every table that a proof rests on: changed, swapped between rows, a row deleted, a row added. `verify`
// is red each time, names the source, a page and a row, and is green again when the damage is taken back.
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { contentCheck } from '../../src/clients/verify/content-check.js';
import { findUnknownHeads } from '../../src/store/proving/links.js';
import { verifySources, type SourceProof } from '../../src/store/proving/verify.js';
import { testDatabase } from '../support/database.js';
import { fill } from '../support/filled-source.js';
import { createRegistry } from '../../src/sources/index.js';

const database = testDatabase();
const source = 'proved';

beforeAll(async () => {
  await fill(source, database);
});

function proofs(): Promise<SourceProof[]> {
  return verifySources(database.pool, { source: null, contents: contentCheck(createRegistry()) });
}

/** What is broken, and where. */
async function places(): Promise<{ name: string; page: string | null; row: string }[]> {
  const all = await proofs();
  return all.flatMap(({ invariants }) =>
    invariants.flatMap(({ name, found, places: shown }) =>
      found === 0 ? [] : shown.map((place) => ({ name, ...place })),
    ),
  );
}

/** Not proved, each with the reason; docs/verifying.md lists them for people. */
const outside: Readonly<Record<string, string>> = {
  'sources.options': 'settings, which each run may change',
  'sources.settings': 'how it is read, which each start may change',
  'sources.removal': 'somebody removes it: its rows go',
  'sources.removed_at': 'somebody removed it',
  'sources.created_at': 'when a row was made decides nothing',
  'source_cursors.updated_at': 'the last link has a time of its own',
  'deferred.next_at': 'a schedule, which a person may move',
  'runs.first_run_id': 'for people to look at; which run committed a page is proved',
  'runs.workflow_id': 'for people to look at',
  'runs.opened_at': 'for people to look at',
  'runs.prepared': 'where a look began; no page rests on it',
  'runs.records_expected': 'an estimate',
  'runs.closed_at': 'for people to look at',
  'runs.outcome': 'for people to look at',
  'runs.error': 'for people to look at',
  'runs.options': 'what it was opened with, for people to look at',
  'runs.settings': 'what it was opened with, for people to look at',
  'runs.changed': 'what its start changed, for people to look at',
  'runs.worked_ms': 'how long it worked, for people to look at',
  'runs.totals_before': 'sums that the ledger proves',
  'runs.problems': 'what the origin could not give, for people to look at',
  'commits.id': 'the order of insertion; its gaps mean nothing',
  'commits.number': 'given after the commit, by any worker',
};

const tablesOutside: Readonly<Record<string, string>> = {
  schema_migrations: 'compared with the files when migrations are applied',
  pages: 'raw records, deleted after some days; nothing is read from them once they are committed',
  stage_outputs: 'answers of stages until their page commits',
  outbox: 'what is to be delivered, not what was read',
  source_pauses: 'what people want of a source now',
  source_waits: 'when a source is asked again',
  source_removals: 'what was removed on purpose, and by whom; its rows are gone',
  workers: 'what running workers have',
  access_tokens: 'who may ask the front door now',
  embeddings: 'vectors can be made again from the events',
  embedding_inputs: 'vectors can be made again from the events',
  embedding_models: 'vectors can be made again from the events',
};

/** Names of columns and tables in the first column of a table of docs/verifying.md; of `runs`, all but its keys are one row. */
function documentedAsOutside(): string[] {
  const section = readFileSync('docs/verifying.md', 'utf8').split('\n## What is not\n')[1]!.split('\n\n')[0]!;
  const cells = section.split('\n').map((line) => line.split(' | ')[0]!);
  return cells.flatMap((cell) => [...cell.matchAll(/`([a-z_]+(\.[a-z_]+)?)`/g)].map(([, name]) => name!));
}

test('docs/verifying.md names all that is not proved, and nothing else', () => {
  const columns = Object.keys(outside).filter((name) => !name.startsWith('runs.'));
  expect(documentedAsOutside().toSorted()).toEqual([...columns, 'runs', ...Object.keys(tablesOutside)].toSorted());
});

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

async function listColumns(): Promise<Column[]> {
  const { rows } = await database.pool.query<Column>(
    `select c.table_name as table, c.column_name as column, format_type(a.atttypid, a.atttypmod) as type
       from information_schema.columns c
       join information_schema.tables t using (table_schema, table_name)
       join pg_attribute a on a.attrelid = format('%I.%I', table_schema, c.table_name)::regclass and a.attname = c.column_name
      where table_schema = 'public' and t.table_type = 'BASE TABLE'
        and not exists (select from pg_inherits i where i.inhrelid = format('%I.%I', table_schema, c.table_name)::regclass)
      order by c.table_name, c.ordinal_position`,
  );
  return rows;
}

/** Another value than any there is. */
const changed: Readonly<Record<string, (column: string) => string>> = {
  text: (column) => `coalesce(${column}, '') || 'x'`,
  integer: (column) => `coalesce(${column}, 0) + 1000`,
  bigint: (column) => `coalesce(${column}, 0) + 1000`,
  smallint: (column) => `coalesce(${column}, 0) + 1`,
  jsonb: (column) => `jsonb_build_object('was', ${column})`,
  bytea: (column) => `sha256(coalesce(${column}, ''))`,
  'text[]': (column) => `array_append(${column}, 'x')`,
  'timestamp with time zone': (column) => `coalesce(${column}, '2026-01-01') + interval '1 microsecond'`,
};

const keys: Readonly<Record<string, string>> = {
  sources: 'id',
  source_cursors: 'source',
  source_state: 'key',
  ledger: 'seq',
  events: 'id',
  event_hashes: 'hash',
  deferred: 'ordinal',
  dead_letters: 'ordinal',
  dead_letter_decisions: 'ordinal',
  runs: 'epoch',
  commits: 'id',
  chain_links: 'number',
  row_changes: 'key',
  express_heads: 'source',
};

/** As somebody would who took the constraints away; what was there is kept in a schema of its own. */
async function withoutConstraints(): Promise<void> {
  const { rows } = await database.pool.query<{ drop: string }>(
    `select format('alter table %s drop constraint if exists %I cascade', conrelid::regclass, conname) as drop from pg_constraint
      where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'p', 'u') and coninhcount = 0 and conrelid <> 0`,
  );
  for (const { drop } of rows) await database.pool.query(drop);
  await database.pool.query('create schema saved');
  for (const table of Object.keys(keys))
    await database.pool.query(`create table saved.${table} as select * from ${table}`);
}

async function restored(...tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await database.pool.query(`delete from ${table}`);
    await database.pool.query(`insert into ${table} overriding system value select * from saved.${table}`);
  }
}

async function expectRed(damage: string): Promise<void> {
  const found = await places();
  expect(found, damage).not.toEqual([]);
  expect(
    found.map(({ page }) => page),
    damage,
  ).toContainEqual(expect.any(String));
}

test('every table and every column is proved, or outside with a reason', async () => {
  const columns = await listColumns();
  expect([...new Set(columns.map(({ table }) => table))].toSorted()).toEqual(
    [...Object.keys(keys), ...Object.keys(tablesOutside)].toSorted(),
  );
  expect(columns.map(({ table, column }) => `${table}.${column}`)).toEqual(
    expect.arrayContaining(Object.keys(outside)),
  );
  expect(await places()).toEqual([]);
  const digest: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect((await proofs()).map((proof) => [proof.source, proof.events, proof.chain])).toEqual([
    [source, 12, { links: 7, chain: digest, express: { links: -1, chain: digest }, pagesBefore: 0, firstPage: '1.1' }],
  ]);
});

describe('red', () => {
  beforeAll(withoutConstraints);
  afterEach(() => restored(...Object.keys(keys)));

  test.each(Object.keys(keys))('each column of %s changed, and its values swapped between rows', async (table) => {
    const columns = (await listColumns()).filter(
      (column) => column.table === table && !Object.hasOwn(outside, `${table}.${column.column}`),
    );
    for (const { column, type } of columns) {
      const { rows } = await database.pool.query<{ at: string; value: string | null }>(
        `select tableoid || ' ' || ctid as at, ${column}::text as value from ${table}`,
      );
      const one = rows.find(({ value }) => value !== null) ?? rows[0]!;
      const at = `tableoid || ' ' || ctid = $1`;
      await database.pool.query(`update ${table} set ${column} = ${changed[type]!(column)} where ${at}`, [one.at]);
      await expectRed(`${column} changed`);
      await restored(table);
      await swapped(table, column, type);
    }
    expect(await places()).toEqual([]);
  });

  async function swapped(table: string, column: string, type: string): Promise<void> {
    const { rows } = await database.pool.query<{ at: string; value: string | null }>(
      `select tableoid || ' ' || ctid as at, ${column}::text as value from ${table}`,
    );
    const one = rows[0]!;
    const other = rows.find(({ value }) => value !== one.value);
    if (other === undefined) return;
    const set = `update ${table} set ${column} = $2::text::${type} where tableoid || ' ' || ctid = $1`;
    await database.pool.query(set, [one.at, other.value]);
    await database.pool.query(set, [other.at, one.value]);
    await expectRed(`${column} swapped`);
    await restored(table);
  }

  test.each(Object.keys(keys))('a row of %s deleted, and each of its rows; one added', async (table) => {
    const { rows } = await database.pool.query<{ at: string }>(`select tableoid || ' ' || ctid as at from ${table}`);
    for (let n = 0; n < rows.length; n++) {
      await database.pool.query(
        `delete from ${table} where (tableoid, ctid) in (select tableoid, ctid from ${table} order by tableoid, ctid offset ${n} limit 1)`,
      );
      await expectRed(`row ${n} deleted`);
      await restored(table);
    }
    const columns = (await listColumns()).filter((column) => column.table === table);
    const values = columns
      .map(({ column, type }) => (column === keys[table] ? changed[type]!(column) : column))
      .join(', ');
    await database.pool.query(
      `insert into ${table} overriding system value select ${values} from saved.${table} limit 1`,
    );
    await expectRed('a row added');
    await restored(table);
    expect(await places()).toEqual([]);
  });

  const stories: Readonly<Record<string, readonly string[]>> = {
    'a tip moved ahead': [`update source_state set value = '3' where key = 'main'`],
    'an event removed with its hash, and the ledger edited to fit': [
      `delete from events where id = 'event-4'`,
      `delete from event_hashes where event_id = 'event-4'`,
      'update ledger set fetched = fetched - 1, inserted = inserted - 1 where epoch = 1 and seq = 2',
      'update commits set inserted = inserted - 1 where epoch = 1 and seq = 2',
    ],
    'the last page removed, and the position moved back': [
      `delete from event_hashes where event_id in (select id from events where epoch = 2 and page = 2)`,
      'delete from events where epoch = 2 and page = 2',
      'delete from dead_letters where epoch = 2 and page = 2',
      'delete from commits where epoch = 2 and seq = 2',
      'delete from row_changes where number = 7',
      'delete from chain_links where number = 7',
      `update source_cursors set seq = 1, cursor = '{"v":1,"next":1}', digest = (select to_digest from ledger where epoch = 2 and seq = 1)`,
      'delete from ledger where epoch = 2 and seq = 2',
    ],
    'a version taken from an event': [
      'update events set entity = null, version = null, version_order = null where entity is not null',
    ],
    'a version given to an event that had none': [
      `update events set entity = 'e', version = '1', version_order = '1' where id = 'event-4'`,
    ],
    'an event moved two thousand years back': [
      `update events set time = (time::text || ' BC')::timestamptz where id = 'event-4'`,
    ],
    'a number changed by less than a double holds': [
      `update events set data = jsonb_set(data, '{n}', '4.00000000000000000001') where id = 'event-4'`,
    ],
    'a number made larger than a double holds': [
      `update events set data = jsonb_set(data, '{n}', ('1' || repeat('0', 400))::jsonb) where id = 'event-4'`,
    ],
    'a number of the enrichment changed by less than a double holds': [
      `update events set enrichment = '{"metadata":{"n":4.00000000000000000001}}' where id = 'event-4'`,
    ],
    'data nested deeper than we read': [
      `update events set data = (repeat('[', 5000) || repeat(']', 5000))::jsonb where id = 'event-4'`,
    ],
    'an event and its hash moved to the time of another page': [
      `update events set ingested_at = (select min(ingested_at) from saved.events where page = 1 and epoch = 1) where id = 'event-4'`,
      `update event_hashes set ingested_at = (select min(ingested_at) from saved.events where page = 1 and epoch = 1) where event_id = 'event-4'`,
    ],
    'the whole chain taken away': [
      'delete from chain_links where number > 0',
      'delete from row_changes where number > 0',
      'update source_cursors set links = 0, chain = null',
    ],
    'two pages swapped': [
      'update ledger set seq = 3 - seq where epoch = 2',
      'update events set page = 3 - page where epoch = 2',
      'update commits set seq = 3 - seq where epoch = 2',
      'update dead_letters set page = 1 where epoch = 2',
      'update chain_links set seq = 3 - seq where epoch = 2',
    ],
    'an epoch removed': [
      `delete from event_hashes where event_id in (select id from events where epoch = 2)`,
      ...['events', 'dead_letters', 'commits', 'ledger', 'chain_links', 'runs'].map(
        (table) => `delete from ${table} where epoch = 2`,
      ),
      `update source_cursors set epoch = 1, seq = 2, run_id = (select run_id from runs where epoch = 1)`,
    ],
  };

  test.each(Object.entries(stories))('%s', async (_what, statements) => {
    for (const statement of statements) await database.pool.query(statement);
    await expectRed(_what);
    await restored(...Object.keys(keys));
    expect(await places()).toEqual([]);
  });

  test('state of a source that has read nothing, also when a chain began with it', async () => {
    await database.pool.query(
      `insert into source_state (source, kind, key, value) values ('other', 'tip', 'main', '9')`,
    );
    expect(await places()).toContainEqual(
      expect.objectContaining({ page: 'no page', row: expect.stringContaining('source_state') as string }),
    );
    await database.pool.query(`delete from source_state where source = 'other'`);
    await database.pool.query(
      `insert into row_changes (source, number, relation, key) values ($1, 1, 'source_state', '["tip", "early"]')`,
      [source],
    );
    expect(await places()).toContainEqual(
      expect.objectContaining({ page: 'before the chain', row: 'source_state ["tip", "early"]' }),
    );
    await restored(...Object.keys(keys));
  });

  test('not what was cut off with its links and the head edited to fit: an anchor outside knows the link', async () => {
    const [{ chain }] = (await proofs()) as [SourceProof];
    for (const statement of stories['the last page removed, and the position moved back']!)
      await database.pool.query(statement);
    await database.pool.query(
      'update source_cursors set links = 6, chain = (select chain from chain_links where number = 6)',
    );
    expect(await places()).toEqual([]);
    const head = { source, links: chain.links, chain: chain.chain!, anchoredAt: '2026-11-01T00:00:00Z' };
    const { anchoredAt: _at, ...known } = head;
    expect(await findUnknownHeads(database.pool, [head])).toEqual([{ ...known, removedAt: null }]);
    await restored(...Object.keys(keys));
    expect(await findUnknownHeads(database.pool, [head])).toEqual([]);
  });

  test('a row is named by its page, ordinal and id', async () => {
    await database.pool.query(`update events set priority = priority + 1 where id = 'event-3'`);
    expect(await places()).toEqual([
      { name: 'every event is as it was committed', page: '1.2', row: 'ordinal 3, event event-3 (altered)' },
    ]);
    await restored('events');
  });
});
