import { expect, test } from 'vitest';
import { createRecentKeys } from '../../src/stages/recent-keys.js';

test('the least recently used key goes first: a hit counts as use', () => {
  const recent = createRecentKeys(3);
  recent.remember(['a', 'b', 'c']);
  expect(recent.has('a')).toBe(true);
  recent.remember(['d']);
  expect(['a', 'b', 'c', 'd'].map((key) => recent.has(key))).toEqual([true, false, true, true]);
});

test('it never holds more than its bound, however much it is given', () => {
  const recent = createRecentKeys(5_000);
  recent.remember(Array.from({ length: 100_000 }, (_, n) => `key ${n}`));
  expect(recent.size).toBe(5_000);
  expect(recent.has('key 99999')).toBe(true);
  expect(recent.has('key 94999')).toBe(false);
});

test('with a bound of 0 it remembers nothing', () => {
  const recent = createRecentKeys(0);
  recent.remember(['a']);
  expect([recent.has('a'), recent.size]).toEqual([false, 0]);
});

test('cleared, it knows nothing', () => {
  const recent = createRecentKeys(3);
  recent.remember(['a']);
  recent.clear();
  expect(recent.has('a')).toBe(false);
});
