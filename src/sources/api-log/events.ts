// A record as its event. An event is the line at one place of one text, so two equal lines are two events, and the same line
// read again, from a renamed or packed copy, is the same one.
import type { EventDraft, JsonObject } from '../../domain/event.js';
import { RecordRejected } from '../../domain/source.js';
import { limits } from '../../limits.js';
import { isMasked, lineOf, logFormatOf, type LogFormat, type LogLine } from './formats/index.js';
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
    ...rawOf(record, format, read),
  };
}

/** What was flagged may not be told by fields as it was; a malformed line that is text is told whole. A masked one is gone. */
function rawOf(record: Buffer, format: LogFormat, { flags }: LogLine): { readonly raw?: Uint8Array } {
  if (isMasked(record) || !flags.some((flag) => flag !== 'malformed_line')) return {};
  return { raw: format.carries ? lineOf(record) : record };
}

function flagsOf({ flags }: Place, read: LogLine): readonly string[] {
  if (flags === '-') return read.flags;
  return [...new Set([...read.flags, ...Array.from(flags, (sign) => lineFlags[sign]!)])];
}

/**
 * In the order of canonical JSON, which makes hashing three times as fast; written out, since a copy of all fields at once
 * costs more than parsing the line. The time is the event's own.
 */
function dataOf(place: Place, { fields, problem, line }: LogLine): JsonObject {
  return {
    bytes: fields.bytes,
    bytesIn: fields.bytesIn,
    durationMs: fields.durationMs,
    extra: fields.extra,
    file: place.path,
    forwardedFor: fields.forwardedFor,
    host: fields.host,
    line,
    lineBytes: place.flags.includes('c') ? place.bytes : undefined,
    method: fields.method,
    offset: place.offset,
    path: fields.path,
    port: fields.port,
    problem: problem === undefined ? undefined : { column: problem.column, expected: problem.expected },
    protocol: fields.protocol,
    query: fields.query,
    referer: fields.referer,
    remote: fields.remote,
    remotePort: fields.remotePort,
    request: fields.request,
    requestId: fields.requestId,
    scheme: fields.scheme,
    status: fields.status,
    upstreamMs: fields.upstreamMs,
    user: fields.user,
    userAgent: fields.userAgent,
  };
}
