// `record`, as a program uses it: no worker runs, and none is needed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connect, type Tributary } from '../../../src/clients/library/connect.js';
import { InvalidInput } from '../../../src/domain/errors.js';
import { limits } from '../../../src/limits.js';
import { verifySources } from '../../../src/store/proving/verify.js';
import { markRemoval } from '../../../src/store/remove-source.js';
import { insertWorker } from '../../../src/store/workers.js';
import { aSourceRow, openedRun } from '../../support/builders.js';
import { testDatabase } from '../../support/database.js';
import { uniqueQueue, uniqueSource } from '../../support/temporal.js';

const database = testDatabase();
const home = mkdtempSync(join(tmpdir(), 'tributary-record-'));
const taskQueue = uniqueQueue('record');
let tributary: Tributary;

beforeAll(async () => {
  tributary = await connect({ databaseUrl: database.url, temporalAddress: inject('temporalAddress'), taskQueue, home });
});

afterAll(async () => {
  await tributary.close();
  rmSync(home, { recursive: true, force: true });
});

async function proofOf(source: string) {
  const [proof] = await verifySources(database.pool, { source, contents: () => true });
  return { broken: proof!.invariants.filter(({ found }) => found > 0), ok: proof!.ok, events: proof!.events };
}

const orders = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ type: 'order.paid', id: `o-${at}`, data: { at } }));

test('events are stored when the call returns, each with a verdict; called again, all are known and nothing is doubled', async () => {
  const source = uniqueSource('record/orders');
  const first = await tributary.record(orders(1_000), { source });
  expect(first).toMatchObject({ source, total: 1_000, inserted: 1_000, refused: 0, errors: 0 });
  expect(first.verdicts[17]).toEqual({ index: 17, outcome: 'accepted', id: 'o-17' });
  expect(await tributary.record(orders(1_001), { source })).toMatchObject({ inserted: 1, skipped_existing: 1_000 });
  expect(await tributary.record(orders(1_001), { source })).toMatchObject({ inserted: 0, skipped_existing: 1_001 });
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 1_001 });
});

test('a bad event does not stop its neighbours; its verdict names its place, its field and what was expected', async () => {
  const source = uniqueSource('record/mixed');
  const loop: Record<string, unknown> = {};
  loop['loop'] = loop;
  let deep: unknown = 1;
  for (let level = 0; level < 120; level++) deep = { deep };
  const events = [
    { type: 'note', data: { n: 1 } },
    { type: 'note', time: 'yesterday' },
    { type: 'note', colour: 'red' },
    { type: 'x'.repeat(201) },
    { type: 'note', data: loop },
    { type: 'note', data: { deep } },
    undefined,
    { type: 'note', data: { n: 10n } },
    { type: 'note', entity: 'e', version: 'three' },
    { type: 'note', data: { n: 1 } },
    { type: 'note', data: { text: 'a\0b\ud800' } },
    { specversion: '1.0', id: '1', source: '/a', type: 'note' },
  ];
  const { verdicts, ...counts } = await tributary.record(events as never, { source });
  expect(counts).toMatchObject({
    total: 12,
    inserted: 3,
    skipped_duplicate: 1,
    skipped_existing: 0,
    refused: 8,
    errors: 8,
  });
  expect(verdicts.map((one) => (one.outcome === 'refused' ? `${one.field} ${one.code}` : one.outcome))).toEqual([
    'accepted',
    'time bad_time',
    'colour unknown_field',
    'type bad_type',
    ' not_json',
    'data too_deep',
    ' not_an_event',
    ' not_json',
    'version bad_version',
    'known',
    'accepted',
    'accepted',
  ]);
  expect(verdicts.map(({ index }) => index)).toEqual(events.map((_, at) => at));
  expect(verdicts[1]).toMatchObject({ reason: expect.stringContaining('2026-01-31T12:00:00Z') });
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 3 });
});

test('what Postgres alone refuses is refused, and its neighbours are stored', async () => {
  const source = uniqueSource('record/refused');
  const events = [
    { type: 'note', id: 'a' },
    { type: 'note', id: 'b', data: { n: 1e308 } },
    { type: 'note', id: 'c' },
  ];
  await database.pool.query(`alter table events add constraint test_refused check (id <> 'never')`);
  await database.pool.query(
    `create function test_refuse() returns trigger language plpgsql as $$ begin
       if new.id = 'b' then raise exception 'no' using errcode = '22000'; end if; return new; end $$`,
  );
  await database.pool.query(
    'create trigger test_refuse before insert on events for each row execute function test_refuse()',
  );
  try {
    const { verdicts, inserted } = await tributary.record(events, { source });
    expect([inserted, verdicts[1]]).toEqual([
      2,
      { index: 1, outcome: 'refused', code: '22000', field: 'data', reason: 'no' },
    ]);
    expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 2 });
  } finally {
    await database.pool.query('drop trigger test_refuse on events');
    await database.pool.query('alter table events drop constraint test_refused');
  }
});

test('many calls of the same events at once store each once, and say of one call only that it did', async () => {
  const source = uniqueSource('record/crowd');
  const other = await connect({
    databaseUrl: database.url,
    temporalAddress: inject('temporalAddress'),
    taskQueue,
    home,
  });
  const calls = await Promise.all(
    Array.from({ length: 8 }, (_, at) => (at % 2 === 0 ? tributary : other).record(orders(300), { source })),
  );
  expect(calls.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(300);
  const accepted = calls.flatMap(({ verdicts }) => verdicts.filter(({ outcome }) => outcome === 'accepted'));
  expect(new Set(accepted.map((one) => 'id' in one && one.id)).size).toBe(accepted.length);
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 300 });
  await other.close();
});

test('the source is one like any other: listed, searched, by its rules and versions, paused, removed', async () => {
  const source = uniqueSource('record/whole');
  await tributary.record([{ type: 'order.paid', id: 'a', time: '2026-01-31T12:00:00Z', subject: 'ana' }], {
    source,
    versions: 'text',
  });
  await database.pool.query(
    `update sources set settings = '{"priorities":[{"type":"order.*","priority":4}]}' where id = $1`,
    [source],
  );
  await tributary.record([{ type: 'order.paid', id: 'b' }], { source });
  for (const version of ['a', 'b']) await tributary.record([{ type: 'thing', entity: 't', version }], { source });
  const { rows } = await database.pool.query('select version from current_events where source = $1 and entity = $2', [
    source,
    't',
  ]);
  expect(rows).toEqual([{ version: 'b' }]);
  const found = [];
  for await (const event of tributary.events({ source, type: 'order.*', order: 'oldest' })) found.push(event);
  expect(found.map(({ id, subject, priority }) => [id, subject ?? null, priority])).toEqual([
    ['a', 'ana', 2],
    ['b', null, 4],
  ]);
  const { sources } = await tributary.status();
  expect(sources.find((one) => one.source === source)).toMatchObject({ type: 'program', state: 'idle', inserted: 4 });
  await tributary.pause(source, { reason: 'ticket 812' });
  await expect(tributary.record([{ type: 'x' }], { source })).rejects.toMatchObject({
    name: 'NeedsAttention',
    code: 'paused',
  });
  await tributary.resume(source);
  expect(await tributary.record([{ type: 'x' }], { source })).toMatchObject({ inserted: 1 });
  await markRemoval(database.pool, source, 'keep', 'a test');
  await expect(tributary.record([{ type: 'y' }], { source })).rejects.toMatchObject({ field: 'source' });
});

test('a call that cannot be taken is refused whole, by the name of what is wrong', async () => {
  const field = async (events: unknown, options: object): Promise<string> => {
    const error = await tributary.record(events as never, options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidInput);
    return (error as InvalidInput).field;
  };
  expect(await field('none', {})).toBe('events');
  expect(await field(orders(limits.doorEventsMax + 1), {})).toBe('events');
  expect(
    await field(
      Array.from({ length: 5 }, (_, at) => ({ type: 'large', data: { at, text: 'x'.repeat(4_000_000) } })),
      {},
    ),
  ).toBe('events');
  expect(await field(orders(1), { source: 'No Id' })).toBe('source');
  expect(await field(orders(1), { source: uniqueSource('record/order'), versions: 'size' })).toBe('options.versions');
  const source = uniqueSource('record/fixed');
  await tributary.record(orders(1), { source });
  expect(await field(orders(1), { source, versions: 'time' })).toBe('options');
  await openedRun(database.workerPool, aSourceRow({ id: 'record-synthetic' }));
  expect(await field(orders(1), { source: 'record-synthetic' })).toBe('source');
  expect(await tributary.record([], { source: uniqueSource('record/none') })).toMatchObject({ total: 0, verdicts: [] });
});

test('where a worker has a stage or a processor of its own, the door says so instead of passing it by; settings leave it out', async () => {
  const source = uniqueSource('record/staged');
  const id = '0d5f3b1e-6a54-4c8e-9a53-6f1f5f8d0b01';
  const settings = {
    memoryBytes: 1,
    recentHashesMax: 0,
    rawRetentionDays: 7,
    enrichOff: [],
    embed: null,
    extensions: [],
  };
  const stages = ['validate', 'hash', 'deduplicate', 'enrich', 'owner', 'persist'];
  const worker = {
    id,
    host: 'h',
    pid: 1,
    taskQueue,
    version: '0',
    sources: [],
    stages,
    processors: ['metadata', 'words'],
    settings,
  };
  await insertWorker(database.pool, worker);
  const fresh = await connect({
    databaseUrl: database.url,
    temporalAddress: inject('temporalAddress'),
    taskQueue,
    home,
  });
  await expect(fresh.record([{ type: 'x' }], { source })).rejects.toMatchObject({
    code: 'stages_elsewhere',
    message: expect.stringContaining('words, owner'),
  });
  const chosen = JSON.stringify({ stages: ['validate', 'hash', 'deduplicate', 'persist'] });
  await database.pool.query('update sources set settings = $2 where id = $1', [source, chosen]);
  expect(await fresh.record([{ type: 'x' }], { source })).toMatchObject({ inserted: 1 });
  await fresh.close();
});
