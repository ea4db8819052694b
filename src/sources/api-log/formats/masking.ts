// What must not be kept of a line: values of its queries, addresses of clients. It is taken out before anything is stored: a
// masked record is what was read of the line, without it, and the line itself is gone.
import { createHmac } from 'node:crypto';
import { isIP } from 'node:net';
import type { Json } from '../../../domain/event.js';
import { networkOf, normalAddress } from './addresses.js';
import type { LogFormat } from './index.js';
import type { LogFields, LogLine } from './line.js';

export interface Masking {
  /** Values of queries, those of the referer and of other urls too: of all keys, or of these (without case). */
  readonly query: 'keep' | 'all' | readonly string[];
  /** `network`: IPv4 as /24, IPv6 as /48, a name as `*`. `hash`: of the address, with the key, so that equal ones stay equal. */
  readonly addresses: 'keep' | 'network' | 'hash';
  /** For `hash`; whoever has it can find the addresses by trying all. */
  readonly key?: string | undefined;
}

const masked = '*';
/** In front of a masked record, with a line break behind it, which no line has. */
const head = 'masked';

/** The record to store instead. `format.read` reads it as it reads others. */
export function maskRecord(format: LogFormat, record: Uint8Array, masking: Masking): Buffer {
  return Buffer.from(`${head}\n${JSON.stringify(maskLine(format.read(record), masking))}`);
}

export function isMasked(record: Uint8Array): boolean {
  return record[0] === head.charCodeAt(0) && record[head.length] === 10 && record[head.length + 1] === 0x7b;
}

/** What a masked record says; undefined: it is none. */
export function readMasked(record: Uint8Array): LogLine | undefined {
  if (!isMasked(record)) return undefined;
  const text = Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString();
  return text.startsWith(`${head}\n{`) ? (JSON.parse(text.slice(head.length + 1)) as LogLine) : undefined;
}

export function maskLine({ fields, line, ...rest }: LogLine, masking: Masking): LogLine {
  const text = (value: string) => maskText(value, masking);
  const kept: LogFields = {
    ...fields,
    query: mapped(fields.query, (value) => maskQuery(value, masking)),
    referer: mapped(fields.referer, (value) => maskUrl(value, masking)),
    request: mapped(fields.request, text),
    remote: mapped(fields.remote, (value) => maskAddress(value, masking)),
    forwardedFor: mapped(fields.forwardedFor, (value) => maskAddresses(value, masking)),
    extra: mapped(fields.extra, (value) => maskJson(value, masking) as NonNullable<LogFields['extra']>),
  };
  return { ...rest, fields: kept, ...(line === undefined ? {} : { line: text(line) }) };
}

function mapped<T>(value: T | undefined, change: (value: T) => T): T | undefined {
  return value === undefined ? undefined : change(value);
}

/** `a=1&token=2` to `a=1&token=*`. A part without `=` is a value where all are masked. */
export function maskQuery(query: string, masking: Masking): string {
  if (masking.query === 'keep' || query === '') return query;
  const keys = keysOf(masking);
  let [out, from] = ['', 0];
  for (let at = 0; at <= query.length; at++) {
    const code = query.charCodeAt(at);
    if (at < query.length && code !== 38 && code !== 59) continue;
    out += maskPair(query.slice(from, at), keys) + query.slice(at, at + 1);
    from = at + 1;
  }
  return out;
}

/** Null: all. */
function keysOf({ query }: Masking): ReadonlySet<string> | null {
  if (query === 'all') return null;
  return new Set(query === 'keep' ? [] : query.map((key) => key.toLowerCase()));
}

function maskPair(pair: string, keys: ReadonlySet<string> | null): string {
  const equals = pair.indexOf('=');
  if (equals < 0) return keys === null && pair !== '' ? masked : pair;
  return keys === null || keys.has(keyOf(pair.slice(0, equals))) ? `${pair.slice(0, equals)}=${masked}` : pair;
}

/** `Token%5B%5D`, `token[]` and `token` are one key. */
function keyOf(written: string): string {
  let key = written.replaceAll('+', ' ');
  try {
    key = decodeURIComponent(key);
  } catch {
    // As it is written.
  }
  const bracket = key.indexOf('[');
  return (bracket > 0 ? key.slice(0, bracket) : key).trim().toLowerCase();
}

/** The query of a url, and what is behind its `#`, where tokens stand as well. */
function maskUrl(url: string, masking: Masking): string {
  const hash = url.indexOf('#');
  const front = hash < 0 ? url : url.slice(0, hash);
  const mark = front.indexOf('?');
  const shown = mark < 0 ? front : front.slice(0, mark + 1) + maskQuery(front.slice(mark + 1), masking);
  return hash < 0 ? shown : `${shown}#${maskQuery(url.slice(hash + 1), masking)}`;
}

/** An address or a name, with or without a port; `unix:` of nginx is none. */
export function maskAddress(written: string, { addresses, key }: Masking): string {
  if (addresses === 'keep' || written === '' || written === 'unix:') return written;
  const { host, before, behind } = partsOf(written);
  const shown = addresses === 'hash' ? hashOf(host, key) : isIP(host) === 0 ? masked : networkOf(host);
  return before + shown + behind;
}

/** `[::1]:80`, `192.0.2.1:80`, or the address alone. */
function partsOf(written: string): { readonly host: string; readonly before: string; readonly behind: string } {
  const close = written.indexOf(']');
  if (written.startsWith('[') && close > 0)
    return { host: written.slice(1, close), before: '[', behind: written.slice(close) };
  const colon = written.indexOf(':');
  if (colon < 0 || colon !== written.lastIndexOf(':')) return { host: written, before: '', behind: '' };
  return { host: written.slice(0, colon), before: '', behind: written.slice(colon) };
}

function hashOf(host: string, key: string | undefined): string {
  // Half of the digest: 2^64 addresses until two of them are likely to be alike.
  return `hash:${createHmac('sha256', key ?? '')
    .update(normalAddress(host))
    .digest('hex')
    .slice(0, 32)}`;
}

/** X-Forwarded-For. */
function maskAddresses(list: string, masking: Masking): string {
  if (masking.addresses === 'keep') return list;
  return list
    .split(',')
    .map((one) => maskAddress(one.trim(), masking))
    .join(', ');
}

/** Of what has no field: addresses, a server's too, urls and queries. */
function maskJson(value: Json, masking: Masking, name = ''): Json {
  const isQuery = /query|args/i.test(name);
  if (typeof value === 'string') return isQuery ? maskQuery(value, masking) : maskValue(value, masking);
  if (Array.isArray(value)) return value.map((one) => maskJson(one, masking, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [
      key,
      isQuery && maskPair(`${key}=x`, keysOf(masking)).endsWith(masked) ? masked : maskJson(one ?? null, masking, key),
    ]),
  );
}

function maskValue(value: string, masking: Masking): string {
  if (isAddress(value)) return maskAddresses(value, masking);
  return value.includes(' ') ? maskText(value, masking) : maskUrl(value, masking);
}

function isAddress(text: string): boolean {
  const first = text.slice(0, 64).split(',')[0]!.trim();
  return isIP(partsOf(first).host) !== 0;
}

/** Text that is not understood: whatever looks like an address, and what is behind a question mark up to a blank or a quote. */
export function maskText(text: string, masking: Masking): string {
  let out = '';
  for (let at = 0; at < text.length;) {
    const end = runEnd(text, at, isAddressSign);
    if (end > at) {
      const run = text.slice(at, end);
      out += isIP(run) === 0 && isIP(partsOf(run).host) === 0 ? run : maskAddress(run, masking);
      at = end;
    } else if (text.charCodeAt(at) === 63) {
      const stop = runEnd(text, at + 1, isQuerySign);
      out += `?${maskQuery(text.slice(at + 1, stop), masking)}`;
      at = stop;
    } else {
      out += text.charAt(at);
      at += 1;
    }
  }
  return out;
}

function runEnd(text: string, from: number, holds: (code: number) => boolean): number {
  let at = from;
  while (at < text.length && holds(text.charCodeAt(at))) at += 1;
  return at;
}

function isAddressSign(code: number): boolean {
  return (code >= 48 && code <= 58) || code === 46 || ((code | 32) >= 97 && (code | 32) <= 102);
}

function isQuerySign(code: number): boolean {
  return code > 32 && code !== 34;
}
