// What lines before say of the next ones: #Fields of W3C, the format that `auto` found.
import { expect, test } from 'vitest';
import { lineOf, logFormatOf, rawOf, type Layout } from '../../../../src/sources/api-log/formats/index.js';
import { fieldsOf, told } from './read-line.js';

const iis = [
  '#Software: Microsoft Internet Information Services 10.0',
  '#Version: 1.0',
  '#Date: 2026-11-26 00:00:00',
  '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken',
  '2026-11-26 00:00:02 10.0.0.4 GET /index.html a=b 443 - 203.0.113.5 Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64) - 200 0 0 15',
  '#Fields: time cs-uri-stem sc-status',
  '00:00:03 /b.html 404',
];

/** The records of a file's lines, as a reader makes them, from a place in the middle on. */
function records(format: string, lines: readonly string[], from = 0) {
  const made = logFormatOf(format, 'UTC');
  let layout: Layout = null;
  const all: { record: Buffer; layout: Layout }[] = [];
  for (const [at, line] of lines.entries()) {
    if (format === 'auto' && layout === null) layout = made.look(lines.slice(at).map((one) => Buffer.from(one)));
    const step = made.step(Buffer.from(line), layout);
    layout = step.layout;
    if (step.record !== null && at >= from) all.push({ record: step.record, layout });
  }
  return all.map(({ record }) => told(made.read(record)));
}

test('IIS: a second #Fields in the file changes the columns, and each record has its own', () => {
  const expected = [
    {
      method: 'GET',
      path: '/index.html',
      query: 'a=b',
      status: 200,
      durationMs: 15,
      remote: '203.0.113.5',
      port: 443,
      userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
      time: '2026-11-26T00:00:02Z',
      extra: { 's-ip': '10.0.0.4', 'sc-substatus': '0', 'sc-win32-status': '0' },
    },
    { path: '/b.html', status: 404, time: '2026-11-26T00:00:03Z' },
  ];
  expect(records('w3c', iis)).toEqual(expected);
  // A look at the first lines sees directives, and no format yet.
  expect(records('auto', iis)).toEqual(expected);
});

test('a record is read alone: nothing but the record is needed when reading resumes', () => {
  const made = logFormatOf('w3c', 'UTC');
  const layout = iis.slice(0, 4).reduce<Layout>((before, line) => made.step(Buffer.from(line), before).layout, null);
  const { record } = made.step(Buffer.from(iis[4]!), layout);
  expect(Buffer.from(lineOf(record!)).toString()).toBe(iis[4]);
  expect(logFormatOf('w3c', 'UTC').read(record!).fields.status).toBe(200);
});

test('a line of W3C without #Fields before it, or with other columns, is malformed and kept', () => {
  expect(fieldsOf('w3c', 'a b')).toMatchObject({ problem: { column: 1, expected: 'a line with #Fields: before it' } });
  expect(fieldsOf('w3c', '/a', 'w3c - cs-uri-stem sc-status')).toMatchObject({ problem: { column: 3 } });
  expect(fieldsOf('w3c', '/a 200 x', 'w3c - cs-uri-stem sc-status')).toMatchObject({ problem: { column: 7 } });
});

test('W3C: quotes, CloudFront with tabs and %20, a time that is none', () => {
  expect(fieldsOf('w3c', '"a ""b"" c" 200', 'w3c - cs(User-Agent) sc-status')).toEqual({
    userAgent: 'a "b" c',
    status: 200,
  });
  const layout =
    'w3c - date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(User-Agent) x-host-header time-taken';
  const line =
    '2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td1.cloudfront.net\t/index.html\t200\tMozilla/5.0%20(Windows)\twww.example.com\t0.001';
  expect(fieldsOf('w3c', line, layout)).toMatchObject({
    userAgent: 'Mozilla/5.0 (Windows)',
    durationMs: 1,
    host: 'www.example.com',
    extra: { 'cs(Host)': 'd1.cloudfront.net' },
  });
  expect(fieldsOf('w3c', '2026-02-30 00:00:00', 'w3c - date time')).toEqual({
    flags: ['bad_time'],
    extra: { time: '2026-02-30 00:00:00' },
  });
});

test('auto: garbage first, and a server whose format changed within the file', () => {
  const combined = '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1 "-" "x"';
  const json = '{"time":"2026-11-26T15:00:01Z","status":204,"uri":"/j"}';
  const made = logFormatOf('auto', 'UTC');
  expect(made.look([Buffer.from('started'), Buffer.from('')])).toBeNull();
  expect(made.look([Buffer.from('started'), Buffer.from(combined)])).toBe('combined');
  expect(records('auto', ['started', combined, json]).map((one) => one.status ?? one.flags)).toEqual([
    ['malformed_line'],
    200,
    204,
  ]);
  // Without a layout, each line tells for itself.
  expect(fieldsOf('auto', json)).toMatchObject({ status: 204, path: '/j' });
});

test('auto: combined with columns of somebody else behind it keeps them', () => {
  const line = '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1 "-" "x" rt=0.1 "y"';
  expect(logFormatOf('auto', 'UTC').look([Buffer.from(line)])).toBe('combined');
  expect(fieldsOf('auto', line, 'combined')).toMatchObject({
    userAgent: 'x',
    extra: { rest: ' rt=0.1 "y"' },
    flags: ['trailing_text'],
  });
});

test('what text cannot give back is told with its bytes, and nothing else is', () => {
  const made = logFormatOf('auto', 'UTC');
  const bytes = Buffer.from('127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /\xff HTTP/1.0" 200 1', 'latin1');
  const { record } = made.step(bytes, 'common');
  expect(Buffer.from(rawOf(record!, made.read(record!))!).equals(bytes)).toBe(true);
  const plain = made.step(
    Buffer.from('127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 1'),
    'common',
  ).record!;
  expect(rawOf(plain, made.read(plain))).toBeUndefined();
});
