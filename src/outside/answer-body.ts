// The body of an answer, unpacked and bounded while it comes: 48 KB of gzip hold 50 MB.
import { Transform, Writable, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { NeedsAttention } from '../domain/errors.js';
import { httpBounds } from './bounds.js';
import { headerOf, type Headers } from './headers.js';

/** What is asked for; no server may send another. */
export const acceptedCodings = 'gzip, br, deflate';

const unpackers: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Throws what the streams throw, and NeedsAttention for what is too large or in a coding nobody asked for. */
export async function readBody(body: Readable, headers: Headers, bytesMax: number, subject: string): Promise<Buffer> {
  const unpack = codingsOf(headers, subject).toReversed();
  const chunks: Buffer[] = [];
  const packed = createMeter(bytesMax, subject);
  const unpacked = createMeter(bytesMax, subject);
  const through = new Transform({ transform: (chunk: Buffer, _, next) => next(packed(chunk), chunk) });
  const collect = new Writable({
    write(chunk: Buffer, _, next) {
      chunks.push(chunk);
      next(unpacked(chunk));
    },
  });
  await pipeline([body, through, ...unpack, collect]);
  return Buffer.concat(chunks);
}

/** In the order they were applied. */
function codingsOf(headers: Headers, subject: string): NodeJS.ReadWriteStream[] {
  const names = (headerOf(headers, 'content-encoding') ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const codings = names.filter((name) => name !== '' && name !== 'identity');
  const unknown = codings.find((name) => !Object.hasOwn(unpackers, name));
  if (unknown === undefined && codings.length <= httpBounds.codingsMax)
    return codings.map((name) => unpackers[name]!());
  throw new NeedsAttention(
    'answer_coding',
    `${subject} sent an answer packed in a way it was not asked for; expected ${acceptedCodings}`,
  );
}

/** Counts, and gives the error once it is too much. */
function createMeter(bytesMax: number, subject: string): (chunk: Buffer) => Error | null {
  let bytes = 0;
  return (chunk) => {
    bytes += chunk.length;
    return bytes <= bytesMax
      ? null
      : new NeedsAttention('answer_too_large', `${subject} sent an answer that has more than ${bytesMax} bytes`);
  };
}

/** The beginning of a refusal, as text; what cannot be read says nothing. Leaves nothing unread. */
export async function readRefusal(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= httpBounds.refusalBytesMax) break;
    }
  } catch {
    // Its status is known, and is what counts.
  }
  return Buffer.concat(chunks).toString('utf8', 0, httpBounds.refusalBytesMax);
}
