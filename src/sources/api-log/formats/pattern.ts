// A format as a row of fields with literal text between them, read from left to right without going back: a field ends
// where the text after it stands. So a line takes time in proportion to its length, whatever the format and the line are.
import { formatLimits } from './limits.js';
import type { LogLine } from './line.js';
import { endAt } from './scan.js';
import { malformed, Reading } from './reading.js';
import { newClock, type Clock, type TimeForm } from './time-forms.js';
import type { Zone } from './zone.js';

/** A field of a format. */
export interface Piece {
  /** As the format calls it. */
  readonly name: string;
  /** Text between it and the next one; empty at the end of the format. */
  readonly after: string;
  /** Sets what the line tells: the text is decoded, and not `-`. */
  readonly put: (reading: Reading, text: string) => void;
  /** For a time: its form, which finds its own end. */
  readonly time?: TimeForm | undefined;
  /** Put also where the line says that there is none. */
  readonly always?: boolean | undefined;
  /** A number: text before it ends only where a number begins. */
  readonly numeric?: boolean | undefined;
}

export interface Pattern {
  readonly before: string;
  readonly pieces: readonly Piece[];
  /** Values are escaped (decoding.ts). */
  readonly escaped: boolean;
  /** What stands for no value: nginx and Apache write `-`, escape=json and escape=none nothing. */
  readonly absent: '-' | '';
  /** The time of the line before, where the format has one time: most lines of a busy server are of the same second. */
  readonly last: LastTime | undefined;
}

/** A time that was read: what the same text says again. */
export interface LastTime {
  text: string;
  zone: Zone | undefined;
  time: string | undefined;
}

export function readPattern(pattern: Pattern, text: string, ascii: boolean, zone: Zone): LogLine {
  const { before, pieces, escaped, absent } = pattern;
  if (!text.startsWith(before)) return malformed(text, ascii, 1, `${JSON.stringify(before)} at the beginning`);
  const reading = new Reading(text, ascii, escaped, zone);
  let at = before.length;
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index]!;
    const end =
      piece.time === undefined ? fieldEnd(text, at, pattern, index) : timeEnd(reading, at, piece, pattern.last);
    if (end < 0) return malformed(text, ascii, at + 1, `${piece.name} and then ${JSON.stringify(piece.after)}`);
    if (piece.time === undefined) put(reading, piece, at, end, absent);
    at = end + piece.after.length;
  }
  if (at < text.length) {
    reading.flag('trailing_text');
    reading.extra('rest', reading.cut(at, text.length));
  }
  const line = reading.done();
  if (pattern.last !== undefined) keep(pattern.last, reading, line);
  return line;
}

/** Not what is flagged: the flag and the text would have to be told again. */
function keep(last: LastTime, reading: Reading, { fields: { time }, flags }: LogLine): void {
  if (time === undefined || flags.length > 0 || time === last.time) return;
  last.text = reading.timeRead;
  last.zone = reading.zone;
  last.time = time;
}

function put(reading: Reading, piece: Piece, from: number, to: number, absent: string): void {
  if (piece.always !== true) {
    if (to === from ? absent === '' || piece.numeric === true : isDash(reading.text, from, to) && absent === '-')
      return;
  }
  piece.put(reading, reading.cut(from, to));
}

function isDash(text: string, from: number, to: number): boolean {
  return to - from === 1 && text.charCodeAt(from) === 45;
}

/** Where the text after the field stands: the first place behind which the next field can begin. */
function fieldEnd(text: string, at: number, { pieces, escaped, last }: Pattern, index: number): number {
  const { after, numeric } = pieces[index]!;
  if (after === '') {
    // A number at the end of the format: what is behind it is none of it.
    const blank = numeric === true ? text.indexOf(' ', at) : -1;
    return blank < 0 ? text.length : blank;
  }
  const first = endAt(text, after, at, escaped);
  const next = pieces[index + 1];
  if (next === undefined || (next.time === undefined && next.numeric !== true)) return first;
  for (let end = first; end >= 0; end = endAt(text, after, end + 1, escaped))
    if (begins(text, end + after.length, next, last)) return end;
  return first;
}

const scratch: Clock = newClock();

/** Looks at most aheadChars on. */
function begins(text: string, at: number, { time, after }: Piece, last: LastTime | undefined): boolean {
  if (time !== undefined) {
    if (isLast(text, at, after, last)) return true;
    const end = time(text, at, scratch);
    return end >= 0 && text.startsWith(after, end);
  }
  const code = text.charCodeAt(at);
  if (code === 45) return text.startsWith(after, at + 1);
  let end = at;
  while (end < at + formatLimits.aheadChars && isNumeric(text.charCodeAt(end))) end += 1;
  return end > at && (after === '' ? end === text.length : text.startsWith(after, end));
}

function isNumeric(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 46;
}

function isLast(text: string, at: number, after: string, last: LastTime | undefined): last is LastTime {
  if (last?.zone === undefined || !text.startsWith(last.text, at)) return false;
  const end = at + last.text.length;
  return after === '' ? end === text.length : text.startsWith(after, end);
}

/** A time that cannot be read ends where the text after it stands, so that the rest of the line is read. */
function timeEnd(reading: Reading, at: number, { time, after }: Piece, last: LastTime | undefined): number {
  const { text } = reading;
  if (isLast(text, at, after, last) && last.zone === reading.zone) {
    reading.fields.time = last.time;
    return at + last.text.length;
  }
  const read = time!(text, at, reading.clock);
  const fits = read >= 0 && (after === '' ? read === text.length : text.startsWith(after, read));
  const end = fits ? read : after === '' ? text.length : text.indexOf(after, at);
  if (!fits && isDash(text, at, end)) reading.noTime();
  else if (end >= 0) reading.timeText(at, end, fits);
  return end;
}
