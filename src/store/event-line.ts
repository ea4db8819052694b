// An event as a line of COPY's text format, and the same line as its digest is taken over: made by the worker from what it
// sends, and by `verify` from what COPY gives back. They differ where jsonb does not keep a text: the order of keys, spaces,
// how numbers are written; there the line has the canonical text.
import { canonicalJson } from '../domain/canonical-json.js';
import { instantOf } from '../domain/instant.js';
import type { StoredEvent } from './events.js';

/** Without its line end. */
export function eventLine({ event, enrichment }: StoredEvent, flags = arrayText(event.flags)): string {
  const { type, id, subject, time, priority, contentHash, ordinal, raw, dataText } = event;
  return (
    `${escape(type)}\t${escape(id)}\t${subject === null ? none : escape(subject)}\t${time ?? none}\t${priority}\t` +
    `\\\\x${contentHash}\t${ordinal}\t${flags === null ? none : escape(flags)}\t` +
    `${raw === null ? none : `\\\\x${Buffer.from(raw).toString('hex')}`}\t${escape(dataText)}\t` +
    `${enrichment === null ? none : escape(enrichment)}`
  );
}

const none = '\\N';

/**
 * The rest of what COPY is sent. The digest is over a line with it only where there is something: lines from before versions
 * are what they were, and no other line has as many fields.
 */
export function versionColumns({ event: { entity, version, versionOrder } }: StoredEvent): string {
  if (entity === null) return '\t\\N\t\\N\t\\N';
  return `\t${escape(entity)}\t${escape(version!)}\t${escape(versionOrder!)}`;
}

/** Flags are our own words: no quoting is needed. */
export function arrayText(words: readonly string[] | null): string | null {
  return words === null ? null : `{${words.join(',')}}`;
}

/**
 * For hardly any event this differs from the line that was sent: stages write canonical texts. What a projection put in
 * place of \u0000 is not canonical, and `isOld` texts were written by an earlier version.
 */
export function digestedLine(stored: StoredEvent, line: string, isOld: boolean): string {
  const text = canonicalLine(stored, line, isOld);
  return stored.event.entity === null ? text : text + versionColumns(stored);
}

function canonicalLine(stored: StoredEvent, line: string, isOld: boolean): string {
  const { event, enrichment } = stored;
  if (event.flags === null && !isOld) return line;
  const canonical = {
    event: { ...event, dataText: digestedData(event.dataText) },
    enrichment: enrichment === null ? null : digestedEnrichment(enrichment),
  };
  return eventLine(canonical, event.flags === null ? null : JSON.stringify(event.flags));
}

/**
 * A moment as text; one before year 1 gets a text that no moment of ours has: to_char alone writes 44 BC as it writes
 * the year 44.
 */
export const momentText = (column: string): string =>
  `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || case when ${column} < '0001-01-01 00:00+00' then ' BC' else '' end`;

/** What COPY must be asked for, in the order of the line. */
export const outputColumns = `type, id, subject, ${momentText('time')}, priority, content_hash, ordinal,
  array_to_json(flags), raw, data, enrichment, entity, version, version_order`;

const column = { time: 3, contentHash: 5, raw: 8, data: 9, enrichment: 10, entity: 11 } as const;

/** The digested line of what COPY gave. */
export function outputLine(fields: readonly string[]): string {
  const written = fields.slice(column.entity).every((field) => field === none)
    ? fields.slice(0, column.entity)
    : fields;
  return written.map(outputField).join('\t');
}

function outputField(field: string, at: number): string {
  if (field === none) return none;
  if (at === column.time) return instantOf(field) ?? field;
  if (at === column.data) return escape(digestedData(unescape(field)));
  if (at === column.enrichment) return escape(digestedEnrichment(unescape(field)));
  // COPY escapes more in its output than it wants escaped in its input; bytes are hexadecimal.
  if (at === column.contentHash || at === column.raw || !field.includes('\\')) return field;
  return escape(unescape(field));
}

/** Data as the digest takes it. What is no JSON is left: Postgres refuses it in a moment. */
function digestedData(text: string): string {
  const value = parsedOr(text);
  return value === undefined ? text : canonicalOr(value, text);
}

/** Canonical, but for what stages put in front of the other members as text: the context, and before them the embedding. */
function digestedEnrichment(text: string): string {
  const value = parsedOr(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return digestedData(text);
  if (!('context' in value || 'embedding' in value)) return canonicalOr(value, text);
  const { context, embedding, ...rest } = value as Record<string, unknown>;
  const members = Object.entries({ context, embedding }).filter(([, item]) => item !== undefined);
  const front = members.map(([name, item]) => `"${name}":${canonicalOr(item, text)}`).join(',');
  const back = canonicalOr(rest, text);
  return back === '{}' ? `{${front}}` : `{${front},${back.slice(1)}`;
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(longNumber.test(text) ? withExactNumbers(text) : text);
  } catch {
    return undefined;
  }
}

/** Nested too deep for us, which Postgres takes: it is not what we wrote, and its text says so. */
function canonicalOr(value: unknown, text: string): string {
  try {
    return canonicalJson(value);
  } catch {
    return text;
  }
}

/** A double holds every number of up to 15 digits; jsonb holds any. */
const longNumber = /\d[\d.]{15}/;
const stringOrLongNumber = /"(?:[^"\\]|\\.)*"|-?\d[\d.]{15,}(?:[eE][+-]?\d+)?/g;

/**
 * JSON.parse rounds a number that no double holds, maybe to the very number that was there before somebody changed it:
 * such a number stays as it is, as a string.
 */
function withExactNumbers(text: string): string {
  return text.replaceAll(stringOrLongNumber, (token) => {
    if (token.startsWith('"')) return token;
    const held = String(Number(token));
    return held === token || isSame(token, held) ? token : `"number ${token}"`;
  });
}

/** Two texts of one number. */
function isSame(one: string, other: string): boolean {
  return decimal(one) === decimal(other);
}

/** Sign, digits and the power of ten behind them. */
function decimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', power = '0'] = numberParts.exec(text) ?? [text, text];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const kept = digits.replace(/0+$/, '');
  return kept === ''
    ? sign.replace('-', '')
    : `${sign}${kept}e${Number(power) - fraction.length + digits.length - kept.length}`;
}

const numberParts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

const special = /[\\\n\r\t]/;

export function escape(text: string): string {
  if (!special.test(text)) return text;
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
}

export function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(.)/g, (_, letter: string) => letters[letter] ?? letter);
}

const letters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
