// Whatever stands in a line, reading says something of it, in time proportional to its length.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatNames, logFormatOf, maskRecord } from '../../../../src/sources/api-log/formats/index.js';
import { tries } from '../../../support/share.js';
import { workOf } from './counted-work.js';
import { fieldsOf, readLine } from './read-line.js';

const strings = [
  ...formatNames,
  `log_format j escape=json '{"a":"$remote_addr","u":"$http_user_agent","t":"$time_iso8601","s":$status}';`,
  '$http_user_agent $http_referer $remote_user [$time_local] $status',
  '%{%d/%b/%Y %T %z}t %u %h "%r" %>s %U%q %D',
];
const fields = 'w3c - date time cs-method cs-uri-stem cs(User-Agent) sc-status';

const pieces = fc.constantFrom(
  ...[
    '"',
    '\\"',
    '\\x16',
    '\\u0000',
    '\\ud800',
    '\\',
    ' ',
    ' "',
    '" ',
    '] "',
    '[10/Oct/2000:13:55:36 -0700]',
    '30/Feb/2000:25:61:61 +9999',
  ],
  ...[
    '-',
    '::1',
    '[::1]',
    '1.2.3.4, 5.6.7.8',
    'GET / HTTP/1.1',
    '000',
    '999',
    '18446744073709551616',
    '\0',
    '\r',
    '\u2028',
    '{',
    '}',
    '":',
    '=',
  ],
  ...[
    '${jndi:ldap://x/a}',
    '<script>',
    "'; DROP TABLE events;--",
    '\x1b[31m',
    '=cmd()',
    'a=b',
    '2026-11-26',
    '15:00:01',
    '\t',
    '%',
    '%zz',
    'é',
    '#Fields: a',
    'http 2018-07-02T22:23:00.186641Z',
  ],
);
const line = fc.oneof(
  fc
    .array(fc.oneof(pieces, fc.string({ maxLength: 8 })), { maxLength: 40 })
    .map((parts) => Buffer.from(parts.join(''))),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
);

test('any bytes give fields, and a malformed line its text; nothing throws', () => {
  fc.assert(
    fc.property(line, fc.constantFrom(...strings), (bytes, format) => {
      const one = Buffer.from(bytes.filter((byte) => byte !== 10));
      const read = readLine(format, one, format === 'w3c' ? fields : null);
      expect(read.problem === undefined).toBe(!read.flags.includes('malformed_line'));
      if (read.problem !== undefined) expect(read.problem.column).toBeLessThanOrEqual(one.length + 1);
      if (read.problem !== undefined) expect(typeof read.line).toBe('string');
      expect(read.fields.time ?? '2000-01-01T00:00:00Z').toMatch(
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
      );
      for (const value of [read.fields.status, read.fields.bytes, read.fields.durationMs])
        if (value !== undefined) expect(Number.isFinite(value)).toBe(true);
      // It is JSON, and may be masked.
      const made = logFormatOf(format, 'UTC');
      const record = made.step(one, null).record ?? Buffer.alloc(0);
      const masked = made.read(maskRecord(made, record, { query: 'all', addresses: 'network' }));
      expect(masked.flags).toEqual(made.read(record).flags);
    }),
    { numRuns: tries(300, 10_000) },
  );
});

const units = [
  '"',
  '\\',
  '\\"',
  '\\" ',
  ' ',
  '] "',
  ' [',
  'a',
  '1',
  '1.',
  ':',
  '?',
  '&',
  '=',
  'a=',
  '{"a":',
  '[',
  '\\x41',
  '\\ud800',
  '10/Oct/2000:13:55:36 -0700 ',
  ' 200 ',
  '""',
  '\t',
  '\0',
  '+',
  '%20',
];
const fronts = [
  '',
  '127.0.0.1 - ',
  '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "',
  'http 2018-07-02T22:23:00.186641Z a b c 0 0 0 0 0 0 0 "',
  'a="',
  '{"a":"',
];

/** One for each way of reading. */
const ways = ['auto', 'combined', 'json', 'logfmt', 'w3c', 'elb', ...strings.slice(-3)];

test.each(ways)('%s: four times the line is four times the work, whatever it repeats', (format) => {
  const made = logFormatOf(format, 'UTC');
  for (const front of fronts)
    for (const unit of units) {
      const costs = [128, 512].map((length) => {
        const bytes = Buffer.from(front + unit.repeat(length / unit.length));
        const record = made.step(bytes, format === 'w3c' ? fields : null).record ?? bytes;
        return workOf(() => maskRecord(made, record, { query: 'all', addresses: 'network' }));
      });
      // With the square it would be sixteen times.
      if (costs[1]! > 6 * costs[0]! + 2_000) expect({ front, unit, costs }).toBe('at most four times the work');
    }
});

test('TLS on port 80, log4shell, no request, IPv6, 20 forwarded addresses', () => {
  const line = (request: string, behind = '"-" "-"') =>
    `::1 - - [10/Oct/2000:13:55:36 +1400] "${request}" 400 0 ${behind}`;
  expect(fieldsOf('combined', line(String.raw`\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03`))).toMatchObject({
    request: '\x16\x03\x01\x02\0\x01\0\x01\uFFFD\x03\x03',
    flags: ['not_utf8', 'malformed_request'],
    time: '2000-10-10T13:55:36+14:00',
  });
  expect(fieldsOf('combined', line('-'))).toMatchObject({ request: '-', flags: ['malformed_request'] });
  expect(fieldsOf('combined', line(''))).toMatchObject({ request: '', flags: ['malformed_request'] });
  expect(fieldsOf('combined', line('GET /a b HTTP/1.1'))).toMatchObject({ path: '/a b' });
  expect(fieldsOf('combined', line('GET /'))).toMatchObject({ method: 'GET', path: '/' });
  expect(fieldsOf('combined', line('CONNECT a.example:443 HTTP/1.1'))).toMatchObject({ path: 'a.example:443' });
  const text = '${jndi:ldap://x/a} <script> \'; DROP TABLE x \\x1b[31m "'.replace('"', '\\"');
  expect(fieldsOf('combined', line('GET / HTTP/1.1', `"-" "${text}"`)).userAgent).toBe(
    '${jndi:ldap://x/a} <script> \'; DROP TABLE x \x1b[31m "',
  );
  const forwarded = Array.from({ length: 20 }, (_, at) => `192.0.2.${at}`).join(', ');
  expect(fieldsOf('main', line('GET / HTTP/1.1', `"-" "-" "${forwarded}"`)).forwardedFor).toBe(forwarded);
});

test('a name of a user that looks like the rest of a line splits nothing', () => {
  for (const user of ['a b', 'x [', '[10/Oct/2000:13:55:36 -0700]', 'x] \\"GET / HTTP/1.1\\" 200 1', 'ü'])
    expect(fieldsOf('common', `::1 - ${user} [11/Oct/2000:13:55:36 +0000] "GET /a HTTP/1.1" 200 1`)).toMatchObject({
      user: user.replaceAll('\\"', '"'),
      time: '2000-10-11T13:55:36Z',
      path: '/a',
    });
});

test('dates that are none, status 000 and 999, a size beyond all numbers', () => {
  const at = (time: string, numbers = '200 1') => fieldsOf('common', `::1 - - [${time}] "GET / HTTP/1.1" ${numbers}`);
  expect(at('30/Feb/2000:13:55:36 +0000')).toMatchObject({
    flags: ['bad_time'],
    extra: { time: '30/Feb/2000:13:55:36 +0000' },
  });
  expect(at('10/Okt/2000:13:55:36 +0000')).toMatchObject({ status: 200, flags: ['bad_time'] });
  expect(at('31/Dec/2016:23:59:60 +0000')).toMatchObject({ time: '2016-12-31T23:59:59Z', flags: ['leap_second'] });
  expect(at('10/Oct/2000:13:55:36 +0000', '000 -')).toMatchObject({ status: 0 });
  expect(at('10/Oct/2000:13:55:36 +0000', '999 18446744073709551616')).toMatchObject({
    status: 999,
    flags: ['bad_number'],
    extra: { bytes: '18446744073709551616' },
  });
});

test('line ends, a byte order mark and holes are no part of a line', () => {
  const line = '::1 - - [10/Oct/2000:13:55:36 +0000] "GET /\u2028 HTTP/1.1" 200 1';
  expect(fieldsOf('common', `${line}\r`)).toEqual(fieldsOf('common', line));
  expect(fieldsOf('common', `\uFEFF${line}`)).toEqual(fieldsOf('common', line));
  expect(fieldsOf('common', `\0\0\0${line}`)).toEqual({ ...fieldsOf('common', line), flags: ['leading_nuls'] });
  expect(fieldsOf('w3c', `\uFEFF#Fields: a`, null)).toMatchObject({ flags: ['malformed_line'] });
});

test('JSON: a prototype is data, nesting has an end, a number beyond a double is flagged', () => {
  expect(JSON.stringify(readLine('json', '{"status":200,"__proto__":{"admin":true}}').fields.extra)).toBe(
    '{"__proto__":{"admin":true}}',
  );
  const deep = `{"status":200,"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
  expect(readLine('json', deep)).toMatchObject({ flags: ['too_deep'], fields: { status: 200 } });
  expect(readLine('json', '{"status":200,"id":12345678901234567890}').flags).toEqual(['bad_number']);
  expect(readLine('json', '[1]')).toMatchObject({ problem: { column: 1, expected: 'one JSON object' } });
  expect(readLine('json', Buffer.from('{"status":200,"uri":"/\xff"}', 'latin1'))).toMatchObject({
    flags: ['not_utf8'],
    fields: { path: '/\uFFFD' },
  });
});
