// Rows of CSV out of lines: quotes may hold line ends. Each row says where it ends, and reading begun again there gives the
// same rows: nothing is remembered from one row to the next.
import type { Line } from '../files/line-splitter.js';
import { staysOpen } from './csv-record.js';
import { jsonlLimits } from './limits.js';

export class RowJoiner {
  readonly #delimiter: string;
  /** Lines of a row whose quotes are open. */
  #held: Line[] = [];
  #bytes = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  /** Bytes of a row that has not ended. */
  get waiting(): number {
    return this.#held.length === 0 ? 0 : this.#held.at(-1)!.end - this.#held[0]!.offset;
  }

  push(line: Line): Line[] {
    const rows: Line[] = [];
    let lines = [line];
    for (let at = 0; at < lines.length; at++) {
      const next = lines[at]!;
      this.#bytes += next.bytes.length + 1;
      // What was cut off may close its quotes, and nobody knows.
      const open = next.flags.cut === undefined && staysOpen(next.bytes, this.#held.length > 0, this.#delimiter);
      this.#held.push(next);
      if (!open) rows.push(this.#joined());
      else if (this.#bytes > jsonlLimits.rowBytesMax) {
        lines = [...this.#giveUp(rows), ...lines.slice(at + 1)];
        at = -1;
      }
    }
    return rows;
  }

  /** What is held where nothing more will come. */
  end(): Line[] {
    const rows: Line[] = [];
    while (this.#held.length > 0) for (const line of this.#giveUp(rows)) rows.push(...this.push(line));
    return rows;
  }

  /** The first line alone is a row: its quote is none. The others are read anew. */
  #giveUp(rows: Line[]): Line[] {
    const [first, ...rest] = this.#held;
    [this.#held, this.#bytes] = [[], 0];
    rows.push(first!);
    return rest;
  }

  #joined(): Line {
    const lines = this.#held;
    [this.#held, this.#bytes] = [[], 0];
    const [first, last] = [lines[0]!, lines.at(-1)!];
    if (lines.length === 1) return first;
    const parts = lines.flatMap((line, at) => (at === 0 ? [line.bytes] : [endOf(lines[at - 1]!), line.bytes]));
    return {
      bytes: Buffer.concat(parts),
      offset: first.offset,
      end: last.end,
      flags: { ...first.flags, ...last.flags },
    };
  }
}

const [lineFeed, both] = [Buffer.from('\n'), Buffer.from('\r\n')];

/** A carriage return was taken off where two bytes are missing; within quotes it is the row's. */
function endOf({ bytes, offset, end, flags }: Line): Buffer {
  return Object.keys(flags).length === 0 && end - offset === bytes.length + 2 ? both : lineFeed;
}
