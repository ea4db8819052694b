// Files of records through a real worker: what is stored, what comes of hostile neighbours, and that nothing comes twice.
import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRegistry } from '../../../src/sources/index.js';
import { decideLetters } from '../../../src/store/decide-letters.js';
import { verifySources } from '../../../src/store/proving/verify.js';
import { searchEvents } from '../../../src/store/reading/search-events.js';
import { testDatabase } from '../../support/database.js';
import { testWorker, uniqueSource, type TestWorker } from '../../support/temporal.js';

const database = testDatabase();
const root = mkdtempSync(join(tmpdir(), 'tributary-jsonl-'));
let worker: TestWorker;
beforeAll(async () => {
  worker = await testWorker(database);
});
afterAll(async () => {
  await worker.stop();
  rmSync(root, { recursive: true, force: true });
});

const sync = (id: string, options: object) =>
  worker.sync({ source: { type: 'jsonl', id, options: options as Record<string, never> } });

const paid = (n: number) =>
  `{"specversion":"1.0","id":"${n}","source":"/shop","type":"shop.paid","time":"2026-01-31T12:00:0${n}Z","data":{"message":"parcel ${n} for the moon"}}\n`;

async function rows(id: string, what: string): Promise<Record<string, unknown>[]> {
  const query = `select ${what} from events where source = $1 order by epoch, page, ordinal`;
  return (await database.pool.query(query, [id])).rows as Record<string, unknown>[];
}

async function proved(id: string): Promise<void> {
  const [proof] = await verifySources(database.pool, { source: id, contents: () => true });
  expect(proof).toMatchObject({ ok: true, lost: 0, doubled: 0, invented: 0 });
}

test('records are stored once, however their file is appended to, renamed, packed and copied', async () => {
  const id = uniqueSource('files');
  const [file, options] = [join(root, 'a.jsonl'), { path: join(root, 'a*') }];
  writeFileSync(file, paid(1) + paid(2));
  expect(await sync(id, options)).toMatchObject({ outcome: 'done', inserted: 2 });
  // The last line has no end, and is an object.
  appendFileSync(file, paid(3) + paid(4).trimEnd());
  expect(await sync(id, options)).toMatchObject({ inserted: 2 });
  appendFileSync(file, '\n');
  expect(await sync(id, options)).toMatchObject({ inserted: 0, dead_letters: 0 });
  renameSync(file, join(root, 'a.jsonl.1'));
  copyFileSync(join(root, 'a.jsonl.1'), join(root, 'a-copy.jsonl'));
  writeFileSync(join(root, 'a.jsonl.2.gz'), gzipSync(paid(2) + paid(5)));
  expect(await sync(id, options)).toMatchObject({ inserted: 1 });
  const found = await rows(id, 'id, type, time');
  expect(found.map((row) => row['id'])).toEqual(['/shop 1', '/shop 2', '/shop 3', '/shop 4', '/shop 5']);
  await proved(id);
});

test('events of types that nobody declared are found by their words and their type', async () => {
  const id = uniqueSource('found');
  writeFileSync(join(root, 'b.jsonl'), paid(1) + paid(2) + paid(3));
  await sync(id, { path: join(root, 'b.jsonl') });
  const filter = { source: id, type: 'shop.paid', text: 'parcel moon' };
  const found = await searchEvents(database.pool, { filter, order: 'newest', limit: 2 }, createRegistry().catalogue);
  expect(found.map((event) => event.data)).toEqual(
    [3, 2].map((n) => ({ message: `parcel ${n} for the moon`, cloudevents: { source: '/shop' } })),
  );
});

test('hostile lines are dead letters or flagged events, and their neighbours are stored', async () => {
  const id = uniqueSource('hostile');
  const file = join(root, 'c.jsonl');
  const lines: (string | Buffer)[] = [
    'nonsense',
    '[]',
    `{"a":${'['.repeat(200)}${']'.repeat(200)}}`,
    `{"long":"${'x'.repeat(1_100_000)}"}`,
    '{"specversion":"1.0","id":"\\u0000","source":"/x","type":"t"}',
    '{"specversion":"1.0","id":7,"source":"/x","type":"t"}',
    '{"nul":"\\u0000 \\ud800"}',
    '{"wide":12345678901234567890,"huge":1e999}',
    '{"twice":1,"twice":2}',
    Buffer.concat([Buffer.from('{"bytes":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    '{"specversion":"1.0","id":"8","source":"/x","type":"t","time":"2026-02-30T00:00:00Z"}',
  ];
  writeFileSync(
    file,
    Buffer.concat(lines.map((line) => Buffer.concat([Buffer.from(line), Buffer.from(`\n${paid(1)}`)]))),
  );
  expect(await sync(id, { path: file })).toMatchObject({ outcome: 'done', dead_letters: 6, inserted: 6 });
  const letters = await database.pool.query('select code from dead_letters where source = $1 order by ordinal', [id]);
  expect(letters.rows.map((row: Record<string, unknown>) => row['code'])).toEqual([
    'not_json',
    'not_an_object',
    'too_deep',
    'too_long',
    'bad_id',
    'not_cloudevent',
  ]);
  const flags = (await rows(id, 'flags')).map((row) => row['flags']);
  expect(flags).toEqual([null, ['sanitized'], ['number_as_text'], ['duplicate_keys'], ['not_utf8'], ['bad_time']]);
  await proved(id);
});

test('rows of CSV are versions where they are mapped so, and the newest is the current one', async () => {
  const id = uniqueSource('csv');
  const file = join(root, 'prices.csv');
  const options = { path: file, entity: '/sku', version: '/revision', type: 'acme.price' };
  writeFileSync(file, 'sku,revision,price\r\nA,9,1\r\nA,10,"2\r\n2"\r\nB,1,3\r\n');
  expect(await sync(id, options)).toMatchObject({ outcome: 'done', inserted: 3 });
  appendFileSync(file, 'A,2,0\r\nB,2,4\r\n');
  expect(await sync(id, options)).toMatchObject({ inserted: 2 });
  const { rows: current } = await database.pool.query(
    'select entity, data from current_events where source = $1 order by entity',
    [id],
  );
  expect(current).toEqual([
    { entity: 'A', data: { sku: 'A', revision: '10', price: '2\r\n2' } },
    { entity: 'B', data: { sku: 'B', revision: '2', price: '4' } },
  ]);
  await proved(id);
});

test('what only an option can tell comes back when it is set', async () => {
  const id = uniqueSource('mended');
  const file = join(root, 'd.jsonl');
  writeFileSync(file, '{"id":1,"at":1767225600}\n{"id":2,"at":1767225601}\n');
  const options = { path: file, id: '/id', time: '/at' };
  expect(await sync(id, options)).toMatchObject({ inserted: 0, dead_letters: 2 });
  await decideLetters(database.pool, { source: id, decision: 'redriven', by: 'ada', reason: null });
  expect(await sync(id, { ...options, timeUnit: 's' })).toMatchObject({ inserted: 2, dead_letters: 0 });
  expect((await rows(id, 'time::text')).map((row) => row['time'])).toEqual([
    expect.stringContaining('2026-01-01'),
    expect.stringContaining('2026-01-01'),
  ]);
});
