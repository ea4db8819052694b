// synthetic: event n is a function of seed and n, so that what must be stored can be computed without reading.
import { expect, test } from 'vitest';
import { hostileKind, hostileKinds, originalOf, synthetic, syntheticRecord } from '../../src/sources/synthetic.js';
import type { Chunk } from '../../src/domain/source.js';

const options = (part: object = {}) => synthetic.options.parse({ events: 2_000, seed: 91, ...part });

async function read(part: object, next = 0): Promise<Chunk<unknown>[]> {
  const context = {
    sourceId: 's',
    options: options(part),
    directory: '/nowhere',
    state: {} as never,
    admitDeletions: async () => {},
    secret: async () => '',
    incomplete: async () => [],
    signal: new AbortController().signal,
  };
  const chunks: Chunk<unknown>[] = [];
  for await (const chunk of synthetic.read(context, { v: 1, next })) chunks.push(chunk);
  return chunks;
}

test('reading gives the record of every place, wherever it begins', async () => {
  for (const part of [{}, { duplicates: 0.4 }, { hostile: true }]) {
    for (const next of [0, 1, 1_234]) {
      const records = (await read(part, next)).flatMap((chunk) => chunk.records);
      expect(records.map(String)).toEqual(
        Array.from({ length: 2_000 - next }, (_, at) => String(syntheticRecord(options(part), next + at))),
      );
    }
  }
});

test('the share of repeats is the one asked for, and each repeats an earlier event that is none', () => {
  for (const duplicates of [0, 0.2, 0.7]) {
    const given = options({ duplicates });
    const originals = Array.from({ length: 20_000 }, (_, at) => originalOf(given, at));
    const repeats = originals.filter((original, at) => original !== at).length / 20_000;
    expect(Math.abs(repeats - duplicates)).toBeLessThan(0.02);
    expect(originals.every((original, at) => original <= at && originalOf(given, original) === original)).toBe(true);
  }
});

test('another seed is another stream', () => {
  expect(String(syntheticRecord(options(), 5))).not.toBe(String(syntheticRecord(options({ seed: 92 }), 5)));
});

test('every kind of trouble comes up', () => {
  const kinds = new Set(Array.from({ length: 100 }, (_, n) => hostileKind(n * 7 + 3)));
  expect([...kinds].sort()).toEqual([...hostileKinds].sort());
});

test('a chunk ends by number or by bytes', async () => {
  expect((await read({ pageEvents: 300 })).map(({ records }) => records.length)).toEqual([
    300, 300, 300, 300, 300, 300, 200,
  ]);
  const large = await read({ events: 30, bytes: 200_000 });
  expect(large.length).toBeGreaterThan(3);
});
