// Dates and times of a line, to RFC 3339 at the log's own offset.
import type { LineFlag } from './line.js';
import { digitsAt } from './scan.js';
import type { Zone } from './zone.js';

export interface Moment {
  /** Undefined: no moment of a calendar. */
  readonly time: string | undefined;
  readonly flag: LineFlag | undefined;
}

/** What a line tells of its time; NaN where it does not. */
export interface ClockParts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** Digits of the second's fraction. */
  fraction: string;
  /** Minutes east of UTC; NaN: the source's zone. */
  offset: number;
}

const none: Moment = { time: undefined, flag: 'bad_time' };

export function momentOf(parts: ClockParts, zone: Zone): Moment {
  const { year, month, day, hour, minute, second } = parts;
  if (!isDay(year, month, day) || !(hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 61))
    return none;
  const leap = second === 60;
  const known = Number.isNaN(parts.offset) ? zone.offsetAt(localMs(parts)) : { minutes: parts.offset };
  const clock = `${two(hour)}:${two(minute)}:${two(leap ? 59 : second)}`;
  const fraction = parts.fraction === '' ? '' : `.${parts.fraction.slice(0, 9)}`;
  return {
    time: `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${clock}${fraction}${offsetText(known.minutes)}`,
    flag: leap ? 'leap_second' : (known as { flag?: LineFlag }).flag,
  };
}

function localMs({ year, month, day, hour, minute, second }: ClockParts): number {
  return new Date(0).setUTCFullYear(year, month - 1, day) + ((hour * 60 + minute) * 60 + second) * 1_000;
}

/** `+02:00`; `Z` for none. Offsets that no day can have are refused where they are read. */
export function offsetText(minutes: number): string {
  if (minutes === 0) return 'Z';
  const far = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(far / 60))}:${two(far % 60)}`;
}

export function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

function isDay(year: number, month: number, day: number): boolean {
  return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** 1 to 12 of an English name, short or whole; 0: none. */
export function monthAt(text: string, at: number): number {
  return months.indexOf(text.slice(at, at + 3).toLowerCase()) + 1;
}

/** Minutes of `+0200`, `+02:00` or `Z`, and where it ends; null: none. */
export function offsetAt(text: string, at: number): { readonly minutes: number; readonly end: number } | null {
  const sign = text.charAt(at);
  if (sign === 'Z' || sign === 'z') return { minutes: 0, end: at + 1 };
  if (sign !== '+' && sign !== '-') return null;
  const hours = digitsAt(text, at + 1, 2);
  const colon = text.charAt(at + 3) === ':' ? 1 : 0;
  const minutes = digitsAt(text, at + 3 + colon, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return null;
  return { minutes: (sign === '-' ? -1 : 1) * (hours * 60 + minutes), end: at + 5 + colon };
}

/** Seconds of the Unix clock with a fraction, as text: `1700000000.123`. */
export function epochMoment(text: string, offset: number): Moment {
  const dot = text.indexOf('.');
  const seconds = Number(dot < 0 ? text : text.slice(0, dot));
  const shown = new Date((seconds + (Number.isNaN(offset) ? 0 : offset) * 60) * 1_000);
  const whole = Number.isNaN(shown.getTime()) ? '' : shown.toISOString();
  if (whole.length !== 24 || whole.startsWith('0000')) return none;
  const fraction = dot < 0 ? '' : text.slice(dot, dot + 10);
  return {
    time: `${whole.slice(0, 19)}${fraction.length > 1 ? fraction : ''}${offsetText(Number.isNaN(offset) ? 0 : offset)}`,
    flag: undefined,
  };
}
