// A record as its event. An event is the line at one place of one text, so two equal lines are two events, and the same line
// read again, from a renamed or packed copy, is the same one.
import type { EventDraft, JsonObject } from '../../domain/event.js';
import { RecordRejected } from '../../domain/source.js';
import { limits } from '../../limits.js';
import { lineOf, logFormatOf, type LogFormat, type LogLine } from './formats/index.js';
import type { ApiLogOptions } from './options.js';
import { placeOf, type Place } from './record.js';
import { isSelected } from './selection.js';

const lineFlags: Readonly<Record<string, string>> = {
  c: 'line_cut',
  h: 'leading_nuls',
  u: 'line_unended',
  r: 'line_rest',
};

export function toEvents(record: Uint8Array, options: ApiLogOptions): readonly EventDraft[] {
  const found = placeOf(Buffer.from(record.buffer, record.byteOffset, record.byteLength));
  if (found === undefined) throw new RecordRejected('not_a_line', 'the record does not begin with the place of a line');
  const format = logFormatOf(options.format, options.timeZone);
  const read = format.read(found.line);
  if (read.problem === undefined && !isSelected(options, read.fields)) return [];
  return [draftOf(found.place, found.line, format, read)];
}

function draftOf(place: Place, record: Buffer, format: LogFormat, read: LogLine): EventDraft {
  const { path } = read.fields;
  const flags = flagsOf(place, read);
  return {
    type: 'http.access',
    identity: { kind: 'immutable', key: `${place.generation}:${place.offset}` },
    time: read.fields.time,
    subject: path === undefined ? undefined : path.slice(0, limits.eventSubjectCharsMax),
    data: dataOf(place, read),
    ...(flags.length === 0 ? {} : { flags }),
    // What was flagged may not be told by fields as it was; a malformed line that is text is told whole.
    ...(read.flags.some((flag) => flag !== 'malformed_line') ? { raw: format.carries ? lineOf(record) : record } : {}),
  };
}

function flagsOf({ flags }: Place, read: LogLine): readonly string[] {
  if (flags === '-') return read.flags;
  return [...new Set([...read.flags, ...Array.from(flags, (sign) => lineFlags[sign]!)])];
}

/** The time is the event's own. */
function dataOf({ path: file, offset, bytes, flags }: Place, { fields, problem, line }: LogLine): JsonObject {
  const data: JsonObject = { ...(fields as unknown as JsonObject), time: undefined, file, offset };
  if (flags.includes('c')) data['lineBytes'] = bytes;
  if (problem !== undefined) data['problem'] = { column: problem.column, expected: problem.expected };
  if (line !== undefined) data['line'] = line;
  return data;
}
