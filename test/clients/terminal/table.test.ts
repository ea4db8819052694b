// A table on a narrow terminal: columns shrink to the least that tells something, then whole ones go, the least telling first.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { table, type Column } from '../../../src/clients/terminal/table.js';
import { shortTime, timeStops } from '../../../src/clients/terminal/short-forms.js';
import { widthOf } from '../../../src/clients/terminal/text-width.js';

const columns: readonly Column[] = [
  { name: 'time', rank: 3, least: 10, stops: timeStops, cut: shortTime },
  { name: 'source', rank: 2, least: 6 },
  { name: 'dead letters', short: 'dead', rank: 4 },
  { name: 'about', rank: 1, least: 12 },
];
const rows = [
  ['2026-01-31 12:00:05', 'acme/payments', 12, 'Make the parser understand raw strings'],
  ['2026-01-31 12:00:06', 'acme/web', 3, 'Short'],
];

test('whole where nothing says how wide the terminal is', () => {
  expect(table(columns, rows, null)).toEqual([
    'time                 source         dead letters  about',
    '2026-01-31 12:00:05  acme/payments            12  Make the parser understand raw strings',
    '2026-01-31 12:00:06  acme/web                  3  Short',
  ]);
});

test('what tells most gets the room, a time its day, and a heading its short form', () => {
  expect(table(columns, rows, 80)).toEqual([
    'time                 source         dead  about',
    '2026-01-31 12:00:05  acme/payments    12  Make the parser understand raw strings',
    '2026-01-31 12:00:06  acme/web          3  Short',
  ]);
  expect(table(columns, rows, 79)[0]).toBe('time              source         dead  about');
  expect(table(columns, rows, 72)[0]).toBe('time        source         dead  about');
  expect(table(columns, rows, 50)[0]).toBe('time        source  dead  about');
  expect(table(columns, rows, 20)).toEqual(['source  about', 'acme/…  Make the pa…', 'acme/…  Short']);
  expect(table(columns, rows, 12)).toEqual(['about', 'Make the pa…', 'Short']);
});

test('what is read rather than compared goes on below', () => {
  const shape: Column[] = [
    { name: 'option', rank: 1 },
    { name: 'what it does', rank: 2, least: 10, wrap: true },
  ];
  expect(table(shape, [['url', 'where the repository is, by url']], 24, { indent: 2 })).toEqual([
    '  option  what it does',
    '  url     where the',
    '          repository is,',
    '          by url',
  ]);
});

test('no line is wider than the terminal, whatever the cells, the width and the indent', () => {
  const cell = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(10_000_000));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(cell, cell, cell, cell), { maxLength: 5 }),
      fc.integer({ min: 4, max: 120 }),
      fc.nat(3),
      (cells, width, indent) => {
        for (const line of table(columns, cells, width + indent, { indent }))
          expect(widthOf(line)).toBeLessThanOrEqual(width + indent);
      },
    ),
    // Signs of two cells where a time is expected: found once by chance.
    { numRuns: 500, examples: [[[['⺀ ⺀      ', '', '', 0]], 25, 0]] },
  );
});
