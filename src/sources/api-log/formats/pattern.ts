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
  /** A number: text before it ends only where a number begins. */
  readonly numeric?: boolean | undefined;
}

export interface Pattern {
  readonly before: string;
  readonly pieces: readonly Piece[];
  /** Values are escaped (decoding.ts), and `-` says that there is none. */
  readonly escaped: boolean;
}

export function readPattern({ before, pieces, escaped }: Pattern, text: string, ascii: boolean, zone: Zone): LogLine {
  const reading = new Reading(text, ascii, escaped, zone);
  if (!text.startsWith(before)) return malformed(text, ascii, 1, `${JSON.stringify(before)} at the beginning`);
  let at = before.length;
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index]!;
    const end =
      piece.time === undefined ? fieldEnd(reading.text, at, pieces, index, escaped) : timeEnd(reading, at, piece);
    if (end < 0) return malformed(text, ascii, at + 1, `${piece.name} and then ${JSON.stringify(piece.after)}`);
    if (piece.time === undefined) put(reading, piece, at, end, escaped);
    at = end + piece.after.length;
  }
  if (at < text.length) {
    reading.flag('trailing_text');
    reading.extra('rest', reading.cut(at, text.length));
  }
  return reading.done();
}

function put(reading: Reading, piece: Piece, from: number, to: number, escaped: boolean): void {
  // nginx and Apache write `-` for what is not there, escape=json and escape=none nothing.
  if (escaped ? to - from === 1 && reading.text.charCodeAt(from) === 45 && piece.name !== 'request' : to === from)
    return;
  piece.put(reading, reading.cut(from, to));
}

/** Where the text after the field stands: the first place behind which the next field can begin. */
function fieldEnd(text: string, at: number, pieces: readonly Piece[], index: number, escaped: boolean): number {
  const { after } = pieces[index]!;
  if (after === '') return text.length;
  const first = endAt(text, after, at, escaped);
  const next = pieces[index + 1];
  if (next === undefined || (next.time === undefined && next.numeric !== true)) return first;
  for (let end = first; end >= 0; end = endAt(text, after, end + 1, escaped))
    if (begins(text, end + after.length, next)) return end;
  return first;
}

const scratch: Clock = newClock();

/** Looks at most aheadChars on. */
function begins(text: string, at: number, { time, after }: Piece): boolean {
  if (time !== undefined) {
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

/** A time that cannot be read ends where the text after it stands, so that the rest of the line is read. */
function timeEnd(reading: Reading, at: number, piece: Piece): number {
  const { text } = reading;
  const end = piece.time!(text, at, reading.clock);
  if (end >= 0 && (piece.after === '' ? end === text.length : text.startsWith(piece.after, end))) return end;
  const found = piece.after === '' ? text.length : text.indexOf(piece.after, at);
  if (found >= 0) reading.badTime(text.slice(at, found));
  return found;
}
