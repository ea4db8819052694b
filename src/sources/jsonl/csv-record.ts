// CSV (RFC 4180) with a header. A record is the header and one row, as bytes, so that a row can be read without its file.
// A field in quotes may hold line ends, delimiters and doubled quotes. A quote anywhere but at a field's beginning is a
// sign like any other (5" pipe), also for the splitter: the two must see the same rows.
import { isUtf8 } from 'node:buffer';
import type { JsonObject } from '../../domain/event.js';
import { RecordRejected } from '../../domain/source.js';
import { assertLength, type ReadRecord } from './json-record.js';

const [quote, lineEnd] = [0x22, 0x0a];

/** Whether a row goes on after this line, which is without its line end; `open`: the line begins within quotes. */
export function staysOpen(line: Uint8Array, open: boolean, delimiter: string): boolean {
  if (!open && line.indexOf(quote) === -1) return false;
  const between = delimiter.charCodeAt(0);
  let [quoted, atStart] = [open, !open];
  for (let at = 0; at < line.length; at++) {
    const sign = line[at];
    if (quoted) {
      if (sign !== quote) continue;
      if (line[at + 1] === quote) at += 1;
      else quoted = false;
    } else if (sign === quote && atStart) quoted = true;
    atStart = !quoted && sign === between;
  }
  return quoted;
}

/** The header, a line end, the row. */
export function rowRecord(header: Uint8Array, row: Uint8Array): Uint8Array {
  const record = Buffer.allocUnsafe(header.length + 1 + row.length);
  record.set(header);
  record[header.length] = lineEnd;
  record.set(row, header.length + 1);
  return record;
}

interface Header {
  readonly delimiter: string;
  /** With the line end behind it. */
  readonly bytes: Buffer;
  readonly names: readonly string[];
}

/** Parsed last: all records of a file have the same. */
let last: Header | undefined;

/** Null for an empty row. Throws RecordRejected. */
export function readRow(record: Uint8Array, delimiter: string): ReadRecord | null {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (last === undefined || delimiter !== last.delimiter || !begins(bytes, last.bytes))
    last = headerOf(bytes, delimiter);
  const row = bytes.subarray(last.bytes.length);
  assertLength(row);
  const { fields, clean } = rowAt(row.toString(), 0, delimiter);
  if (fields.length === 1 && fields[0] === '') return null;
  const flags = [
    ...(isUtf8(bytes) ? [] : ['not_utf8']),
    ...(clean ? [] : ['bad_quotes']),
    ...(fields.length === last.names.length ? [] : [fields.length < last.names.length ? 'short_row' : 'long_row']),
  ];
  return { value: valueOf(last.names, fields), flags };
}

function begins(bytes: Buffer, beginning: Buffer): boolean {
  return bytes.length >= beginning.length && bytes.compare(beginning, 0, beginning.length, 0, beginning.length) === 0;
}

/** Bytes are counted as characters of Latin 1, in which no part of a character of UTF-8 is a sign of CSV. */
function headerOf(bytes: Buffer, delimiter: string): Header {
  const { end } = rowAt(bytes.toString('latin1'), 0, delimiter);
  if (bytes[end] !== lineEnd) throw new RecordRejected('no_header', 'the record is not a header and a row of CSV');
  const header = Buffer.from(bytes.subarray(0, end + 1));
  return { delimiter, bytes: header, names: namesOf(rowAt(header.toString(), 0, delimiter).fields) };
}

/** Each its own: a second `name` is `name_2`, one without a name goes by its place. */
function namesOf(fields: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return fields.map((field, at) => {
    const name = at === 0 && field.startsWith('\ufeff') ? field.slice(1) : field;
    const wanted = name === '' ? columnName(at) : name;
    let own = wanted;
    for (let count = 2; taken.has(own); count++) own = `${wanted}_${count}`;
    taken.add(own);
    return own;
  });
}

function columnName(at: number): string {
  return `column_${at + 1}`;
}

/** Texts as they stand: what a column means is for who reads it. A field that the row lacks is not there. */
function valueOf(names: readonly string[], fields: readonly string[]): JsonObject {
  const named = fields.map((field, at): [string, string] => [names[at] ?? spareName(names, at), field]);
  return Object.fromEntries(named);
}

/** Of a field beyond the header. */
function spareName(names: readonly string[], at: number): string {
  let name = columnName(at);
  while (names.includes(name)) name += '_';
  return name;
}

interface Row {
  readonly fields: readonly string[];
  /** Where it ends: at its line end, or behind all. */
  readonly end: number;
  /** Quotes are where RFC 4180 has them. */
  readonly clean: boolean;
}

function rowAt(text: string, from: number, delimiter: string): Row {
  const fields: string[] = [];
  let [clean, lineAt] = [true, -1];
  for (let at = from; ; at++) {
    const field = text.charCodeAt(at) === quote ? quotedField(text, at) : null;
    const start = field?.end ?? at;
    // Looked for once: a row of a million fields would be read a million times.
    if (lineAt < start) lineAt = indexOr(text.indexOf('\n', start), text.length);
    const end = Math.min(indexOr(text.indexOf(delimiter, start), lineAt), lineAt);
    const rest = withoutReturn(text, start, end);
    if (field === null) clean &&= !rest.includes('"');
    else clean &&= field.closed && rest === '';
    fields.push((field?.value ?? '') + rest);
    if (text[end] !== delimiter) return { fields, end, clean };
    at = end;
  }
}

/** What stands in quotes at `from`. Quotes that never close are none: their sign is one of the field's. */
function quotedField(text: string, from: number): { value: string; end: number; closed: boolean } {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text.charCodeAt(at + 1) === quote) continue;
    return { value: text.slice(from + 1, at).replaceAll('""', '"'), end: at + 1, closed: true };
  }
  return { value: '', end: from, closed: false };
}

function indexOr(index: number, otherwise: number): number {
  return index === -1 ? otherwise : index;
}

/** A row may end in CR LF. */
function withoutReturn(text: string, from: number, to: number): string {
  const atEnd = to === text.length || text.charCodeAt(to) === lineEnd;
  return text.slice(from, atEnd && to > from && text.charCodeAt(to - 1) === 0x0d ? to - 1 : to);
}
