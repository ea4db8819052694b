// Records on their way to another process: their bytes in a row, as JSON holds them.
import type { Whole } from '../../stages/mapping/map-record.js';

export interface RecordsText {
  /** Base64. */
  readonly bytes: string;
  readonly sizes: readonly number[];
  /** Of each record; null where none has one. */
  readonly streams: readonly (string | null)[] | null;
}

/** Raw bytes of one question, unless one record alone has more: a turn's answer in some milliseconds. */
const bytesMax = 1_024 * 1_024;

/** As many of the first as may be asked about at once; at least one. */
export function firstRecords(wholes: readonly Whole[]): readonly Whole[] {
  let [count, bytes] = [1, wholes[0]!.record.byteLength];
  for (; count < wholes.length; count++) {
    bytes += wholes[count]!.record.byteLength;
    if (bytes > bytesMax) break;
  }
  return wholes.slice(0, count);
}

export function recordsText(wholes: readonly Whole[]): RecordsText {
  return {
    bytes: Buffer.concat(wholes.map(({ record }) => record)).toString('base64'),
    sizes: wholes.map(({ record }) => record.byteLength),
    streams: wholes.some(({ stream }) => stream !== null) ? wholes.map(({ stream }) => stream) : null,
  };
}

export function* recordsOf({ bytes, sizes, streams }: RecordsText): Generator<Whole> {
  const all = Buffer.from(bytes, 'base64');
  let from = 0;
  for (const [at, size] of sizes.entries()) {
    yield { record: all.subarray(from, from + size), stream: streams?.[at] ?? null };
    from += size;
  }
}
