// The line formats of access logs: pure, no clock, no file. How a reader uses them:
//
//   const format = logFormatOf(options.format, options.timeZone);   // kept compiled; throws InvalidInput 'format' or 'timeZone'
//   let layout: Layout = null;                                      // at a file's beginning; else from the file's position
//   if (format.carries && layout === null) layout = format.look(firstLines);   // null still: ask again with later lines
//   for (const line of lines) {                                     // without its \n
//     if (!format.carries) { records.push(line); continue; }
//     const step = format.step(line, layout);
//     layout = step.layout;                                         // kept in the file's position
//     if (step.record !== null) records.push(step.record);          // null: a directive such as #Fields
//   }
//   // toEvents: pure, from the record alone
//   const { fields, flags, problem, line } = format.read(record);
//   const raw = flags.length > 0 ? lineOf(record) : undefined;       // what text cannot give back
//
// What a line means may depend on lines before it: `#Fields:` of W3C, and for `auto` the format that the first lines showed.
// That is the layout, a short text. It travels with each record, as a line before it, so a record can be read alone, and
// reading resumes in the middle of a file with the layout of its position. `lineOf(record)` is the line without it.
import { InvalidInput } from '../../../domain/errors.js';
import { formatLimits } from './limits.js';
import type { LogLine } from './line.js';
import { createLogFormat } from './log-format.js';

export type { LineFlag, LineProblem, LogFields, LogLine } from './line.js';
export { formatNames } from './log-format.js';

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
