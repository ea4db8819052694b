// verify is green after a sync, and each kind of damage makes it red, with the figure that fits.
import { expect, test } from 'vitest';
import { digestOf } from '../../src/domain/position.js';
import { resetPosition } from '../../src/store/reset-position.js';
import { broken, database, proofOf, synced, verify } from './verified-store.js';

test('green after a sync, in words and in JSON', async () => {
  const id = await synced('green');
  const { code, items } = await verify(id, '--json');
  expect(code).toBe(0);
  expect(items).toMatchObject([
    { source: id, ok: true, pages: 3, lost: 0, doubled: 0, invented: 0, altered: 0 },
    { ok: true, sources: 1, lost: 0, doubled: 0, invented: 0, altered: 0, contents: true },
  ]);
  const words = await verify(id);
  expect(words.out.match(/^ {2}ok/gm)).toHaveLength(20);
  expect(words.out).toContain('proved: events ');
  expect(words.out).not.toContain('FAIL');
});

test('red ends with exit code 3 and names what is broken, with page and row', async () => {
  const id = await synced('red');
  await database.pool.query(`delete from events where source = $1 and id = '1-5'`, [id]);
  const { code, out } = await verify(id);
  expect(code).toBe(3);
  expect(out).toMatch(/every event is as it was committed: 1 events\n +page 1\.1, ordinal \d+ \(lost\)/);
  expect(out).toContain('FAIL  every event the ledger counts is stored: 1 events lost');
  expect(out).toMatch(/NOT proved: events \d+, lost 1, doubled 0, invented 0, altered 0/);
});

interface Damage {
  readonly sql: string;
  readonly figures: Partial<Record<'lost' | 'doubled' | 'invented' | 'altered', number>>;
  readonly breaks: Readonly<Record<string, number>>;
}

const copied =
  'source, $2, type, subject, time, priority, content_hash, epoch, page, ordinal, flags, data, enrichment, raw';
const columns =
  'ingested_at, source, id, type, subject, time, priority, content_hash, epoch, page, ordinal, flags, data, enrichment, raw';

const damages: Readonly<Record<string, Damage>> = {
  'an event deleted': {
    sql: `delete from events where source = $1 and id = $2`,
    figures: { lost: 1 },
    breaks: { 'every event the ledger counts is stored': 1, 'every hash has its event': 1 },
  },
  'an event and its hash deleted': {
    sql: `with gone as (delete from events where source = $1 and id = $2) delete from event_hashes where source = $1 and event_id = $2`,
    figures: { lost: 1 },
    breaks: { 'every event the ledger counts is stored': 1 },
  },
  'an event doubled': {
    sql: `insert into events (${columns}) select ingested_at + interval '1 second', ${copied} from events where source = $1 and id = $2`,
    figures: { doubled: 1, invented: 0 },
    breaks: { 'every event is stored once': 1, 'every stored event is counted by the ledger': 1 },
  },
  'an event invented': {
    sql: `insert into events (${columns}) select ingested_at, ${copied.replace('$2', `$2 || '-more'`)} from events where source = $1 and id = $2`,
    figures: { doubled: 0, invented: 1 },
    breaks: { 'every stored event has its hash': 1, 'every stored event is counted by the ledger': 1 },
  },
  'an event replaced by another': {
    sql: `update events set id = $2 || '-other' where source = $1 and id = $2`,
    figures: { lost: 1, invented: 1, altered: 1 },
    breaks: { 'every stored event has its hash': 1, 'every hash has its event': 1 },
  },
  'the data of an event changed': {
    sql: `update events set data = jsonb_set(data, '{amount}', '1') where source = $1 and id = $2`,
    figures: { altered: 1 },
    breaks: { 'every event is as it was committed': 1 },
  },
  'the time of an event changed': {
    sql: `update events set time = time + interval '1 microsecond' where source = $1 and id = $2`,
    figures: { altered: 1 },
    breaks: { 'every event is as it was committed': 1 },
  },
  'the content hash of an event changed': {
    sql: `update events set content_hash = sha256(content_hash) where source = $1 and id = $2`,
    figures: { altered: 1 },
    breaks: { 'every event is as it was committed': 1 },
  },
  'the key of an event changed': {
    sql: `update event_hashes set hash = sha256(hash) where source = $1 and event_id = $2`,
    figures: { invented: 1 },
    breaks: { 'every stored event has its hash': 1 },
  },
  'a key moved to another time': {
    sql: `update event_hashes set ingested_at = ingested_at + interval '1 hour' where source = $1 and event_id = $2`,
    figures: { lost: 1 },
    breaks: { 'every hash has its event': 1 },
  },
  'the cursor moved ahead': {
    sql: `update source_cursors set cursor = '{"v":1,"next":700}' where source = $1 and $2 <> ''`,
    figures: {},
    breaks: { 'the position is where the ledger ends': 1 },
  },
  'the cursor and its digest moved ahead': {
    sql: `update source_cursors set cursor = '{"v":1,"next":700}', digest = '0123456789abcdef' where source = $1 and $2 <> ''`,
    figures: {},
    breaks: { 'the position is where the ledger ends': 1 },
  },
  'the page number moved ahead': {
    sql: `update source_cursors set seq = seq + 1 where source = $1 and $2 <> ''`,
    figures: {},
    breaks: { 'the position is where the ledger ends': 1 },
  },
  'a page taken out of the ledger': {
    sql: `delete from ledger where source = $1 and seq = 2 and $2 <> ''`,
    figures: {},
    breaks: { 'pages are numbered without a gap': 1, 'every page begins where the one before ended': 1 },
  },
  'a page begins elsewhere': {
    sql: `update ledger set from_digest = '0123456789abcdef' where source = $1 and seq = 2 and $2 <> ''`,
    figures: {},
    breaks: { 'every page begins where the one before ended': 1 },
  },
  'a dead letter deleted': {
    sql: `delete from dead_letters where source = $1 and $2 <> '' and (epoch, page, ordinal) in (
            select epoch, page, ordinal from dead_letters where source = $1 limit 1)`,
    figures: {},
    breaks: { 'dead letters are as many as the ledger counts': 1 },
  },
  'a deferred event invented': {
    sql: `insert into deferred (source, epoch, page, ordinal, stage, event, next_at) values ($1, 1, 1, 1, 'enrich', jsonb_build_object('id', $2::text), now())`,
    figures: {},
    breaks: { 'deferred events are as many as the ledger counts': 1 },
  },
  'a commit not fed': {
    sql: `delete from commits where source = $1 and seq = 2 and $2 <> ''`,
    figures: {},
    breaks: { 'the commit feed tells every page once': 1 },
  },
};

const none = { lost: 0, doubled: 0, invented: 0, altered: 0 };

test.each(Object.entries(damages))('red: %s', async (_, { sql, figures, breaks }) => {
  const id = await synced('damaged');
  expect(broken(await proofOf(id))).toEqual({});
  await database.pool.query(sql, [id, '1-5']);
  const proof = await proofOf(id);
  expect(proof.ok).toBe(false);
  expect(broken(proof)).toMatchObject(breaks);
  if (Object.keys(figures).length > 0) expect(proof).toMatchObject({ ...none, ...figures });
});

test('a row kept beside its projection is checked by its original', async () => {
  const id = await synced('sanitized');
  const { rows } = await database.pool.query<{ id: string }>(
    `select id from events where source = $1 and 'sanitized' = any(flags) limit 1`,
    [id],
  );
  await database.pool.query(`update events set raw = convert_to('{"a":1}', 'UTF8') where source = $1 and id = $2`, [
    id,
    rows[0]!.id,
  ]);
  expect(await proofOf(id)).toMatchObject({ ok: false, altered: 1 });
});

test('a source reset to its start is not ahead; a cursor taken away is', async () => {
  const id = await synced('reset');
  await resetPosition(database.pool, id, digestOf({ v: 1, next: 0 }));
  expect(broken(await proofOf(id))).toEqual({});
  const other = await synced('cursor-gone');
  await database.pool.query('update source_cursors set cursor = null where source = $1', [other]);
  expect(broken(await proofOf(other))).toEqual({ 'the position is where the chain ends': 1 });
});

test('without the contents a changed row is not seen, and the answer says that they were not read', async () => {
  const id = await synced('quick');
  await database.pool.query(`update events set data = '{}' where source = $1 and id = '1-5'`, [id]);
  const { code, items } = await verify(id, '--quick', '--json');
  expect({ code, last: items.at(-1) }).toMatchObject({ code: 0, last: { ok: true, contents: false } });
});

test('an unknown source is wrong use', async () => {
  const { code, err } = await verify('nobody');
  expect({ code, err }).toEqual({
    code: 2,
    err: 'error: source: no source nobody is known; `tributary status` lists them\n',
  });
});
