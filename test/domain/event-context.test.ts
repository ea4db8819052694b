// A context comes back from Postgres as it was, or is refused with the place that cannot be kept.
import { expect, test } from 'vitest';
import { keptText, patched } from '../../src/domain/event-context.js';
import { limits } from '../../src/limits.js';

/** An object in an object in …, of so many levels. */
function nested(levels: number): unknown {
  return levels === 1 ? {} : { in: nested(levels - 1) };
}

const keepable = [
  {},
  { a: 'ä😀', b: null, c: true, d: 1.5, e: { f: [1, 'x', { g: false }] } },
  Object.assign(Object.create(null), { a: 1 }),
  { quoted: '\\u0000 is text' },
];

test.each(keepable)('%j is kept, by either way', (value) => {
  expect(JSON.parse(keptText(value, 'it', 1_000))).toEqual({ ...value });
  expect(patched({ before: 1, a: 0 }, value)).toEqual({ before: 1, a: 0, ...value });
});

const refused: [string, unknown, RegExp][] = [
  ['text', 'x', /object/],
  ['null', null, /object/],
  ['a list', [1], /object/],
  ['a date', new Date(0), /object/],
  ['NUL', { a: { b: 'x\0' } }, /\.a has|\.a\.b has text that Postgres does not hold/],
  ['NUL in a name', { 'x\0': 1 }, /has text that Postgres does not hold/],
  ['half a pair', { a: ['\ud800'] }, /\.a\[0\] has text/],
  ['no number', { a: Number.NaN }, /\.a is a number/],
  ['too many digits', { a: { b: [Number.POSITIVE_INFINITY] } }, /\.a\.b\[0\] is a number/],
  ['a function', { a: () => 1 }, /\.a is a function/],
  ['a date inside', { a: new Date(0) }, /\.a is a object/],
  ['too deep', nested(limits.eventDepthMax + 1), /nested deeper than/],
  [
    'too deep in lists',
    { a: JSON.parse('['.repeat(limits.eventDepthMax) + ']'.repeat(limits.eventDepthMax)) as unknown },
    /nested deeper than/,
  ],
];

test.each(refused)('%s is refused, by either way', (_what, value, why) => {
  expect(() => keptText(value, 'it', 1_000_000)).toThrow(RangeError);
  expect(() => keptText(value, 'it', 1_000_000)).toThrow(why);
  expect(() => patched({}, value)).toThrow(why);
});

test('as deep as may be is kept', () => {
  expect(JSON.parse(keptText(nested(limits.eventDepthMax), 'it', 1_000_000))).toEqual(nested(limits.eventDepthMax));
});

test('the length is bounded, for the whole and not for the patch alone', () => {
  expect(keptText({ a: 'xx' }, 'it', 10)).toHaveLength(10);
  expect(() => keptText({ a: 'xxx' }, 'it', 10)).toThrow('it has 11 characters, expected at most 10');
  const half = 'x'.repeat(limits.eventContextCharsMax / 2);
  expect(() => patched({ a: half }, { b: half })).toThrow(/expected at most/);
  const rest = limits.eventContextCharsMax - JSON.stringify({ a: half, b: '' }).length;
  expect(patched({ a: half }, { b: 'x'.repeat(rest) })).toHaveProperty('b');
});

test('of a long path its beginning is told', () => {
  const deep = Array.from({ length: limits.eventDepthMax + 1 }).reduce<unknown>(
    (inner) => ({ ['n'.repeat(20)]: inner }),
    {},
  );
  expect(() => keptText(deep, 'it', 1_000_000)).toThrow(/^it(\.n+)+ is nested/);
  expect(() => keptText(deep, 'it', 1_000_000)).toThrow(/^.{80} is nested/);
});
