// A strftime form as a time form. It is a fixed row of parts, each of bounded length, so reading it is, too.
import { refuse } from './config-text.js';
import { monthAt, offsetAt } from './moment.js';
import { digitsAt, numberOf } from './scan.js';
import type { Clock, TimeForm } from './time-forms.js';

/** What stands for others. */
const composed: Readonly<Record<string, string>> = {
  T: '%H:%M:%S',
  R: '%H:%M',
  F: '%Y-%m-%d',
  D: '%m/%d/%y',
  r: '%I:%M:%S %p',
  c: '%a %b %e %H:%M:%S %Y',
  x: '%m/%d/%y',
  X: '%H:%M:%S',
};

const parts: Readonly<Record<string, TimeForm>> = {
  Y: digits(4, (clock, value) => void (clock.year = value)),
  // As POSIX has it: 69 to 99 are of the last century.
  y: digits(2, (clock, value) => void (clock.year = value + (value < 69 ? 2_000 : 1_900))),
  m: digits(2, (clock, value) => void (clock.month = value)),
  d: digits(2, (clock, value) => void (clock.day = value)),
  e: (text, at, clock) => padded(text, at, (value) => void (clock.day = value)),
  H: digits(2, (clock, value) => void (clock.hour = value)),
  k: (text, at, clock) => padded(text, at, (value) => void (clock.hour = value)),
  I: digits(2, (clock, value) => void (clock.hour = value % 12)),
  M: digits(2, (clock, value) => void (clock.minute = value)),
  S: digits(2, (clock, value) => void (clock.second = value)),
  b: monthName,
  h: monthName,
  B: monthName,
  a: word,
  A: word,
  p: halfOfDay,
  z: zone,
  Z: word,
  s: epoch,
  j: digits(3, () => {}),
  u: digits(1, () => {}),
  w: digits(1, () => {}),
  U: digits(2, () => {}),
  V: digits(2, () => {}),
  W: digits(2, () => {}),
  G: digits(4, () => {}),
};

/** Apache's own, beside strftime: a fraction alone. */
const fractions: Readonly<Record<string, number>> = { msec_frac: 3, usec_frac: 6 };

export function strftimeForm(pattern: string, column: number, written: string): TimeForm {
  const fraction = fractions[pattern];
  if (fraction !== undefined) return fractionForm(fraction);
  const row = rowOf(pattern, column, written);
  return (text, at, clock) => {
    let end = at;
    for (const part of row) {
      if (typeof part !== 'string') end = part(text, end, clock);
      else end = text.startsWith(part, end) ? end + part.length : -1;
      if (end < 0) return -1;
    }
    return end;
  };
}

function rowOf(pattern: string, column: number, written: string): (string | TimeForm)[] {
  const row: (string | TimeForm)[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern.charAt(at);
    if (sign !== '%') {
      row.push(sign);
      continue;
    }
    at += 1;
    // GNU's flags against padding, and the alternative forms of a locale.
    while ('-_0^#EO'.includes(pattern.charAt(at) || ' ')) at += 1;
    const letter = pattern.charAt(at);
    const part = parts[letter];
    if (composed[letter] !== undefined) row.push(...rowOf(composed[letter], column, written));
    else if (part !== undefined) row.push(part);
    else if (letter === '%' || letter === 'n' || letter === 't') row.push({ '%': '%', n: '\n', t: '\t' }[letter]);
    else refuse(column, `%${letter} in ${written}`, 'a form of strftime (%d, %b, %Y, %T, %z …)');
  }
  return row;
}

function digits(count: number, put: (clock: Clock, value: number) => void): TimeForm {
  return (text, at, clock) => {
    const value = digitsAt(text, at, count);
    if (value < 0) return -1;
    put(clock, value);
    return at + count;
  };
}

/** ` 7` or `07`. */
function padded(text: string, at: number, put: (value: number) => void): number {
  const value = text.charAt(at) === ' ' ? digitsAt(text, at + 1, 1) : digitsAt(text, at, 2);
  if (value >= 0) put(value);
  return value < 0 ? -1 : at + 2;
}

function monthName(text: string, at: number, clock: Clock): number {
  clock.month = monthAt(text, at);
  return clock.month === 0 ? -1 : word(text, at);
}

/** Letters: a name that tells nothing more (a day of the week, a zone's short name). */
function word(text: string, at: number): number {
  let end = at;
  while (end < at + 16 && (text.charCodeAt(end) | 32) >= 97 && (text.charCodeAt(end) | 32) <= 122) end += 1;
  return end === at ? -1 : end;
}

function halfOfDay(text: string, at: number, clock: Clock): number {
  const half = text.slice(at, at + 2).toLowerCase();
  if (half !== 'am' && half !== 'pm') return -1;
  if (half === 'pm') clock.hour += 12;
  return at + 2;
}

function zone(text: string, at: number, clock: Clock): number {
  const offset = offsetAt(text, at);
  if (offset === null) return -1;
  clock.offset = offset.minutes;
  return offset.end;
}

function epoch(text: string, at: number, clock: Clock): number {
  let end = at;
  while (end < at + 12 && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end += 1;
  if (Number.isNaN(numberOf(text.slice(at, end)))) return -1;
  clock.epoch = text.slice(at, end);
  return end;
}

function fractionForm(count: number): TimeForm {
  return (text, at, clock) => {
    if (digitsAt(text, at, count) < 0) return -1;
    clock.fraction = text.slice(at, at + count);
    return at + count;
  };
}
