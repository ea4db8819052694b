// What there is now of what changes: the newest version by its origin's order, however they arrive.
import { beforeEach, expect, test } from 'vitest';
import type { HashedEvent, VersionedIdentity } from '../../src/domain/event.js';
import { hashEvent } from '../../src/domain/content-hash.js';
import { versionBytesMax, type VersionOrder } from '../../src/domain/version-order.js';
import { limits } from '../../src/limits.js';
import { persistPage } from '../../src/store/persist.js';
import { verifySources } from '../../src/store/proving/verify.js';
import {
  aDraft,
  after,
  anEvent,
  aPage,
  aRun,
  aSourceRow,
  openedRun,
  stored,
  type BuiltRun,
} from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();
let run: BuiltRun;
beforeEach(async () => {
  run = await openedRun(database.workerPool);
});

interface Told extends Omit<VersionedIdentity, 'kind'> {
  readonly data?: { readonly state: string };
}

function told(
  { data = { state: 'open' }, ...identity }: Told,
  ordinal = 0,
  versionOrder: VersionOrder = 'number',
): HashedEvent {
  return hashEvent(aDraft({ identity: { kind: 'versioned', ...identity }, data }), ordinal, {
    source: run.source,
    versionOrder,
  });
}

/** A page of its own for each list. */
async function arrive(...pages: readonly (readonly HashedEvent[])[]): Promise<void> {
  for (const events of pages) {
    const page = aPage(run, { events: events.map((event, ordinal) => stored({ ...event, ordinal })) });
    await persistPage(database.workerPool, page);
    run = after(run, page);
  }
}

async function current(): Promise<[string, string][]> {
  const { rows } = await database.workerPool.query<{ entity: string; id: string }>(
    'select entity, id from current_events where source = $1 order by entity',
    [run.source],
  );
  return rows.map(({ entity, id }) => [entity, id]);
}

test('the newest version is current, whichever arrives first; every version is kept', async () => {
  await arrive(
    [told({ key: 'a', version: '10' })],
    [told({ key: 'a', version: '9' })],
    [told({ key: 'b', version: '9' }), told({ key: 'b', version: '10' })],
  );
  expect(await current()).toEqual([
    ['a', '@a@10'],
    ['b', '@b@10'],
  ]);
  const { rows } = await database.pool.query('select entity, version from events where source = $1 order by id', [
    run.source,
  ]);
  expect(rows).toEqual(
    [
      ['a', '10'],
      ['a', '9'],
      ['b', '10'],
      ['b', '9'],
    ].map(([entity, version]) => ({ entity, version })),
  );
});

test('what its newest version says is deleted is not there, and is again once a newer one comes', async () => {
  await arrive([told({ key: 'a', version: '1' })], [told({ key: 'a', version: '2', deleted: true })]);
  expect(await current()).toEqual([]);
  // Read late: it was deleted after that.
  await arrive([told({ key: 'a', version: '1.5' })]);
  expect(await current()).toEqual([]);
  await arrive([told({ key: 'a', version: '3' })]);
  expect(await current()).toEqual([['a', '@a@3']]);
});

test('a change without a new version is a variant of it: the one read last is current; read again it is a repeat', async () => {
  const [bare, liked] = [
    told({ key: 'a', version: '1', variant: '0' }),
    told({ key: 'a', version: '1', variant: '1' }),
  ];
  await arrive([bare], [liked]);
  expect(await current()).toEqual([['a', '@a@1~1']]);
  await arrive([liked, told({ key: 'a', version: '0.5' })]);
  expect(await current()).toEqual([['a', '@a@1~1']]);
  const other = await openedRun(database.workerPool, aSourceRow({ id: run.source }), aRun());
  run = other;
  await arrive([told({ key: 'a', version: '1', variant: '2' })]);
  expect(await current()).toEqual([['a', '@a@1~2']]);
});

test('sources do not know each other, and what never changes has no current version', async () => {
  await arrive([told({ key: 'a', version: '1' }), anEvent(run.source, 1)]);
  const here = await current();
  run = await openedRun(database.workerPool);
  await arrive([told({ key: 'a', version: '2' })]);
  expect(here).toEqual([['a', '@a@1']]);
  expect(await current()).toEqual([['a', '@a@2']]);
});

test('the longest names an index can hold are stored, and proved', async () => {
  const id = 'x'.repeat(limits.sourceIdCharsMax);
  run = await openedRun(database.workerPool, aSourceRow({ id }));
  const random = (bytes: number) =>
    Array.from({ length: bytes }, (_, at) => String.fromCharCode(97 + ((at * at * 7 + at) % 26))).join('');
  const longest = { key: random(limits.keyBytesMax), version: random(versionBytesMax) };
  await arrive([told(longest, 0, 'text'), told({ key: random(9_000), version: `1${'0'.repeat(98)}` }, 1, 'number')]);
  expect(await current()).toHaveLength(2);
  expect(await verifySources(database.pool, { source: id, contents: () => true })).toMatchObject([
    { ok: true, events: 2 },
  ]);
});

test('one that Postgres refuses among versions is a dead letter, and the others are stored with theirs', async () => {
  const bad = { ...told({ key: 'bad', version: '1' }, 1), dataText: '{"n":1e400000}' };
  const page = aPage(run, { events: [stored(told({ key: 'a', version: '1' })), stored(bad)] });
  expect(await persistPage(database.workerPool, page)).toMatchObject({ inserted: 1, dead: 1 });
  expect(await current()).toEqual([['a', '@a@1']]);
  const { rows } = await database.pool.query(
    `select convert_from(raw, 'UTF8')::json ->> 'entity' as entity from dead_letters where source = $1`,
    [run.source],
  );
  expect(rows).toEqual([{ entity: 'bad' }]);
});

test('the current one of an entity is looked up by an index, whatever the number of versions', async () => {
  const versions = Array.from({ length: 3_000 }, (_, at) => told({ key: `k${at % 100}`, version: String(at) }, at));
  await arrive(versions);
  await database.pool.query('analyze events');
  const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(
    `explain select * from current_events where source = '${run.source}' and entity = 'k7'`,
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toContain('entity_version_order');
  expect(plan).not.toContain('Seq Scan on events_2026_11');
  expect(await current()).toHaveLength(100);
});
