// Lines of a stream: the same records however the bytes are cut, and never more than a record in memory.
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf } from '../../../src/clients/record/lines.js';
import { limits } from '../../../src/limits.js';

async function read(bytes: Buffer, cuts: readonly number[]) {
  const places = [
    0,
    ...cuts.map((cut) => cut % (bytes.byteLength + 1)).toSorted((one, other) => one - other),
    bytes.byteLength,
  ];
  const pieces = places.slice(1).map((to, at) => bytes.subarray(places[at]!, to));
  const tooLong: number[] = [];
  const lines = linesOf(Readable.from(pieces.filter(({ byteLength }) => byteLength > 0)), (line) => tooLong.push(line));
  const found: [number, string][] = [];
  for await (const chunk of lines.chunks)
    for (const record of chunk) found.push([lines.numberOf(record), Buffer.from(record).toString('latin1')]);
  return { found, tooLong };
}

test('however the bytes are cut, each line that is not blank is one record under its number', async () => {
  const line = fc.stringMatching(/^[a-z {}"]{0,12}$/);
  await fc.assert(
    fc.asyncProperty(
      fc.array(line),
      fc.constantFrom('\n', '\r\n'),
      fc.boolean(),
      fc.array(fc.nat()),
      async (lines, end, ended, cuts) => {
        const text = lines.join(end) + (ended ? end : '');
        const expected = lines.flatMap((one, at): [number, string][] => {
          const bare = one.trimEnd();
          return bare === '' ? [] : [[at + 1, bare]];
        });
        expect(await read(Buffer.from(text), cuts)).toEqual({ found: expected, tooLong: [] });
      },
    ),
  );
});

test('a byte order mark is no part of the first line', async () => {
  expect((await read(Buffer.from('\ufeff{}\n\ufeff{}'), [])).found.map(([, text]) => text.length)).toEqual([2, 5]);
});

test('a line above the bound is passed over and named, and its neighbours are read', async () => {
  const long = 'x'.repeat(limits.recordBytesMax + 1);
  const cuts = Array.from({ length: 70 }, (_, at) => at * 65_536);
  for (const text of [`a\n${long}\nb\n`, `a\n${long}`]) {
    const { found, tooLong } = await read(Buffer.from(text), cuts);
    expect(found.map(([, one]) => one)).toEqual(text.endsWith('b\n') ? ['a', 'b'] : ['a']);
    expect(tooLong).toEqual([2]);
  }
});
