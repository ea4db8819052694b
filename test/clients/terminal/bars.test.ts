import { expect, test } from 'vitest';
import { lengthBar, progressBar, sparkline } from '../../../src/clients/terminal/bars.js';
import { drawnIn, saysUtf8 } from '../../../src/clients/terminal/glyphs.js';

test('a bar is as long as its value beside the largest, and anything at all has one', () => {
  expect([0, 1, 50, 100].map((value) => lengthBar(value, 100, 10).length)).toEqual([0, 1, 5, 10]);
  expect(lengthBar(0, 0, 10)).toBe('');
  expect([-1, 0, 0.5, 1, 7].map((share) => progressBar(share, 4).full.length)).toEqual([0, 0, 2, 4, 4]);
});

test('a line of days has a cell for each, a blank for nothing, and neighbours share one where there are too many', () => {
  expect(sparkline([0, 1, 4, 8], 30)).toBe(' ▁▅█'.replace('▁', '▂'));
  expect(sparkline([], 30)).toBe('');
  expect(
    sparkline(
      Array.from({ length: 365 }, (_, at) => at),
      30,
    ),
  ).toHaveLength(29);
  expect(sparkline([0, 0], 30)).toBe('  ');
});

test('what is drawn is ASCII where the locale has no UTF-8, cell for cell; what people wrote stays', () => {
  expect(drawnIn('▁▂▃▄▅▆▇█░ · → … é', false)).toBe('_.:-=+*#. - > ~ é');
  expect(drawnIn('█ é', true)).toBe('█ é');
  expect([{}, { LANG: 'C.UTF-8' }, { LC_ALL: 'en_US.utf8', LANG: 'C' }].map(saysUtf8)).toEqual([true, true, true]);
  expect(
    [{ LANG: 'C' }, { LC_ALL: 'POSIX', LANG: 'C.UTF-8' }, { LC_ALL: '', LC_CTYPE: 'de_DE.ISO-8859-1' }].map(saysUtf8),
  ).toEqual([false, false, false]);
});
