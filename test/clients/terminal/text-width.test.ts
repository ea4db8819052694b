// A table stays straight whatever people write into it.
import { expect, test } from 'vitest';
import { table } from '../../../src/clients/terminal/table.js';
import { cutTo, padEnd, widthOf } from '../../../src/clients/terminal/text-width.js';

test('letters of East Asia and pictures take two cells, marks none', () => {
  expect(['abc', '変更', '한글', 'é', 'e\u0301', '🚀', '👩‍👩‍👧', '❤️', ''].map(widthOf)).toEqual([
    3, 4, 4, 1, 1, 2, 2, 2, 0,
  ]);
});

test('a text is cut at a whole letter and never gets wider than asked', () => {
  expect(cutTo('変更する', 8)).toBe('変更する');
  expect(cutTo('変更する', 6)).toBe('変更…');
  expect(cutTo('e\u0301e\u0301e\u0301', 2)).toBe('e\u0301…');
  expect(padEnd('変', 4)).toBe('変  ');
});

test('columns are in line, lines are as wide as the terminal at most, and nothing steers it', () => {
  const lines = table(
    [
      { name: 'name', rank: 1 },
      { name: 'n', rank: 2 },
      { name: 'text', rank: 3, least: 10 },
    ],
    [
      ['変更', 1, 'one'],
      ['ab', 20_000, `two\u001b[31m\nred\u202e ${'x'.repeat(100)}`],
    ],
    40,
  );
  expect(lines[1]!.indexOf('one')).toBe(lines[2]!.indexOf('two') - 2);
  expect(Math.max(...lines.map(widthOf))).toBe(40);
  for (const steering of ['\u001b', '\n', '\u202e']) expect(lines.join('')).not.toContain(steering);
});
