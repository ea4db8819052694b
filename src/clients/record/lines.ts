// Lines of a byte stream as records: what is there is given at once, and no line is longer in memory than a record may be.
import type { Readable } from 'node:stream';
import type { PipedRecord, PipedRecords } from '../../domain/piped.js';
import type { RawRecord } from '../../domain/source.js';
import { limits } from '../../limits.js';

export interface Lines {
  /** One chunk for each read of the stream: its whole lines without their ends, none of them blank. */
  readonly chunks: AsyncIterable<readonly RawRecord[]>;
  /** Of a record of these chunks, counted from 1. */
  numberOf(record: RawRecord): number;
}

const [lineFeed, carriageReturn, space, tab] = [10, 13, 32, 9];
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** `onTooLong`: of a line above limits.recordBytesMax, which is passed over. The last line needs no end. */
export function linesOf(input: Readable, onTooLong: (line: number) => void): Lines {
  const numbers = new WeakMap<RawRecord, number>();
  async function* chunks(): AsyncGenerator<readonly RawRecord[], void, void> {
    let [line, rest, isLong] = [1, noBytes, false];
    const records: RawRecord[] = [];
    const end = (bytes: Buffer): void => {
      if (isLong || bytes.byteLength > limits.recordBytesMax) onTooLong(line);
      else {
        const record = bare(bytes, line);
        if (record.byteLength > 0) {
          numbers.set(record, line);
          records.push(record);
        }
      }
      [isLong, line] = [false, line + 1];
    };
    for await (const read of input as AsyncIterable<Buffer>) {
      let from = 0;
      for (let to = read.indexOf(lineFeed); to >= 0; to = read.indexOf(lineFeed, from)) {
        end(rest.byteLength === 0 ? read.subarray(from, to) : Buffer.concat([rest, read.subarray(from, to)]));
        [rest, from] = [noBytes, to + 1];
      }
      if (from < read.byteLength && !isLong) rest = Buffer.concat([rest, read.subarray(from)]);
      if (rest.byteLength > limits.recordBytesMax) [rest, isLong] = [noBytes, true];
      yield records.splice(0);
    }
    if (rest.byteLength > 0 || isLong) end(rest);
    yield records;
  }
  return { chunks: chunks(), numberOf: (record) => numbers.get(record)! };
}

/** Records that a source makes of it. */
export function pipedLines(input: Readable, piped: PipedRecords): Lines {
  const numbers = new WeakMap<RawRecord, number>();
  const numbered = (records: readonly PipedRecord[]): RawRecord[] =>
    records.map(({ record, line }) => {
      numbers.set(record, line);
      return record;
    });
  async function* chunks(): AsyncGenerator<readonly RawRecord[], void, void> {
    for await (const read of input as AsyncIterable<Buffer>) yield numbered(piped.push(read));
    yield numbered(piped.end());
  }
  return { chunks: chunks(), numberOf: (record) => numbers.get(record)! };
}

const noBytes = Buffer.alloc(0);

/** Without what some editors put at its ends; empty where nothing is left. */
function bare(bytes: Buffer, line: number): Buffer {
  const from = line === 1 && bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
  let to = bytes.byteLength;
  while (to > from && isBlank(bytes[to - 1]!)) to -= 1;
  return bytes.subarray(from, to);
}

function isBlank(byte: number): boolean {
  return byte === carriageReturn || byte === space || byte === tab;
}
