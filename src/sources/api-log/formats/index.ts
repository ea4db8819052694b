// The line formats of access logs: pure, no clock, no file. How a reader uses them:
//
//   const format = logFormatOf(options.format, options.timeZone);   // kept compiled; throws InvalidInput 'format' or 'timeZone'
//   let layout: Layout = null;                                      // at a file's beginning; else from the file's position
//   if (format.carries && layout === null) layout = format.look(firstLines);   // null still: ask again with later lines
//   for (const line of lines) {                                     // without its \n; blank lines are none
//     const step = format.carries ? format.step(line, layout) : { layout, record: line };
//     layout = step.layout;                                         // kept in the file's position
//     if (step.record === null) continue;                           // a directive such as #Fields
//     records.push(masking === null ? step.record : maskRecord(format, step.record, masking));
//   }
//   // toEvents: pure, from the record alone
//   const read = format.read(record);                               // fields, flags; of a malformed line its problem and text
//   const raw = rawOf(record, read);                                // what text cannot give back
//
// What a line means may depend on lines before it: `#Fields:` of W3C, and for `auto` the format that the first lines showed.
// That is the layout, a short text. It travels with each record, as a line before it, so a record can be read alone, and
// reading resumes in the middle of a file with the layout of its position. `lineOf(record)` is the line without it.
import { InvalidInput } from '../../../domain/errors.js';
import { formatLimits } from './limits.js';
import type { LogLine } from './line.js';
import { createLogFormat } from './log-format.js';
import { readMasked } from './masking.js';

export type { LogFields, LogLine } from './line.js';
export { formatNames } from './log-format.js';
export { isMasked, maskRecord, type Masking } from './masking.js';

/** What lines before say of the next ones; null where nothing was said yet. Text without a line break. */
export type Layout = string | null;

export interface Step {
  /** What holds for the lines after this one. */
  readonly layout: Layout;
  /** Null: the line is a directive, and no record. */
  readonly record: Buffer | null;
}

export interface LogFormat {
  /** One of formatNames, `nginx` or `apache`. */
  readonly name: string;
  /** False: each line stands for itself and is its record; `look` and `step` need not be asked. */
  readonly carries: boolean;
  /** The layout that the first lines of a file show; null when they do not tell. */
  look(lines: readonly Uint8Array[]): Layout;
  step(line: Uint8Array, layout: Layout): Step;
  /** Never throws: a line that is none of the format is a malformed one. */
  read(record: Uint8Array): LogLine;
}

const compiled = new Map<string, LogFormat>();

/** The same object for the same texts. Throws InvalidInput of `format`, with the column, or of `timeZone`. */
export function logFormatOf(format: string, timeZone: string): LogFormat {
  const key = `${timeZone}\n${format}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  if (format.length > formatLimits.formatCharsMax)
    throw new InvalidInput(
      'format',
      `has ${format.length} characters, expected at most ${formatLimits.formatCharsMax}`,
    );
  const made = createLogFormat(format, timeZone);
  if (compiled.size >= formatLimits.compiledMax) compiled.clear();
  compiled.set(key, made);
  return made;
}

/** The line of a record, without its layout. */
export function lineOf(record: Uint8Array): Uint8Array {
  return record.subarray(record.indexOf(10) + 1);
}

/** The bytes of a line that its fields cannot give back. Undefined: there is no need, or nothing may be kept but the fields. */
export function rawOf(record: Uint8Array, { flags }: LogLine): Uint8Array | undefined {
  return flags.length === 0 || readMasked(record) !== undefined ? undefined : lineOf(record);
}
