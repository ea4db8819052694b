// The stated rules of canonical JSON, one by one, and all of them against another implementation of RFC 8785.
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/canonical-json.js';

const wellFormed = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 3 }),
    fc.constantFrom('"', '\\', '\n', '\u0000', '\u2028', '\u007f'),
  ),
});
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    wellFormed,
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 5 }),
  object: fc.dictionary(wellFormed, tie('value'), { maxKeys: 6 }),
})).value;

test('any JSON value has the text that RFC 8785 gives it', () => {
  fc.assert(
    fc.property(json, (value) => canonicalJson(value) === canonicalize(value)),
    { numRuns: 2_000 },
  );
});

test('reading the text and writing it again gives the same text', () => {
  fc.assert(
    fc.property(json, (value) => canonicalJson(JSON.parse(canonicalJson(value))) === canonicalJson(value)),
    { numRuns: 500 },
  );
});

test('the order of keys does not matter, at any depth (A1.19)', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, item]) => [key, reversed(item)]),
    );
  };
  fc.assert(
    fc.property(json, (value) => canonicalJson(reversed(value)) === canonicalJson(value)),
    { numRuns: 500 },
  );
});

test('the order of lists matters (A1.19)', () => {
  expect(canonicalJson({ files: ['a', 'b'] })).not.toBe(canonicalJson({ files: ['b', 'a'] }));
});

test.each<[string, unknown, string]>([
  [
    'keys go by UTF-16 code units, digits before letters',
    { b: 1, a: 2, 10: 3, 9: 4, é: 5, '\u{1f600}': 6, '\ufb33': 7 },
    '{"10":3,"9":4,"a":2,"b":1,"é":5,"\u{1f600}":6,"\ufb33":7}',
  ],
  ['50 and 50.0 are one number', { cpu: 50.0 }, '{"cpu":50}'],
  ['minus zero is zero', [-0], '[0]'],
  [
    'small and large numbers as ECMAScript prints them',
    [1e-7, 1e21, 1e20, 0.1, 5e-324],
    '[1e-7,1e+21,100000000000000000000,0.1,5e-324]',
  ],
  ['null is a value and stays', { a: null }, '{"a":null}'],
  ['undefined is the same as missing', { a: undefined, b: 1 }, '{"b":1}'],
  ['undefined in a list is null, as in JSON', { b: 1, a: [1, undefined] }, '{"a":[1,null],"b":1}'],
  ['a hole in a list is null too', { b: 1, a: [1, , 2] }, '{"a":[1,null,2],"b":1}'], // eslint-disable-line no-sparse-arrays
  ['a date is its ISO text', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
  ['half of a surrogate pair is an escape', '\ud800', '"\\ud800"'],
  [
    'control characters are the short escapes, others are not escaped',
    '\b\t\n\f\r"\\/\u0001\u2028',
    '"\\b\\t\\n\\f\\r\\"\\\\/\\u0001\u2028"',
  ],
  ['a key named like a method is a key', { toJSON: 1, constructor: 2 }, '{"constructor":2,"toJSON":1}'],
  [
    '__proto__ from JSON is a key',
    JSON.parse('{"b":1,"__proto__":{"admin":true}}'),
    '{"__proto__":{"admin":true},"b":1}',
  ],
])('%s', (_rule, value, text) => {
  expect(canonicalJson(value)).toBe(text);
});

test('NFC and NFD forms of one word differ', () => {
  expect(canonicalJson('é'.normalize('NFC'))).not.toBe(canonicalJson('é'.normalize('NFD')));
});

test.each<[string, unknown]>([
  ['NaN', NaN],
  ['an infinity', [Infinity]],
  ['a bigint', { n: 1n }],
  ['a function', { f: () => 1 }],
  ['a symbol', Symbol('s')],
  ['a date that is none', { at: new Date(NaN) }],
])('%s has no text and is refused', (_what, value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError);
});
