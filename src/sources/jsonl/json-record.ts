// A line of JSON as a value, and what a value cannot say of it (../exact-json.ts).
import { isUtf8 } from 'node:buffer';
import type { Json, JsonObject } from '../../domain/event.js';
import { RecordRejected } from '../../domain/source.js';
import { exactly } from '../exact-json.js';
import { jsonlLimits } from './limits.js';

export interface ReadRecord {
  readonly value: JsonObject;
  /** `not_utf8`, `duplicate_keys`, `number_as_text`; any of them: the value is not all there is, the bytes are. */
  readonly flags: readonly string[];
}

const braceEnd = 0x7d;
/** Of a record that is no object, as it is quoted. */
const shownChars = 60;

/** Null for an empty line. Throws RecordRejected. */
export function readJson(record: Uint8Array): ReadRecord | null {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  assertLength(bytes);
  const text = textOf(bytes);
  if (text.trim() === '') return null;
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RecordRejected('not_an_object', `the line is ${kindOf(value)}, expected a JSON object`);
  const utf8 = isUtf8(bytes);
  const { value: whole, flags } = exactly(text, value);
  return { value: whole as JsonObject, flags: utf8 ? flags : ['not_utf8', ...flags] };
}

/** Of a longer one only the beginning came. */
export function assertLength({ byteLength }: Uint8Array): void {
  if (byteLength <= jsonlLimits.lineBytesMax) return;
  throw new RecordRejected('too_long', `it is longer than ${jsonlLimits.lineBytesMax} bytes; this is its beginning`);
}

/** Whether a line that has no end is an object. */
export function isWhole(line: Buffer): boolean {
  if (line.length > jsonlLimits.lineBytesMax || line.at(-1) !== braceEnd) return false;
  try {
    return readJson(line) !== null;
  } catch {
    return false;
  }
}

/** Without a mark of byte order; a reader that joins files may bring one in the middle. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString();
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new RecordRejected('not_json', `the line is not JSON: ${(error as Error).message.slice(0, 2 * shownChars)}`);
  }
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  return value === null || typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}
