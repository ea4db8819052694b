// Where a listing ended, as text people paste: opaque, short, and good only for the same question asked again. It holds the
// event's two times and a mark of its name; the name itself, which may be as long as a path, is looked up.
import { createHash } from 'node:crypto';
import { InvalidInput } from '../domain/errors.js';
import type { EventMark } from '../store/reading/event-mark.js';
import type { EventPlace } from '../store/reading/event-filter.js';

/** Bytes: the check, the question, the two times in microseconds, the mark. 38 characters in all. */
const layout = { check: 3, question: 3, time: 8, mark: 6 } as const;
const bytesOfCursor = layout.check + layout.question + 2 * layout.time + layout.mark;
/** Of an event without a time. */
const noTime = -(2n ** 63n);

/** `question` is what was asked: filters and order, as they were typed. */
export function cursorOf({ time, ingestedAt, source, id }: EventPlace, question: unknown): string {
  const body = Buffer.concat([
    digestOf(JSON.stringify(question)).subarray(0, layout.question),
    instantBytes(time),
    instantBytes(ingestedAt),
    digestOf(`${source}\n${id}`).subarray(0, layout.mark),
  ]);
  return Buffer.concat([checkOf(body), body]).toString('base64url');
}

/** Throws InvalidInput for text that is no cursor, or one of another question: its pages would have gaps. */
export function markOf(cursor: string | undefined, question: unknown): EventMark | undefined {
  if (cursor === undefined) return undefined;
  const bytes = Buffer.from(cursor, 'base64url');
  const body = bytes.subarray(layout.check);
  const whole = bytes.toString('base64url') === cursor && bytes.length === bytesOfCursor;
  if (!whole || !checkOf(body).equals(bytes.subarray(0, layout.check))) throw broken();
  if (!digestOf(JSON.stringify(question)).subarray(0, layout.question).equals(body.subarray(0, layout.question)))
    throw new InvalidInput(
      'after',
      'this cursor belongs to a listing with other filters or another order; repeat those, or begin without --after',
    );
  const at = layout.question;
  const time = body.readBigInt64BE(at);
  return {
    time: time === noTime ? null : instantText(time),
    ingestedAt: instantText(body.readBigInt64BE(at + layout.time)),
    mark: body.subarray(at + 2 * layout.time),
  };
}

function checkOf(body: Uint8Array): Buffer {
  return digestOf(body).subarray(0, layout.check);
}

function digestOf(value: string | Uint8Array): Buffer {
  return createHash('sha256').update(value).digest();
}

/** Of RFC 3339 text in UTC, to the microsecond. */
function instantBytes(instant: string | null): Buffer {
  const bytes = Buffer.alloc(layout.time);
  const [, seconds = '', fraction = ''] = /^(.{19})(?:\.(\d+))?Z$/.exec(instant ?? '') ?? [];
  bytes.writeBigInt64BE(
    instant === null
      ? noTime
      : BigInt(Date.parse(`${seconds}Z`)) * 1_000n + BigInt(fraction.padEnd(6, '0').slice(0, 6)),
  );
  return bytes;
}

/** Rounded down, also before 1970. */
function instantText(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - fraction) / 1_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(fraction).padStart(6, '0')}Z`;
}

function broken(): InvalidInput {
  return new InvalidInput(
    'after',
    'this is no cursor, or only a part of one; copy it whole from the end of the listing before, or begin without --after',
  );
}
