// Forms of a time in a line. Each reads from a place and tells where it ends; all are bounded by their own length.
import { digitsAt, numberOf } from './scan.js';
import { monthAt, offsetAt, type ClockParts } from './moment.js';

/** Parts of a time as a line tells them, also in several places; `epoch` where it tells seconds of the Unix clock. */
export interface Clock extends ClockParts {
  epoch: string;
}

export function newClock(): Clock {
  return { year: NaN, month: NaN, day: NaN, hour: NaN, minute: NaN, second: NaN, fraction: '', offset: NaN, epoch: '' };
}

/** Reads a time that begins at `at` into the clock; where it ends, or -1. */
export type TimeForm = (text: string, at: number, clock: Clock) => number;

/** `10/Oct/2000:13:55:36 -0700`: common logs, and nginx's $time_local. */
export const clfLength = 26;
export const clf: TimeForm = (text, at, clock) => {
  clock.day = digitsAt(text, at, 2);
  clock.month = monthAt(text, at + 3) || -1;
  clock.year = digitsAt(text, at + 7, 4);
  if (text.charAt(at + 2) !== '/' || text.charAt(at + 6) !== '/' || text.charAt(at + 11) !== ':') return -1;
  if (timeOfDay(text, at + 12, clock) < 0 || text.charAt(at + 20) !== ' ') return -1;
  const offset = offsetAt(text, at + 21);
  if (clock.day < 0 || clock.month < 0 || clock.year < 0 || offset === null) return -1;
  clock.offset = offset.minutes;
  return offset.end;
};

/** `13:55:36` */
function timeOfDay(text: string, at: number, clock: Clock): number {
  clock.hour = digitsAt(text, at, 2);
  clock.minute = digitsAt(text, at + 3, 2);
  clock.second = digitsAt(text, at + 6, 2);
  const fits = text.charAt(at + 2) === ':' && text.charAt(at + 5) === ':';
  return fits && clock.hour >= 0 && clock.minute >= 0 && clock.second >= 0 ? at + 8 : -1;
}

/** `2000-10-10` */
export const isoDate: TimeForm = (text, at, clock) => {
  clock.year = digitsAt(text, at, 4);
  clock.month = digitsAt(text, at + 5, 2);
  clock.day = digitsAt(text, at + 8, 2);
  const fits = text.charAt(at + 4) === text.charAt(at + 7) && '-/'.includes(text.charAt(at + 4) || ' ');
  return fits && clock.year >= 0 && clock.month >= 0 && clock.day >= 0 ? at + 10 : -1;
};

/** `13:55:36.123` */
export const clockTime: TimeForm = (text, at, clock) => {
  const end = timeOfDay(text, at, clock);
  if (end < 0 || !'.,'.includes(text.charAt(end) || ' ')) return end;
  let to = end + 1;
  while (to < end + 10 && isDigit(text.charCodeAt(to))) to += 1;
  clock.fraction = text.slice(end + 1, to);
  return to === end + 1 ? -1 : to;
};

/** `2000-10-10T13:55:36.123+02:00`, a blank for the T, with or without an offset. */
export const iso: TimeForm = (text, at, clock) => {
  const date = isoDate(text, at, clock);
  if (date < 0 || !'Tt '.includes(text.charAt(date) || '-')) return -1;
  const end = clockTime(text, date + 1, clock);
  const zoneFrom = end >= 0 && text.charAt(end) === ' ' && '+-'.includes(text.charAt(end + 1) || ' ') ? end + 1 : end;
  const offset = end < 0 ? null : offsetAt(text, zoneFrom);
  if (offset !== null) clock.offset = offset.minutes;
  return offset === null ? end : offset.end;
};

/** `1700000000.123` */
export const epochSeconds: TimeForm = (text, at, clock) => epochAt(text, at, clock, 0);
export const epochMillis: TimeForm = (text, at, clock) => epochAt(text, at, clock, 3);
export const epochMicros: TimeForm = (text, at, clock) => epochAt(text, at, clock, 6);

/** Digits, the last so many of which are behind the dot. */
function epochAt(text: string, at: number, clock: Clock, behind: number): number {
  let end = at;
  while (end < at + 24 && (isDigit(text.charCodeAt(end)) || (text.charAt(end) === '.' && end > at))) end += 1;
  const digits = text.slice(at, end);
  if (digits === '' || Number.isNaN(numberOf(digits))) return -1;
  clock.epoch = behind === 0 ? digits : shifted(digits, behind);
  return end;
}

function shifted(digits: string, behind: number): string {
  const whole = digits.padStart(behind + 1, '0');
  return `${whole.slice(0, -behind)}.${whole.slice(-behind)}`;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
