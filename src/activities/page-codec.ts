// The bytes of a stored page: records one after the other, each behind its length, compressed with brotli at its lowest
// quality (1.0 µs an event; Postgres' own compression cost 6.8).
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { NeedsAttention } from '../domain/errors.js';
import type { RawRecord } from '../domain/source.js';
import { limits } from '../limits.js';

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

const lengthBytes = 4;

export async function encodeRecords(records: readonly RawRecord[]): Promise<Buffer> {
  // What could not be read back must not be stored; only a source that breaks the chunk's bounds comes here.
  const framed = frame(records);
  if (framed.byteLength > framedBytesMax) {
    throw new NeedsAttention(
      'page_too_large',
      `a page of ${framed.byteLength} bytes, expected at most ${framedBytesMax}: the source yields chunks that are too large`,
    );
  }
  return compress(framed, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
}

/** Throws RangeError when the bytes are not a stored page. */
export async function decodeRecords(raw: Uint8Array): Promise<Buffer[]> {
  return unframe(await decompress(raw, { maxOutputLength: framedBytesMax }));
}

/**
 * A page holds whole chunks, and one more record than a chunk's bound may have ended it; each record has a length. A
 * deferred event is JSON in JSON, beside its bytes in base64: up to four times its record.
 */
const framedBytesMax =
  limits.pageBytesMax + limits.chunkBytesMax + 4 * limits.recordBytesMax + 2 * limits.pageEventsMax * lengthBytes;

function frame(records: readonly RawRecord[]): Buffer {
  const bytes = records.reduce((sum, record) => sum + lengthBytes + record.byteLength, 0);
  const framed = Buffer.allocUnsafe(bytes);
  let at = 0;
  for (const record of records) {
    at = framed.writeUInt32LE(record.byteLength, at);
    framed.set(record, at);
    at += record.byteLength;
  }
  return framed;
}

function unframe(framed: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < framed.byteLength;) {
    const length = framed.readUInt32LE(at);
    at += lengthBytes + length;
    if (at > framed.byteLength) throw new RangeError('the stored page ends inside a record');
    records.push(framed.subarray(at - length, at));
  }
  return records;
}
