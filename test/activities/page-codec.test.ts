import fc from 'fast-check';
import { brotliCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeRecords, encodeRecords } from '../../src/activities/page-codec.js';
import { limits } from '../../src/limits.js';

test('any records come back byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 50 }), async (records) => {
      const back = await decodeRecords(await encodeRecords(records));
      expect(back.map((record) => [...record])).toEqual(records.map((record) => [...record]));
    }),
    { numRuns: 200 },
  );
});

test('the largest page there can be comes back', async () => {
  const records = [Buffer.alloc(limits.recordBytesMax, 1), Buffer.alloc(limits.recordBytesMax, 2)];
  expect((await decodeRecords(await encodeRecords(records))).map(({ byteLength }) => byteLength)).toEqual([
    limits.recordBytesMax,
    limits.recordBytesMax,
  ]);
});

test('bytes that are no page are refused', async () => {
  const framed = Buffer.concat([Buffer.from([9, 0, 0, 0]), Buffer.from('short')]);
  await expect(decodeRecords(brotliCompressSync(framed))).rejects.toThrow(RangeError);
  await expect(decodeRecords(Buffer.from('not brotli'))).rejects.toThrow();
});

test('a page that would unpack to more than a page may have is refused, not unpacked', async () => {
  await expect(decodeRecords(brotliCompressSync(Buffer.alloc(64 * 1024 * 1024)))).rejects.toThrow(RangeError);
});
