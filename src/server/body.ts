// The bytes of a request, as they came: a signature is over them, and they are the record. Read to a bound and no further.
import type { IncomingMessage } from 'node:http';
import { serverLimits } from './limits.js';
import { Problem, tooLarge } from './problem.js';

/** `take` is asked for room as it goes, and throws where there is none. Throws Problem. */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number,
  take: (bytes: number) => void,
): Promise<Buffer> {
  assertPlain(request);
  const told = lengthOf(request);
  if (told !== undefined && told > bytesMax) throw tooMany(told, bytesMax);
  let [taken, read] = [told ?? 0, 0];
  take(taken);
  const parts: Uint8Array[] = [];
  // Destroyed, it could not be answered any more.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    read += part.byteLength;
    if (read > bytesMax) throw tooMany(read, bytesMax);
    for (; taken < read; taken += serverLimits.bodyStepBytes) take(serverLimits.bodyStepBytes);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function lengthOf({ headers }: IncomingMessage): number | undefined {
  const told = headers['content-length'];
  return told === undefined ? undefined : Number(told);
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
