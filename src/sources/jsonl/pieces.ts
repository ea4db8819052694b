// A file as the pieces that its records are made of: lines of JSON, rows of CSV.
import type { Json } from '../../domain/event.js';
import type { RawRecord } from '../../domain/source.js';
import { LineSplitter, type Line } from '../files/line-splitter.js';
import type { Pieces } from '../files/pieces.js';
import { FileRefused } from '../files/regular-file.js';
import { rowRecord, staysOpen } from './csv-record.js';
import { isWhole } from './json-record.js';
import { jsonlLimits } from './limits.js';
import { delimiterOf, isCsv, type JsonlOptions } from './options.js';
import { RowJoiner } from './row-joiner.js';

/** One byte more than a line may have, so that one that was cut is seen to be. */
const keptBytes = jsonlLimits.lineBytesMax + 1;

/** A last line that has no end is given at once where it is an object: nothing that is written behind one makes it another. */
export class JsonPieces implements Pieces {
  readonly #lines: LineSplitter;
  waiting = 0;

  constructor(offset = 0, isRest = false) {
    this.#lines = new LineSplitter(keptBytes, offset, isRest);
  }

  push(block: Buffer): Line[] {
    return this.#lines.push(block);
  }

  end(finished: boolean): readonly Line[] {
    this.waiting = this.#lines.waiting;
    const last = this.#lines.end();
    if (last === undefined || (!finished && !isWhole(last.bytes))) return [];
    this.waiting = 0;
    return [last];
  }
}

/** Rows. The first row of a file is its header, which goes before each of the others in their records. */
export class CsvPieces implements Pieces {
  readonly #delimiter: string;
  readonly #lines: LineSplitter;
  readonly #rows: RowJoiner;
  #header: Buffer | undefined;

  /** `header`: where the file was begun before. */
  constructor(delimiter: string, header?: Buffer, offset = 0, isRest = false) {
    [this.#delimiter, this.#header] = [delimiter, header];
    [this.#lines, this.#rows] = [new LineSplitter(keptBytes, offset, isRest), new RowJoiner(delimiter)];
  }

  get waiting(): number {
    return this.#rows.waiting + this.#lines.waiting;
  }

  get besideBytes(): number {
    return (this.#header?.length ?? 0) + 1;
  }

  push(block: Buffer): Line[] {
    return this.#headed(this.#lines.push(block).flatMap((line) => this.#rows.push(line)));
  }

  end(finished: boolean): readonly Line[] {
    if (!finished) return [];
    const last = this.#lines.end();
    return this.#headed([...(last === undefined ? [] : this.#rows.push(last)), ...this.#rows.end()]);
  }

  #headed(rows: Line[]): Line[] {
    const [first] = rows;
    if (first !== undefined) this.#header ??= this.#checked(first);
    return rows;
  }

  /** Throws FileRefused: without a header nobody knows what a row says. */
  #checked({ bytes, flags }: Line): Buffer {
    const problem =
      bytes.length === 0
        ? 'is empty'
        : bytes.length > jsonlLimits.headerBytesMax || flags.cut === true
          ? `is longer than ${jsonlLimits.headerBytesMax} bytes`
          : staysOpen(bytes, false, this.#delimiter)
            ? 'has quotes that do not close'
            : null;
    if (problem === null) return Buffer.from(bytes);
    throw new FileRefused('bad_header', `its first line, the header, ${problem}; expected the names of its columns`);
  }
}

/** What is kept about a file: its header, byte for byte. Null where it has none. */
export function headerIn(note: Json | undefined): Buffer | undefined {
  return typeof note === 'string' ? Buffer.from(note, 'latin1') : undefined;
}

export function piecesOf(options: JsonlOptions): (offset: number, isRest: boolean, note: Json | undefined) => Pieces {
  if (!isCsv(options)) return (offset, isRest) => new JsonPieces(offset, isRest);
  return (offset, isRest, note) => new CsvPieces(delimiterOf(options), headerIn(note), offset, isRest);
}

export interface Recorded {
  readonly records: readonly RawRecord[];
  /** To be kept about the file. */
  readonly note: Json | undefined;
}

/** `note`: what was kept about the file. Empty lines are none. */
export function recordsOf(lines: readonly Line[], options: JsonlOptions, note: Json | undefined): Recorded {
  const written = lines.filter(({ bytes }) => bytes.length > 0);
  if (!isCsv(options)) return { records: written.map(({ bytes }) => bytes), note };
  const known = headerIn(note);
  const header = known ?? written[0]?.bytes;
  if (header === undefined) return { records: [], note };
  const rows = known === undefined ? written.slice(1) : written;
  return { records: rows.map(({ bytes }) => rowRecord(header, bytes)), note: header.toString('latin1') };
}
