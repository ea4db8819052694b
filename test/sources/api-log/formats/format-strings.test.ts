// Formats as people have them in their configuration, and what is said of those that cannot be used.
import { expect, test } from 'vitest';
import { isEngineError } from '../../../../src/domain/errors.js';
import { formatNames, logFormatOf } from '../../../../src/sources/api-log/formats/index.js';
import { fieldsOf } from './read-line.js';

function problemOf(format: string, zone = 'UTC'): string {
  try {
    logFormatOf(format, zone);
  } catch (error) {
    if (isEngineError(error) && error.next === 'refuse') return error.message;
    throw error;
  }
  return 'none';
}

const common = '::1 - ada [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 12';
const asCommon = {
  method: 'GET',
  path: '/a',
  protocol: 'HTTP/1.0',
  status: 200,
  bytes: 12,
  remote: '::1',
  user: 'ada',
  time: '2000-10-10T13:55:36-07:00',
};

test.each([
  String.raw`LogFormat "%h %l %u %t \"%r\" %>s %b" common`,
  String.raw`  logformat "%h %l %u %t \"%r\" %>s %b"`,
  String.raw`LogFormat '%h %l %u %t "%r" %>s %b' common`,
  String.raw`"%h %l %u %t \"%r\" %>s %b"`,
  String.raw`%h %l %u %t \"%r\" %>s %b`,
  '%h %l %u %t "%r" %>s %b',
  'LogFormat "%h %l \\\n%u %t \\"%r\\" %>s %b" common',
])('Apache: %j is the common format', (format) => {
  expect(fieldsOf(format, common)).toEqual(asCommon);
});

test.each([
  `log_format common '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent';`,
  `log_format  common  '$remote_addr - $remote_user '   # who\n   '[$time_local] "$request" '\n\t'$status $body_bytes_sent';\n`,
  String.raw`log_format common "\$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent";`.replace(
    String.raw`\$`,
    '$',
  ),
  `'$remote_addr - $remote_user [$time_local] '\n'"$request" $status $body_bytes_sent'`,
  '$remote_addr - ${remote_user} [$time_local] "$request" $status $body_bytes_sent',
  'escape=default $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent',
])('nginx: %j is the common format', (format) => {
  expect(fieldsOf(format, common)).toEqual(asCommon);
});

test('nginx: escape=json, variables side by side, a list of upstream times, names of its own', () => {
  const format = `log_format json escape=json '{"t":"$time_iso8601","req":"$request","uri":"$uri$is_args$args",'
    '"status":$status,"rt":$request_time,"up":"$upstream_response_time","ua":"$http_user_agent","ref":"$http_referer",'
    '"cache":"$upstream_cache_status","tls":"$ssl_protocol"}';`;
  const line = String.raw`{"t":"2026-11-26T15:00:01+01:00","req":"GET /a\"b?c HTTP/2.0","uri":"/a\"b?c","status":200,"rt":1.005,"up":"0.001, 0.002","ua":"a\\b ü\u0001","ref":"","cache":"HIT","tls":""}`;
  expect(fieldsOf(format, line)).toEqual({
    method: 'GET',
    path: '/a"b',
    query: 'c',
    protocol: 'HTTP/2.0',
    status: 200,
    durationMs: 1005,
    userAgent: 'a\\b ü\x01',
    time: '2026-11-26T15:00:01+01:00',
    extra: { uri: '/a"b', upstream_response_time: '0.001, 0.002', upstream_cache_status: 'HIT' },
  });
  expect(fieldsOf('$scheme://$host$request_uri $status $msec', 'https://a.example/x?y 200 1700000000.123')).toEqual({
    scheme: 'https',
    host: 'a.example',
    path: '/x',
    query: 'y',
    status: 200,
    time: '2023-11-14T22:13:20.123Z',
  });
});

test('Apache: modifiers, times in parts, units of the duration, headers and notes', () => {
  const format = String.raw`LogFormat "%v:%{local}p %a %{%d/%b/%Y:%T}t.%{msec_frac}t %{%z}t \"%m %U%q %H\" %!200,304{Referer}i %400,501{User-agent}i %>s %<s %B %O %D %T %{X-Request-Id}i %{Content-Type}o %{tenant}n %{SSL_PROTOCOL}x %{sid}C %X %k %P" all`;
  const line =
    'www.example.com:443 192.0.2.1 26/Nov/2026:15:00:01.123 +0530 "GET /a?b=c HTTP/1.1" - - 304 301 0 212 1500 0 r-1 text/html acme TLSv1.3 - + 2 4711';
  expect(fieldsOf(format, line)).toEqual({
    host: 'www.example.com',
    port: 443,
    remote: '192.0.2.1',
    time: '2026-11-26T15:00:01.123+05:30',
    method: 'GET',
    path: '/a',
    query: 'b=c',
    protocol: 'HTTP/1.1',
    status: 304,
    bytes: 0,
    durationMs: 1.5,
    requestId: 'r-1',
    extra: {
      original_status: '301',
      bytes_sent: '212',
      seconds: '0',
      'response_content-type': 'text/html',
      note_tenant: 'acme',
      tls_ssl_protocol: 'TLSv1.3',
      connection: '+',
      keepalive: '2',
      pid: '4711',
    },
  });
  const timed = (form: string, text: string) => fieldsOf(`${form} %>s`, `${text} 200`).time;
  expect(timed('%{sec}t', '1700000000')).toBe('2023-11-14T22:13:20Z');
  expect(timed('%{end:usec}t', '1700000000123456')).toBe('2023-11-14T22:13:20.123456Z');
  expect(timed('%{%Y-%m-%dT%H:%M:%S%z}t', '2026-11-26T15:00:01+0100')).toBe('2026-11-26T15:00:01+01:00');
  expect(timed('[%{%a %b %e %I:%M:%S %p %Y}t]', '[Thu Nov  5 12:00:01 AM 2026]')).toBe('2026-11-05T00:00:01Z');
  expect(fieldsOf('%{us}T %{ms}T', '1500 2')).toMatchObject({ durationMs: 1.5 });
});

test.each([
  [
    '%h %l %Z',
    "format: column 7: found %Z, expected a directive of Apache's LogFormat (%h, %u, %t, %r, %>s, %b, %{Referer}i …)",
  ],
  ['LogFormat "%h %{foo %u"', 'format: column 15: found %{, expected the } that closes it'],
  ['LogFormat "%h', 'format: column 11: found an open ", expected the " that closes it'],
  ['LogFormat \\\n"%h%u"', 'format: column 16: found %u right behind %h, expected text between the two'],
  ['%h %{%Q}t', 'format: column 4: found %Q in %{%Q}t, expected a form of strftime (%d, %b, %Y, %T, %z …)'],
  ['%h %{min}T', 'format: column 4: found %{min}T, expected %{ms}T, %{us}T or %{s}T'],
  ['$remote_addr $', 'format: column 14: found "$", expected the name of a variable behind $'],
  ["log_format x '$a' '$b';", 'format: column 20: found $b right behind $a, expected text between the two'],
  [
    "log_format x escape=xml '$a';",
    'format: column 14: found escape=xml, expected escape=default, escape=json or escape=none',
  ],
  ["log_format x '$a", "format: column 14: found an open ', expected the ' that closes it"],
  ['log_format main', 'format: column 16: found nothing, expected the format in quotes'],
  ['a ${b', 'format: column 3: found ${b, expected the } that closes it'],
])('%j is refused in one line with the column', (format, problem) => {
  expect(problemOf(format)).toBe(problem);
});

test('a name that nobody knows, too long a format and a zone that is none are refused', () => {
  expect(problemOf('apache2')).toBe(
    `format: column 1: found "apache2", expected ${formatNames.join(', ')}, a log_format of nginx (with $variables) or a LogFormat of Apache (with % directives)`,
  );
  expect(problemOf('%h '.repeat(10_000))).toContain('has 30000 characters, expected at most 16384');
  expect(problemOf('%h '.repeat(300))).toContain('format: column 769: found one more variable, expected at most 256');
  expect(problemOf('combined', 'Mars/Olympus')).toBe(
    'timeZone: found "Mars/Olympus", expected UTC, +02:00 or a name like Europe/Berlin',
  );
});

test('a zone for logs without one: summer, an hour that is twice, and one that never is', () => {
  const at = (time: string) => {
    const { time: found, flags = [] } = fieldsOf('%{%F %T}t %>s', `${time} 200`, null, 'Europe/Berlin');
    return [found, ...flags];
  };
  expect(at('2026-07-01 12:00:00')).toEqual(['2026-07-01T12:00:00+02:00']);
  expect(at('2026-01-01 12:00:00')).toEqual(['2026-01-01T12:00:00+01:00']);
  expect(at('2026-10-25 02:30:00')).toEqual(['2026-10-25T02:30:00+02:00', 'ambiguous_time']);
  expect(at('2026-03-29 02:30:00')).toEqual(['2026-03-29T02:30:00+01:00', 'skipped_time']);
  expect(at('2026-03-29 03:00:00')).toEqual(['2026-03-29T03:00:00+02:00']);
  expect(fieldsOf('%{%F %T}t %>s', '2026-07-01 12:00:00 200', null, '-03:30').time).toBe('2026-07-01T12:00:00-03:30');
  // A log that has its own zone keeps it.
  expect(fieldsOf('common', common, null, 'Europe/Berlin').time).toBe('2000-10-10T13:55:36-07:00');
});

test('the same time again is the same moment, and of another zone another one', () => {
  const line = '2026-07-01 12:00:00 200';
  const at = (zone: string) => fieldsOf('%{%F %T}t %>s', line, null, zone).time;
  expect([at('UTC'), at('UTC'), at('+02:00'), at('UTC')]).toEqual([
    '2026-07-01T12:00:00Z',
    '2026-07-01T12:00:00Z',
    '2026-07-01T12:00:00+02:00',
    '2026-07-01T12:00:00Z',
  ]);
  // What only begins like the time before is another one; a dash is none.
  expect(fieldsOf('[$time_iso8601] $status', '[2026-07-01T12:00:00Z] 200').time).toBe('2026-07-01T12:00:00Z');
  expect(fieldsOf('[$time_iso8601] $status', '[2026-07-01T12:00:00Z1] 200').flags).toEqual(['bad_time']);
  expect(fieldsOf('[$time_iso8601] $status', '[-] 200')).toEqual({ status: 200 });
});
