// Rows of CSV out of lines: quotes may hold line ends. Each row says where it ends, and reading begun again there gives the
// same rows: nothing is remembered from one row to the next.
import { staysOpen } from './csv-record.js';
import { jsonlLimits } from './limits.js';

/** A line as it came, with its carriage return and without its line feed, and where the next one begins. */
export interface CsvLine {
  readonly bytes: Buffer;
  readonly end: number;
}

export type Row = CsvLine;

export class RowJoiner {
  readonly #delimiter: string;
  /** Lines of a row whose quotes are open. */
  #held: CsvLine[] = [];
  #bytes = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  push(line: CsvLine): Row[] {
    const rows: Row[] = [];
    let lines = [line];
    for (let at = 0; at < lines.length; at++) {
      const next = lines[at]!;
      const open = staysOpen(next.bytes, this.#held.length > 0, this.#delimiter);
      this.#held.push(next);
      this.#bytes += next.bytes.length + 1;
      if (!open) rows.push(this.#joined());
      else if (this.#bytes > jsonlLimits.rowBytesMax) {
        const rest = this.#giveUp(rows);
        lines = [...rest, ...lines.slice(at + 1)];
        at = -1;
      }
    }
    return rows;
  }

  /** What is held where nothing more will come. */
  end(): Row[] {
    const rows: Row[] = [];
    while (this.#held.length > 0) for (const line of this.#giveUp(rows)) rows.push(...this.push(line));
    return rows;
  }

  /** The first line alone is a row: its quote is none. The others are read anew. */
  #giveUp(rows: Row[]): CsvLine[] {
    const [first, ...rest] = this.#held;
    [this.#held, this.#bytes] = [[], 0];
    rows.push(first!);
    return rest;
  }

  #joined(): Row {
    const lines = this.#held;
    [this.#held, this.#bytes] = [[], 0];
    const last = lines.at(-1)!;
    if (lines.length === 1) return last;
    const parts = lines.flatMap(({ bytes }, at) => (at === 0 ? [bytes] : [lineFeed, bytes]));
    return { bytes: Buffer.concat(parts), end: last.end };
  }
}

const lineFeed = Buffer.from('\n');
