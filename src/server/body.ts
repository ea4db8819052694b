// The bytes of a request, as they came: a signature is over them, and they are the record. Read to a bound and no further.
import type { IncomingMessage } from 'node:http';
import { serverLimits } from './limits.js';
import { badRequest, Problem, tooLarge } from './problem.js';
import type { Room } from './room.js';

/** Takes room as it goes, which `release` gives back. Throws Problem. */
export async function readBody(
  request: IncomingMessage,
  stream: AsyncIterable<Uint8Array>,
  bytesMax: number,
  room: Room,
  onRoom: (bytes: number) => void,
): Promise<Buffer> {
  assertPlain(request);
  const told = Number(request.headers['content-length'] ?? Number.NaN);
  if (told > bytesMax) throw tooMany(told, bytesMax);
  let taken = 0;
  const take = (upTo: number): void => {
    while (taken < upTo) {
      const step = Number.isNaN(told) ? serverLimits.bodyStepBytes : upTo;
      room.take(step);
      onRoom(step);
      taken += step;
    }
  };
  if (!Number.isNaN(told)) take(told);
  const parts: Uint8Array[] = [];
  let read = 0;
  for await (const part of stream) {
    read += part.byteLength;
    if (read > bytesMax) throw tooMany(read, bytesMax);
    take(read);
    parts.push(part);
  }
  if (!Number.isNaN(told) && read !== told)
    throw badRequest('body_cut', `the body ended after ${read} of ${told} bytes`);
  return Buffer.concat(parts);
}

/** What a body is packed by could be a thousand times as long. */
function assertPlain({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw new Problem({
    status: 415,
    code: 'bad_encoding',
    field: 'content-encoding',
    detail: `content-encoding: found ${JSON.stringify(encoding.slice(0, 60))}, expected none: a body is taken as it is`,
  });
}

function tooMany(found: number, bytesMax: number): Problem {
  return tooLarge(`the body has ${found} bytes or more, expected at most ${bytesMax}; give fewer events at a time`);
}
