// Numbers and times as people read them.
import { expect, test } from 'vitest';
import { counted, duration, instantText } from '../../src/domain/figures.js';

const [second, minute, hour] = [1_000, 60_000, 3_600_000];

test.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [second, '1.0 s'],
  [minute - 100, '59.9 s'],
  [minute, '1 min 0 s'],
  [4 * minute + 5 * second, '4 min 5 s'],
  [hour - second, '59 min 59 s'],
  [hour, '1 h 0 min'],
  [3 * hour + 20 * minute, '3 h 20 min'],
  [48 * hour - minute, '47 h 59 min'],
  [48 * hour, '2 days'],
  [12 * 24 * hour + 5 * hour, '12 days'],
])('%d ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('thousands have a comma, and a moment is told to the second', () => {
  expect(counted(12_345.4)).toBe('12,345');
  expect(instantText('2026-01-31T12:00:05.123Z')).toBe('2026-01-31 12:00:05 UTC');
});
