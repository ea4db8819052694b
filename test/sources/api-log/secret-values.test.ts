// What is masked, what is not, and that a line is its bytes otherwise.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createValueMask, secretNames } from '../../../src/sources/api-log/secret-values.js';

function masked(line: string): string {
  return createValueMask(secretNames)!(Buffer.from(line)).toString();
}

test('values of named queries are replaced, in the request, the referer, JSON, W3C and logfmt', () => {
  for (const [line, expected] of [
    [
      '"GET /a?x=1&token=abc&y=2 HTTP/1.1" "https://e.org/?Token=q"',
      '"GET /a?x=1&token=*&y=2 HTTP/1.1" "https://e.org/?Token=*"',
    ],
    [
      String.raw`{"uri":"/a?x=1\u0026api_key=a\"b\u0026y=2"}`,
      String.raw`{"uri":"/a?x=1\u0026api_key=*"}`.replace('*"', String.raw`*"b\u0026y=2"`),
    ],
    ['2026-01-31 GET /a token=abc&x=1 80', '2026-01-31 GET /a token=*&x=1 80'],
    ['method=GET password=x path=/a', 'method=GET password=* path=/a'],
    ['/a?monkey=1&broken_token=2', '/a?monkey=1&broken_token=2'],
  ] as const)
    expect(masked(line)).toBe(expected);
});

test('a line without any of that is the same bytes, text or not, and long hostile lines take no time', () => {
  const mask = createValueMask(secretNames)!;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const line = Buffer.from(bytes.map((byte) => (byte === 0x3d ? 0x20 : byte)));
      expect(mask(line).equals(line)).toBe(true);
    }),
  );
  for (const part of ['?', '&', '?a', 'a=', '?=&', '1.', '1.1.1.', 'a:', ':', '\\', 'x=y&'])
    expect(mask(Buffer.from(part.repeat(100_000))).length).toBeGreaterThan(0);
}, 20_000);
