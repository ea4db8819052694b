// Which format a text names, and how records of it are made and read.
import { isAscii } from 'node:buffer';
import { InvalidInput } from '../../../domain/errors.js';
import { compileApache } from './apache-format.js';
import { lookAt, readAuto } from './auto.js';
import { compileNginx } from './nginx-format.js';
import type { Layout, LogFormat } from './index.js';
import type { LogLine } from './line.js';
import { readMasked } from './masking.js';
import { namedFormats, readerOf, type PreparedLine, type ReadLine } from './named-formats.js';
import { directive, isW3c } from './w3c.js';
import { zoneOf, type Zone } from './zone.js';

export const formatNames: readonly string[] = ['auto', ...namedFormats.keys()];

export function createLogFormat(format: string, timeZone: string): LogFormat {
  const zone = zoneOf(timeZone);
  const name = format.trim();
  if (name === 'auto') return withLayouts(name, readAuto, zone);
  const named = namedFormats.get(name);
  if (named !== undefined) return name === 'w3c' ? withLayouts(name, named, zone) : lineByLine(name, named, zone);
  if (isNginx(format)) return lineByLine('nginx', readerOf(compileNginx(format)), zone);
  if (format.includes('%')) return lineByLine('apache', readerOf(compileApache(format)), zone);
  const expected = `${formatNames.join(', ')}, a log_format of nginx (with $variables) or a LogFormat of Apache (with % directives)`;
  throw new InvalidInput('format', `column 1: found ${JSON.stringify(format.slice(0, 80))}, expected ${expected}`);
}

/** Apache knows no variables with $; a format of nginx may have percent signs as text. */
function isNginx(format: string): boolean {
  return /^\s*log_format\s/.test(format) || (/\$[{a-z]/.test(format) && !/^\s*LogFormat\s/i.test(format));
}

function lineByLine(name: string, read: ReadLine, zone: Zone): LogFormat {
  return {
    name,
    carries: false,
    look: () => null,
    step: (line) => ({ layout: null, record: asBuffer(line) }),
    read: (record) => readMasked(record) ?? readPrepared(record, read, zone, null),
  };
}

function withLayouts(name: string, read: ReadLine, zone: Zone): LogFormat {
  return {
    name,
    carries: true,
    look: (lines) => (name === 'auto' ? lookAt(lines.map(prepared), zone) : null),
    step(line, layout) {
      const said = line.includes(35) ? directiveOf(line, layout, name) : undefined;
      if (said !== undefined) return { layout: said, record: null };
      return { layout, record: Buffer.concat([Buffer.from(`${layout ?? ''}\n`), line]) };
    },
    read(record) {
      const masked = readMasked(record);
      if (masked !== undefined) return masked;
      const end = record.indexOf(10);
      const layout = end <= 0 ? null : asBuffer(record.subarray(0, end)).toString();
      return readPrepared(record.subarray(end + 1), read, zone, layout);
    },
  };
}

/** In a file that has shown another format, only `#Fields:` is believed: a comment could begin like the others. */
function directiveOf(line: Uint8Array, layout: Layout, name: string): Layout | undefined {
  const { text } = prepared(line);
  if (name === 'auto' && layout !== null && !isW3c(layout) && !text.startsWith('#Fields:')) return undefined;
  return directive(text, layout);
}

function readPrepared(record: Uint8Array, read: ReadLine, zone: Zone, layout: Layout): LogLine {
  const line = prepared(record);
  const found = read(line, zone, layout);
  return record[0] === 0 ? { ...found, flags: [...found.flags, 'leading_nuls'] } : found;
}

/** Without NULs and a byte order mark before it, and the carriage return of CRLF behind it. */
function prepared(record: Uint8Array): PreparedLine {
  let [from, to] = [0, record.length];
  while (from < to && record[from] === 0) from += 1;
  if (record[from] === 0xef && record[from + 1] === 0xbb && record[from + 2] === 0xbf) from += 3;
  if (to > from && record[to - 1] === 13) to -= 1;
  const bytes = asBuffer(record).subarray(from, to);
  return { bytes, text: bytes.toString('latin1'), ascii: isAscii(bytes) };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
