// What is masked, what is not, and that a line is its bytes otherwise.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMask, secretNames, type Masks } from '../../../src/sources/api-log/masking.js';

function masked(line: string, masks: Partial<Masks>): string {
  const mask = createMask({ maskQuery: [], maskAddresses: 'none', ...masks });
  return mask === undefined ? line : mask(Buffer.from(line)).toString();
}

const usual = { maskQuery: [...secretNames] };

test('values of named queries are replaced, in the request, the referer, JSON, W3C and logfmt', () => {
  for (const [line, expected] of [
    [
      '"GET /a?x=1&token=abc&y=2 HTTP/1.1" "https://e.org/?Token=q"',
      '"GET /a?x=1&token=***&y=2 HTTP/1.1" "https://e.org/?Token=***"',
    ],
    [
      String.raw`{"uri":"/a?x=1\u0026api_key=a\"b\u0026y=2"}`,
      String.raw`{"uri":"/a?x=1\u0026api_key=***"}`.replace('***"', String.raw`***"b\u0026y=2"`),
    ],
    ['2026-01-31 GET /a token=abc&x=1 80', '2026-01-31 GET /a token=***&x=1 80'],
    ['method=GET password=x path=/a', 'method=GET password=*** path=/a'],
    ['/a?monkey=1&broken_token=2', '/a?monkey=1&broken_token=2'],
  ] as const)
    expect(masked(line, usual)).toBe(expected);
});

test('* masks all values of a query and leaves the fields of logfmt', () => {
  expect(masked('method=GET path="/a?b=c&d=e" status=200', { maskQuery: ['*'] })).toBe(
    'method=GET path="/a?b=***&d=***" status=200',
  );
  expect(masked('GET /a b=c&d=e 200', { maskQuery: ['*'] })).toBe('GET /a b=***&d=*** 200');
});

test('addresses lose what names a person, wherever they stand; times and versions stay', () => {
  const line =
    '203.0.113.77 [12:34:56] "GET http://10.1.2.3:80/" [2001:db8:1:2::7] ::ffff:192.0.2.9 "Chrome/131.0.0.1" 1.2.3';
  expect(masked(line, { maskAddresses: 'network' })).toBe(
    '203.0.113.0 [12:34:56] "GET http://10.1.2.0:80/" [2001:db8:1::] ::ffff:192.0.2.0 "Chrome/131.0.0.1" 1.2.3',
  );
  expect(masked('203.0.113.77 2001:db8::7', { maskAddresses: 'all' })).toBe('0.0.0.0 ::');
});

test('a line without any of that is the same bytes, text or not, and long hostile lines take no time', () => {
  const mask = createMask({ maskQuery: ['token', '*'], maskAddresses: 'all' })!;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const line = Buffer.from(bytes.map((byte) => ([0x3d, 0x2e, 0x3a].includes(byte) ? 0x20 : byte)));
      expect(mask(line).equals(line)).toBe(true);
    }),
  );
  for (const part of ['?', '&', '?a', 'a=', '?=&', '1.', '1.1.1.', 'a:', ':', '\\', 'x=y&'])
    expect(mask(Buffer.from(part.repeat(100_000))).length).toBeGreaterThan(0);
}, 20_000);
