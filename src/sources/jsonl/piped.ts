// Standard input as records: the pieces of a file that is read once, from its beginning to its end.
import { InvalidInput } from '../../domain/errors.js';
import type { Json } from '../../domain/event.js';
import type { PipedRecord, PipedRecords } from '../../domain/piped.js';
import type { Line } from '../files/line-splitter.js';
import { FileRefused } from '../files/regular-file.js';
import type { JsonlOptions } from './options.js';
import { piecesOf, recordsOf } from './pieces.js';

export function pipedRecords(options: JsonlOptions): PipedRecords {
  const pieces = piecesOf(options)(0, false, undefined);
  let [kept, next] = [undefined as Json | undefined, 1];
  const numbered = (lines: readonly Line[]): PipedRecord[] =>
    lines.flatMap((piece) => {
      const { records, note } = recordsOf([piece], options, kept);
      const line = next;
      [kept, next] = [note, next + 1 + lineFeedsIn(piece.bytes)];
      // A copy: what waits for its turn must not hold the block that it came in.
      return records.map((record) => ({ record: Buffer.from(record), line }));
    });
  return {
    push: (block) => told(() => numbered(pieces.push(Buffer.from(block.buffer, block.byteOffset, block.byteLength)))),
    end: () => told(() => numbered(pieces.end(true))),
  };
}

function lineFeedsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

/** A header that is none is the input's fault; of a file it concerns that file alone. */
function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof FileRefused) throw new InvalidInput('standard input', error.message);
    throw error;
  }
}
