// Lines out of any bytes, in any blocks.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter, type Line } from '../../../src/sources/files/line-splitter.js';

function split(bytes: Buffer, cuts: readonly number[], bytesMax = 1_000, offset = 0): Line[] {
  const splitter = new LineSplitter(bytesMax, offset);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((one, other) => one - other), bytes.length];
  return places.slice(1).flatMap((to, at) => splitter.push(bytes.subarray(places[at], to)));
}

const plain = (lines: readonly Line[]) =>
  lines.map(({ bytes, ...line }) => ({ ...line, text: bytes.toString('latin1') }));
const bytes = fc
  .array(fc.oneof(fc.constantFrom(0, 10, 13, 0xef, 0xbb, 0xbf, 97), fc.integer({ min: 0, max: 255 })), {
    maxLength: 80,
  })
  .map((list) => Buffer.from(list));

test('the lines are the same in whatever blocks the bytes come, and read on from the end of any of them', () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat()), fc.integer({ min: 1, max: 20 }), (text, cuts, bytesMax) => {
      const whole = split(text, [], bytesMax);
      expect(plain(split(text, cuts, bytesMax))).toEqual(plain(whole));
      for (const [at, { end }] of whole.entries())
        expect(plain(split(text.subarray(end), [], bytesMax, end))).toEqual(plain(whole).slice(at + 1));
    }),
  );
});

test('they are what stands between line feeds, each byte in one of them', () => {
  fc.assert(
    fc.property(bytes, (text) => {
      const found = split(text, []);
      expect(found.map(({ offset }) => offset)).toEqual([0, ...found.map(({ end }) => end)].slice(0, found.length));
      for (const { bytes: line, offset, end } of found) {
        const there = text.subarray(offset, end).toString('latin1');
        expect(
          there
            .replace(/^\0*/, '')
            .replace(/\r?\n$/, '')
            .endsWith(line.toString('latin1')),
        ).toBe(true);
        expect(there.indexOf('\n')).toBe(there.length - 1);
      }
    }),
  );
});

test('a line over the bound is cut and says how long it is; the next one is whole', () => {
  const [first, second] = split(Buffer.from(`${'x'.repeat(5_000)}\nafter\n`), [100, 200, 4_000], 1_000);
  expect(first).toMatchObject({ offset: 0, end: 5_001, flags: { cut: true } });
  expect(first!.bytes).toHaveLength(1_000);
  expect(plain([second!])).toEqual([{ text: 'after', offset: 5_001, end: 5_007, flags: {} }]);
});

test('a byte order mark, CRLF and a hole of NULs belong to no line', () => {
  const text = Buffer.concat([Buffer.from('\ufeffone\r\n'), Buffer.alloc(5_000), Buffer.from('two\r\n\r\nthree')]);
  const found = split(text, [4, 3_000], 10);
  expect(plain(found)).toMatchObject([
    { text: 'one', offset: 0, end: 8, flags: {} },
    { text: 'two', offset: 8, end: 5_013, flags: { hole: true } },
    { text: '', flags: {} },
  ]);
  const splitter = new LineSplitter(10);
  splitter.push(Buffer.from('half'));
  expect(plain([splitter.end()!])).toEqual([{ text: 'half', offset: 0, end: 4, flags: { unended: true } }]);
  splitter.push(Buffer.alloc(9));
  expect(splitter.end()).toBeUndefined();
});
