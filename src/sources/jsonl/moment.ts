// The time of a record, as origins write it: RFC 3339, a time without a zone, a number since 1970. Nothing is guessed. What
// only an option can tell is refused until it does, and comes back as a redriven letter; what no calendar has is kept and flagged.
import type { Json } from '../../domain/event.js';
import { RecordRejected } from '../../domain/source.js';
import type { JsonlOptions } from './options.js';

export interface Moment {
  readonly time?: string | undefined;
  readonly flag?: string | undefined;
}

const zoneless = /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(:\d\d(?:[.,]\d{1,9})?)?)?$/;
const decimal = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/;
const places = { s: 0, ms: 3, us: 6, ns: 9 } as const;
const shownChars = 40;

export function momentOf(value: Json | undefined, options: Pick<JsonlOptions, 'timeUnit' | 'timeZone'>): Moment {
  if (value === undefined || value === null || value === '') return {};
  if (typeof value === 'number') return epochMoment(String(value), options);
  if (typeof value !== 'string') return { flag: 'bad_time' };
  // Most are RFC 3339 already; what is none is flagged where all times are checked.
  if (/[Zz]$|[+-]\d\d:\d\d$/.test(value)) return { time: value };
  if (decimal.test(value)) return epochMoment(value, options);
  const parts = zoneless.exec(value);
  return parts === null ? { time: value } : zonedMoment(value, parts, options);
}

function zonedMoment(
  value: string,
  [, day, minute = '00:00', second = ':00']: RegExpExecArray,
  { timeZone }: Pick<JsonlOptions, 'timeZone'>,
): Moment {
  if (timeZone !== undefined) return { time: `${day}T${minute}${second.replace(',', '.')}${timeZone}` };
  throw new RecordRejected(
    'no_time_zone',
    `the time ${value} names no zone; set timeZone (Z, or an offset like +02:00) and redrive it`,
  );
}

function epochMoment(text: string, { timeUnit }: Pick<JsonlOptions, 'timeUnit'>): Moment {
  if (timeUnit === undefined)
    throw new RecordRejected(
      'no_time_unit',
      `the time ${text.slice(0, shownChars)} is a number of no known unit; set timeUnit (s, ms, us or ns) and redrive it`,
    );
  const time = epochTime(text, places[timeUnit]);
  return time === null ? { flag: 'time_out_of_range' } : { time };
}

/** To the microsecond, by its digits: a double holds no nanoseconds since 1970. */
function epochTime(text: string, unitPlaces: number): string | null {
  const [, sign, whole, fraction = ''] = decimal.exec(text) ?? [];
  if (whole === undefined) return null;
  const digits = whole.padStart(unitPlaces + 1, '0');
  const split = digits.length - unitPlaces;
  const micros = BigInt(digits.slice(0, split) + (digits.slice(split) + fraction).slice(0, 6).padEnd(6, '0'));
  return instant(sign === '-' ? -micros : micros);
}

const perSecond = 1_000_000n;
/** Years 1 to 9999, which RFC 3339 and Postgres both have. */
const [earliest, latest] = [BigInt(Date.parse('0001-01-01')), BigInt(Date.parse('9999-12-31T23:59:59Z'))];

function instant(micros: bigint): string | null {
  const seconds = micros / perSecond - (micros % perSecond < 0n ? 1n : 0n);
  const ms = seconds * 1_000n;
  if (ms < earliest || ms > latest) return null;
  const rest = micros - seconds * perSecond;
  return `${new Date(Number(ms)).toISOString().slice(0, 19)}.${String(rest).padStart(6, '0')}Z`;
}
