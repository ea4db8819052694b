// W3C's extended log format, as IIS and CloudFront write it: https://www.w3.org/TR/WD-logfile.html
//
// `#Fields:` names the columns of the lines after it, and IIS writes another one when its settings change, within the file.
// `#Date:` has the day, for lines that tell the time alone. Both are the layout: `w3c <day or -> <columns>`. Times are UTC by
// the format's own rule. CloudFront separates columns by tabs, and writes blanks and signs of headers as %20; IIS writes `+`.
import type { Layout } from './index.js';
import { formatLimits } from './limits.js';
import type { LogFields, LogLine } from './line.js';
import { malformed, Reading } from './reading.js';
import { clockTime, iso, isoDate } from './time-forms.js';
import { extraMeaning, numberMeaning, queryMeaning, scaled, textMeaning, type Meaning } from './variables.js';
import type { Zone } from './zone.js';

const prefix = 'w3c ';

/** Undefined: the line is no directive. */
export function directive(line: string, layout: Layout): Layout | undefined {
  if (line.charCodeAt(0) !== 35) return undefined;
  const colon = line.indexOf(':');
  const [name, value] = [line.slice(1, colon).toLowerCase(), line.slice(colon + 1).trim()];
  if (colon < 0 || !/^[a-z-]{1,32}$/.test(name)) return undefined;
  const { day, columns } = partsOf(layout);
  if (name === 'fields') return layoutOf(day, value.split(/[ \t]+/).join(' '));
  if (name === 'date') return layoutOf(/^\d{4}-\d\d-\d\d/.exec(value)?.[0] ?? day, columns);
  return layout;
}

function layoutOf(day: string, columns: string): Layout {
  const layout = `${prefix}${day} ${columns}`;
  // One that is too long would travel with each record: its lines are malformed.
  return layout.length > formatLimits.layoutCharsMax ? `${prefix}${day} ` : layout;
}

function partsOf(layout: Layout): { readonly day: string; readonly columns: string } {
  if (layout === null || !layout.startsWith(prefix)) return { day: '-', columns: '' };
  const end = layout.indexOf(' ', prefix.length);
  return { day: layout.slice(prefix.length, end), columns: layout.slice(end + 1) };
}

export function isW3c(layout: Layout): boolean {
  return layout !== null && layout.startsWith(prefix);
}

interface Columns {
  readonly day: string;
  readonly names: readonly string[];
  readonly puts: readonly Meaning['put'][];
}

const compiled = new Map<string, Columns>();

function columnsOf(layout: Layout): Columns {
  const found = compiled.get(layout ?? '');
  if (found !== undefined) return found;
  const { day, columns } = partsOf(layout);
  const names = columns === '' ? [] : columns.split(' ').slice(0, formatLimits.fieldsMax);
  const made = { day, names, puts: names.map((name) => putOf(name, names)) };
  if (compiled.size >= formatLimits.compiledMax) compiled.clear();
  compiled.set(layout ?? '', made);
  return made;
}

export function readW3c(text: string, ascii: boolean, layout: Layout, zone: Zone): LogLine {
  const { day, names, puts } = columnsOf(layout);
  if (names.length === 0) return malformed(text, ascii, 1, 'a line with #Fields: before it');
  const reading = new Reading(text, ascii, false, zone);
  const separator = text.includes('\t') ? '\t' : ' ';
  let at = 0;
  for (let index = 0; index < puts.length; index++) {
    if (at > text.length)
      return malformed(text, ascii, text.length + 1, `${names[index]}, column ${index + 1} of ${names.length}`);
    const end = valueEnd(text, at, separator);
    const value = valueOf(reading, at, end, separator);
    if (value !== '-') puts[index]!(reading, value);
    at = end + 1;
  }
  if (at <= text.length) return malformed(text, ascii, at, `an end behind ${names.length} columns`);
  return finished(reading, day);
}

/** A value in quotes ends with them, and has its own quotes twice. */
function valueEnd(text: string, at: number, separator: string): number {
  if (text.charAt(at) === '"')
    for (let close = text.indexOf('"', at + 1); close >= 0; close = text.indexOf('"', close + 1)) {
      if (text.charAt(close + 1) === '"') close += 1;
      else if (close + 1 === text.length || text.charAt(close + 1) === separator) return close + 1;
      else break;
    }
  const end = text.indexOf(separator, at);
  return end < 0 ? text.length : end;
}

function valueOf(reading: Reading, at: number, end: number, separator: string): string {
  const quoted = end - at >= 2 && reading.text.charAt(at) === '"' && reading.text.charAt(end - 1) === '"';
  const value = quoted ? reading.cut(at + 1, end - 1).replaceAll('""', '"') : reading.cut(at, end);
  return separator === '\t' && value.includes('%') ? percentDecoded(value) : value;
}

/** CloudFront encodes once more what was encoded: `%2520`. What is no encoding stays. */
function percentDecoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function finished(reading: Reading, day: string): LogLine {
  const { clock } = reading;
  if (Number.isNaN(clock.year) && !Number.isNaN(clock.hour)) isoDate(day, 0, clock);
  // A column may be missing altogether; then there is no time, and nothing is wrong.
  if (Number.isNaN(clock.hour) && clock.epoch === '') reading.noTime();
  return reading.done();
}

const meanings: ReadonlyMap<string, Meaning['put']> = new Map(
  Object.entries({
    date: (reading: Reading, text: string) => reading.timeOf(isoDate, text),
    time: (reading: Reading, text: string) => reading.timeOf(clockTime, text),
    timestamp: (reading: Reading, text: string) => reading.timeOf(iso, text),
    'c-ip': textMeaning('remote').put,
    'c-port': numberMeaning('remotePort').put,
    'cs-username': textMeaning('user').put,
    's-port': numberMeaning('port').put,
    'cs-method': textMeaning('method').put,
    'cs-uri-stem': (reading: Reading, text: string) => void (reading.fields.path = text),
    'cs-uri-query': queryMeaning.put,
    'cs-uri': (reading: Reading, text: string) => reading.target(text),
    'sc-status': numberMeaning('status').put,
    'sc-bytes': numberMeaning('bytes').put,
    'cs-bytes': numberMeaning('bytesIn').put,
    'time-taken': timeTaken,
    'cs-version': textMeaning('protocol').put,
    'cs-protocol-version': textMeaning('protocol').put,
    'cs-protocol': textMeaning('scheme').put,
    'cs-host': textMeaning('host').put,
    'cs(host)': textMeaning('host').put,
    'x-host-header': textMeaning('host').put,
    'cs(user-agent)': (reading: Reading, text: string) => void (reading.fields.userAgent = blanksOf(text)),
    'cs(referer)': textMeaning('referer').put,
    'x-forwarded-for': textMeaning('forwardedFor').put,
    'cs(x-forwarded-for)': textMeaning('forwardedFor').put,
    'x-edge-request-id': textMeaning('requestId').put,
  } satisfies Record<string, Meaning['put']>),
);

function putOf(name: string, names: readonly string[]): Meaning['put'] {
  const known = name.toLowerCase();
  // CloudFront's cs(Host) is the name of the distribution, x-host-header the one that the client asked for.
  if (known === 'cs(host)' && names.includes('x-host-header')) return extraMeaning(name).put;
  return meanings.get(known) ?? extraMeaning(name).put;
}

/** The standard says seconds, and CloudFront writes 0.001; IIS writes whole milliseconds. */
function timeTaken(reading: Reading, text: string): void {
  const value = reading.number(text, 'time-taken');
  if (value !== undefined) reading.fields.durationMs = text.includes('.') ? scaled(value, 1_000) : value;
}

/** IIS writes `+` for a blank. An agent with blanks is none of its. */
function blanksOf(text: string): NonNullable<LogFields['userAgent']> {
  return text.includes(' ') ? text : text.replaceAll('+', ' ');
}
