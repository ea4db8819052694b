// POST /v1/events: what is answered is stored, and the answer says of each event what became of it.
import { connect } from 'node:net';
import { CloudEvent, emitterFor, HTTP, httpTransport, type Message } from 'cloudevents';
import { expect, test } from 'vitest';
import { decodeRecords } from '../../src/activities/page-codec.js';
import { savePause } from '../../src/store/pauses.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { uniqueSource } from '../support/temporal.js';
import { testFrontDoor } from './front-door.js';

const database = testDatabase();
const door = testFrontDoor(database);

async function stored(source: string) {
  const { rows } = await database.pool.query<{ id: string; type: string; data: unknown }>(
    'select id, type, data from events where source = $1 order by page, ordinal',
    [source],
  );
  return rows;
}

test('an event in our own words is stored when it is answered, and given again it is known', async () => {
  const source = uniqueSource('own');
  const event = JSON.stringify({ type: 'order.paid', id: 'o-17', data: { amount: 12.5 } });
  const first = await door.post(`/v1/events?source=${source}`, event);
  expect(first).toMatchObject({ status: 200, body: { source, total: 1, inserted: 1, refused: 0 } });
  expect(first.body.verdicts).toEqual([{ index: 0, outcome: 'accepted', id: 'o-17' }]);
  expect(await stored(source)).toEqual([{ id: 'o-17', type: 'order.paid', data: { amount: 12.5 } }]);
  const again = await door.post(`/v1/events?source=${source}`, event);
  expect(again.body).toMatchObject({ inserted: 0, skipped_existing: 1, verdicts: [{ outcome: 'known', id: 'o-17' }] });
  expect(await stored(source)).toHaveLength(1);
});

/** Sends what the SDK has made. */
async function give(source: string, message: Message) {
  return door.post(
    `/v1/events?source=${source}`,
    message.body as string,
    Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)])),
  );
}

test('the CloudEvents SDK gives structured, batched and binary events, and the same event is known in each mode', async () => {
  const source = uniqueSource('sdk');
  const event = new CloudEvent({
    id: '17',
    source: '/orders',
    type: 'order.paid',
    time: '2026-01-31T12:00:00Z',
    subject: 'ana',
    traceparent: '00-1',
    data: { amount: 12.5 },
  });
  const structured = await give(source, HTTP.structured(event));
  expect(structured).toMatchObject({ status: 200, body: { inserted: 1, verdicts: [{ id: '/orders 17' }] } });
  expect((await give(source, HTTP.binary(event))).body).toMatchObject({ inserted: 0, skipped_existing: 1 });
  const other = event.cloneWith({ id: '18' });
  expect((await give(source, HTTP.binary(other))).body).toMatchObject({ inserted: 1 });
  const batch = JSON.stringify([event, other, event.cloneWith({ id: '19' })]);
  const batched = await door.post(`/v1/events?source=${source}`, batch, {
    'content-type': 'application/cloudevents-batch+json',
  });
  expect(batched.body).toMatchObject({ total: 3, inserted: 1, skipped_existing: 2 });
  const [first, second] = await stored(source);
  expect(first!.data).toMatchObject({ amount: 12.5, cloudevents: { source: '/orders', traceparent: '00-1' } });
  expect({ ...second, id: first!.id }).toMatchObject({ type: first!.type, data: { amount: 12.5 } });
});

test("the SDK's emitter reaches the door, and text and bytes as data are kept", async () => {
  const source = uniqueSource('emitter');
  const emit = emitterFor(httpTransport(`${door.url}/v1/events?source=${source}`));
  const made = { source: '/s', type: 't' };
  await emit(new CloudEvent({ ...made, id: 'text', datacontenttype: 'text/plain', data: 'grüße' }));
  await door.post(`/v1/events?source=${source}`, Buffer.from([0, 255, 1]), {
    'content-type': 'application/octet-stream',
    'ce-specversion': '1.0',
    'ce-id': 'bytes',
    'ce-source': '/s',
    'ce-type': 't',
    'ce-subject': 'gr%C3%BC%C3%9Fe 100%',
  });
  const [text, bytes] = await stored(source);
  expect(text!.data).toMatchObject({ value: 'grüße' });
  expect(bytes!.data).toMatchObject({ base64: Buffer.from([0, 255, 1]).toString('base64') });
  const { rows } = await database.pool.query(`select subject from events where source = $1 and id = '/s bytes'`, [
    source,
  ]);
  expect(rows).toEqual([{ subject: 'grüße 100%' }]);
});

test('a refused event does not stop its neighbours (207), and where all are refused nothing is stored (422)', async () => {
  const source = uniqueSource('refused');
  const list = [{ type: 'a', id: '1' }, { type: 'a', time: 'yesterday' }, null, { type: 'b', wrong: 1 }, { id: '5' }];
  const some = await door.post(`/v1/events?source=${source}`, JSON.stringify(list));
  expect(some).toMatchObject({ status: 207, body: { total: 5, inserted: 1, refused: 4 } });
  expect(some.body.verdicts!.map(({ outcome, code, field }) => [outcome, code, field])).toEqual([
    ['accepted', undefined, undefined],
    ['refused', 'bad_time', 'time'],
    ['refused', 'not_an_event', ''],
    ['refused', 'unknown_field', 'wrong'],
    ['refused', 'bad_type', 'type'],
  ]);
  const one = await door.post(`/v1/events?source=${source}`, '{"type":"a","time":"yesterday"}');
  expect(one.headers.get('content-type')).toBe('application/problem+json');
  expect(one).toMatchObject({ status: 422, body: { code: 'bad_time', field: 'time', status: 422 } });
  const all = await door.post(`/v1/events?source=${source}`, '[{},{}]');
  expect(all).toMatchObject({ status: 422, body: { code: 'all_refused', inserted: 0, refused: 2 } });
  expect(await stored(source)).toHaveLength(1);
});

test('with an Idempotency-Key the same request adds nothing, and equal events without a name are not one', async () => {
  const source = uniqueSource('key');
  const headers = { 'content-type': 'application/json', 'idempotency-key': '"8e03978e-40d5"' };
  const rings = '[{"type":"ring"}, {"type":"ring","id":null}, {"type":"ring","id":"own"}]';
  const first = await door.post(`/v1/events?source=${source}`, rings, headers);
  expect(first.body).toMatchObject({ inserted: 3 });
  expect(first.body.verdicts!.map(({ id }) => id)).toEqual(['key:8e03978e-40d5/0', 'key:8e03978e-40d5/1', 'own']);
  expect((await door.post(`/v1/events?source=${source}`, rings, headers)).body).toMatchObject({ skipped_existing: 3 });
  expect((await door.post(`/v1/events?source=${source}`, rings)).body).toMatchObject({
    inserted: 1,
    skipped_duplicate: 1,
  });
  const wrong = await door.post(`/v1/events?source=${source}`, rings, { ...headers, 'idempotency-key': 'two words' });
  expect(wrong).toMatchObject({ status: 400, body: { field: 'idempotency-key' } });
});

test('each event is kept as the bytes it came in', async () => {
  const source = uniqueSource('bytes');
  const events = ['{"type" : "a", "id":"1","data":{"n":1.0}}', '{"type":"a","id":"2","data":{"s":"],\\"}"}}'];
  await door.post(`/v1/events?source=${source}`, ` [ ${events.join(' , ')} ] `);
  const { rows } = await database.pool.query<{ raw: Buffer }>('select raw from pages where source = $1', [source]);
  const kept = (await decodeRecords(rows[0]!.raw)).map((record) => Buffer.from(record).toString().trim());
  expect(kept).toEqual(events);
});

const nested = (depth: number) => `{"type":"a","data":{"x":${'['.repeat(depth)}${']'.repeat(depth)}}}`;

test.each<[string, string | Uint8Array, number, string]>([
  ['nothing', '', 400, 'not_json'],
  ['half of it', '[{"type":"a"}', 400, 'not_json'],
  ['two documents', '{"type":"a"}{"type":"b"}', 400, 'not_json'],
  ['a comma too many', '[{"type":"a"},]', 400, 'not_json'],
  ['NaN', '{"type":"a","data":{"n":NaN}}', 400, 'not_json'],
  ['a byte order mark', '\ufeff{"type":"a"}', 400, 'not_json'],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, 'not_utf8'],
  ['what is deep', nested(200), 400, 'too_deep'],
  ['what is deeper than a stack', '['.repeat(1_000_000), 400, 'too_deep'],
  ['a little too deep', nested(100), 422, 'too_deep'],
  ['null', 'null', 422, 'not_an_event'],
  ['a text', '"x"', 422, 'not_an_event'],
  ['an empty object', '{}', 422, 'bad_type'],
])('%s is a fault of the client and stores nothing', async (_, body, status, code) => {
  const source = uniqueSource('faults');
  expect(await door.post(`/v1/events?source=${source}`, body)).toMatchObject({ status, body: { status, code } });
  expect(await stored(source)).toEqual([]);
});

test.each<[string, Record<string, string>, number, string]>([
  ['text', { 'content-type': 'text/plain' }, 415, 'bad_content_type'],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'bad_content_type'],
  ['another charset', { 'content-type': 'application/json; charset=utf-7' }, 415, 'bad_content_type'],
  ['what is packed', { 'content-type': 'application/json', 'content-encoding': 'gzip,gzip' }, 415, 'bad_encoding'],
  ['one as a batch', { 'content-type': 'application/cloudevents-batch+json' }, 400, 'bad_body'],
  ['ours as a CloudEvent', { 'content-type': 'application/cloudevents+json' }, 422, 'bad_specversion'],
  ['an attribute that is none', { 'content-type': 'application/json', 'ce-id': '1', 'ce-a-b': '1' }, 400, 'bad_header'],
  [
    'many headers',
    Object.fromEntries(Array.from({ length: 250 }, (_, at) => [`x-${at}`, '1'])),
    431,
    'headers_too_large',
  ],
  ['a long header', { 'x-long': 'x'.repeat(20_000) }, 431, 'headers_too_large'],
])('%s is refused by its headers', async (_, headers, status, code) => {
  expect(await door.post('/v1/events', '{"type":"a"}', headers)).toMatchObject({ status, body: { status, code } });
});

test('a source that is not ours to write to is refused by its name', async () => {
  expect(await door.post('/v1/events?source=Not%20an%20id', '{"type":"a"}')).toMatchObject({
    status: 400,
    body: { field: 'source' },
  });
  expect(await door.post('/v1/events?sauce=a', '{"type":"a"}')).toMatchObject({ status: 400 });
  expect(await door.post('/v1/events?source=a&source=b', '{"type":"a"}')).toMatchObject({ status: 400 });
});

test('more events or bytes than one call takes are refused, and reading stops there', async () => {
  const many = `[${'{"type":"a"},'.repeat(10_000)}{"type":"a"}]`;
  expect(await door.post('/v1/events', many)).toMatchObject({ status: 413, body: { code: 'too_many_events' } });
  const large = await door.post(
    `/v1/events?source=${uniqueSource('large')}`,
    `{"type":"a","data":{"s":"${'x'.repeat(4_300_000)}"}}`,
  );
  expect(large).toMatchObject({ status: 422, body: { code: 'too_large' } });
  // Without a length it is not known before: the answer comes in the middle, and the connection ends.
  const socket = connect(Number(new URL(door.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    'POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
  );
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
  const part = `100000\r\n${' '.repeat(0x100000)}\r\n`;
  let sent = 0;
  await eventually('it is answered', () => {
    if (sent < 64 && socket.writableLength < 4 * part.length && socket.write(part)) sent += 1;
    return answer.startsWith('HTTP/1.1 413');
  });
  expect(sent).toBeLessThan(40);
  socket.destroy();
});

test('a paused source takes nothing, and says when to come back', async () => {
  const source = uniqueSource('paused');
  await door.post(`/v1/events?source=${source}`, '{"type":"a","id":"1"}');
  await savePause(database.pool, source, { reason: null, until: null, by: 'ana' });
  const told = await door.post(`/v1/events?source=${source}`, '{"type":"a","id":"2"}');
  expect(told).toMatchObject({ status: 503, body: { code: 'paused' } });
  expect(Number(told.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await stored(source)).toHaveLength(1);
});
