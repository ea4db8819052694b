// A key of any length and width names a row that an index can hold, for ever the same, and never another's.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundedKey } from '../../src/domain/bounded-key.js';
import { limits } from '../../src/limits.js';

test('a key within the bound is itself', () => {
  for (const key of ['', 'a', 'é'.repeat(1_200), 'x'.repeat(2_400), '\u{1f600}'.repeat(600), `a~${'0'.repeat(64)}`])
    expect(boundedKey(key)).toBe(key);
});

test.each([
  ['x', 1],
  ['é', 2],
  ['文', 3],
  ['\u{1f600}', 4],
])('a longer one of %s is its beginning and a hash', (char) => {
  for (const shift of ['', 'a', 'aa', 'aaa']) {
    const key = shift + char.repeat(4_096);
    const bounded = boundedKey(key);
    expect(Buffer.byteLength(bounded)).toBeLessThanOrEqual(limits.keyBytesMax);
    expect(Buffer.byteLength(bounded)).toBeGreaterThan(limits.keyBytesMax - 4);
    expect(bounded).toMatch(/~[0-9a-f]{64}$/);
    expect([bounded.isWellFormed(), key.startsWith(bounded.slice(0, -65))]).toEqual([true, true]);
    expect(boundedKey(`${key}a`)).not.toBe(bounded);
  }
});

test('a hash is what it was: stored keys are found again', () => {
  expect(boundedKey('x'.repeat(2_401)).slice(-66)).toBe(
    'x~2e0f4c00b7716ad31b637a286872cdb98296057bee5cd42599f1839488c9c7f2',
  );
});

test("no two keys share a form, not even one that is written like the other's", () => {
  const key = fc
    .tuple(fc.constantFrom('x', 'é', '文'), fc.integer({ min: 780, max: 2_500 }), fc.string())
    .map(([char, count, end]) => char.repeat(count) + end);
  fc.assert(fc.property(key, key, (one, other) => (one === other) === (boundedKey(one) === boundedKey(other))));
  fc.assert(fc.property(key, (one) => boundedKey(boundedKey(one)) !== boundedKey(one) || boundedKey(one) === one));
});
