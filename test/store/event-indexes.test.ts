// Indexes for what a catalogue says its types can be found by: a search uses them, writers do not wait for them, and what an
// attempt left half made is mended by the next.
import { beforeAll, expect, test } from 'vitest';
import { createCatalogue, type EventType } from '../../src/domain/catalogue.js';
import { limits } from '../../src/limits.js';
import { indexesOf, makeEventIndexes } from '../../src/store/event-indexes.js';
import type { EventFilter } from '../../src/store/reading/event-filter.js';
import { searchEvents } from '../../src/store/reading/search-events.js';
import { pathPattern } from '../../src/queries/path-pattern.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';

const database = testDatabase();
const never = new AbortController().signal;

function typeOf(type: string, filters: EventType['filters']): EventType {
  return { type, summary: 'of somebody else', stability: 'stable', filters };
}

const types = [
  typeOf('acme.change', { path: true, commit: { of: 'acme.revision' } }),
  typeOf('acme.revision', { author: true, commit: 'id' }),
];

/** More than a search walks through before it looks for what is rare. */
const fill = `
  insert into events (ingested_at, source, id, type, time, priority, epoch, page, ordinal, data)
  select '2026-01-01'::timestamptz, 'acme', 'r' || lpad(n::text, 6, '0'), 'acme.revision', '2020-01-01'::timestamptz + n * interval '1 minute', 2, 1, 1, n,
         jsonb_build_object('author', jsonb_build_object('name', 'N' || n % 2000, 'email', 'a' || n % 2000 || '@x'))
    from generate_series(1, 10000) n
  union all
  select '2026-01-01'::timestamptz, 'acme', 'c' || n, 'acme.change', '2020-01-01'::timestamptz + n * interval '1 minute', 2, 1, 1, n,
         jsonb_build_object('commit', 'r' || lpad(n::text, 6, '0'), 'path', 'src/f' || n % 2000 || '.ts')
    from generate_series(1, 10000) n`;

beforeAll(async () => {
  await database.pool.query(fill);
});

interface Found {
  readonly name: string;
  readonly oid: number;
  readonly valid: boolean;
  readonly partitions: number;
}

async function indexes(): Promise<Found[]> {
  const { rows } = await database.pool.query<Found>(
    `select c.relname as name, c.oid, i.indisvalid as valid,
            (select count(*)::integer from pg_inherits h join pg_index p on p.indexrelid = h.inhrelid where h.inhparent = c.oid and p.indisvalid) as partitions
       from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = 'events'::regclass and c.relname like '%acme%' order by c.relname`,
  );
  return rows;
}

/** What is left over of an attempt: on no partition but one's own. */
async function partsLeft(): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::integer as n from pg_index i join pg_class c on c.oid = i.indexrelid
      where c.relname like '%acme%' and c.relkind = 'i' and not c.relispartition`,
  );
  return rows[0]!.n;
}

async function partitions(): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::integer as n from pg_inherits where inhparent = 'events'::regclass`,
  );
  return rows[0]!.n;
}

/** How Postgres answers the last, the costliest, statement of a search. */
async function planOf(filter: EventFilter): Promise<string> {
  const asked: [string, unknown[]][] = [];
  const listening = {
    query: (text: string, values: unknown[] = []) => {
      asked.push([text, values]);
      return database.pool.query(text, values);
    },
  };
  const catalogue = createCatalogue([{ type: 'acme', events: types }]);
  const found = await searchEvents(
    listening as unknown as typeof database.pool,
    { filter, order: 'newest', limit: 50 },
    catalogue,
  );
  expect(found.length).toBeGreaterThan(0);
  const plans = asked
    .filter(([text]) => text.includes('as shown'))
    .map(([text, values]) => [`explain (costs off) ${text}`, values] as const);
  const lines: string[] = [];
  for (const [text, values] of plans) {
    const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(text, values as unknown[]);
    lines.push(...rows.map((row) => row['QUERY PLAN']));
  }
  return lines.join('\n');
}

test('a writer does not wait for them, nor does what they must wait for leave them half made for good', async () => {
  const old = await database.pool.connect();
  await old.query('begin isolation level repeatable read');
  await old.query('select count(*) from sources');
  const ending = new AbortController();
  const making = makeEventIndexes(database.pool, types, ending.signal);
  await eventually('a partition of it waits for the old snapshot', async () => (await partsLeft()) > 0);
  await database.pool.query(
    `set statement_timeout = 2000; ${fill.replaceAll("'acme'", "'other'")}; reset statement_timeout`,
  );
  ending.abort();
  expect(await making).toEqual([]);
  expect(await partsLeft()).toBeGreaterThan(0);
  await old.query('rollback');
  old.release();
  expect(await makeEventIndexes(database.pool, types, never)).toEqual([]);
  expect(await partsLeft()).toBe(0);
  const made = await indexes();
  expect(made.map(({ valid, partitions: of }) => ({ valid, of }))).toEqual(
    Array.from({ length: 3 }, () => ({ valid: true, of: 0 })).map((one) => ({ ...one, of: made[0]!.partitions })),
  );
  expect(made[0]!.partitions).toBe(await partitions());
  expect(await makeEventIndexes(database.pool, types, never)).toEqual([]);
  expect(await indexes()).toEqual(made);
});

test.each<[string, EventFilter, string]>([
  ['an author', { author: 'a17@x' }, 'author'],
  ['a file', { path: pathPattern('src/f17.ts') }, 'path'],
  ['a commit', { commit: 'r000017' }, 'commit'],
  ['the changes of an author', { author: 'a17@x', types: ['acme.change'] }, 'author'],
])('a search for %s uses its index', async (_what, filter, what) => {
  await makeEventIndexes(database.pool, types, never);
  await database.pool.query('vacuum analyze events');
  expect(await planOf(filter)).toMatch(new RegExp(`Index Scan (using|on) events_by_${what}_acme_`));
});

test('two at once: one makes them, the other leaves them to it', async () => {
  const other = [typeOf('acme.tag', { commit: 'id' })];
  await Promise.all([1, 2, 3].map(() => makeEventIndexes(database.pool, other, never)));
  expect(await makeEventIndexes(database.pool, other, never)).toEqual([]);
  expect((await indexes()).filter(({ name }) => name.includes('acme_tag'))).toMatchObject([{ valid: true }]);
});

test('names are bounded and types escaped, whatever a type is called', async () => {
  const odd = [
    typeOf(`Acme/${'x'.repeat(190)}:1`, { author: true, path: true, commit: 'id' }),
    typeOf(`acme.o'b`, { path: true }),
  ];
  const made = odd.flatMap(indexesOf);
  expect(new Set(made.map(({ name }) => name)).size).toBe(4);
  expect(made.every(({ name }) => /^events_by_[a-z0-9_]+$/.test(name) && name.length <= 48)).toBe(true);
  expect(await makeEventIndexes(database.pool, odd, never)).toEqual([]);
  const { rows } = await database.pool.query(
    `select 1 from pg_indexes where tablename = 'events' and indexname = any($1)`,
    [made.map(({ name }) => name)],
  );
  expect(rows).toHaveLength(4);
});

test('they are bounded in number: what is left out is told, and the others stay', async () => {
  const many = Array.from({ length: limits.eventIndexesMax }, (_, at) => typeOf(`many.t${at}`, { commit: 'id' }));
  const before = (await indexes()).length;
  const problems = await makeEventIndexes(database.pool, many, never);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems[0]).toBe(
    `the index of many.t${many.length - problems.length} by commit is not made: there are ${limits.eventIndexesMax} already, and each costs every event a look at its type`,
  );
  expect((await indexes()).length).toBe(before);
});

test('a type that nothing is found by has none', () => {
  expect(indexesOf({ type: 'acme.note', summary: 'a note', stability: 'stable' })).toEqual([]);
  expect(indexesOf(typeOf('acme.change', { commit: { of: 'acme.revision' } }))).toEqual([]);
});
