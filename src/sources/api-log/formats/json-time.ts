// Times as JSON and logfmt have them: a text in one of the usual forms, or a number of the Unix clock.
import type { Json } from '../../../domain/event.js';
import type { Reading } from './reading.js';
import { clf, iso, newClock } from './time-forms.js';
import { numberOf } from './scan.js';
import { epochMoment, momentOf, noMoment, type Moment } from './moment.js';
import type { Zone } from './zone.js';

/** False: no form that is known; the value stays in `extra`. */
export function readJsonTime(reading: Reading, value: Json): boolean {
  if (value === '-' || value === '') return true;
  const { time, flag } = typeof value === 'number' ? unixMoment(value) : textMoment(value, reading.zone);
  if (time === undefined) return false;
  if (flag !== undefined) reading.flag(flag);
  reading.fields.time = time;
  return true;
}

export function textMoment(value: Json, zone: Zone): Moment {
  if (typeof value !== 'string') return noMoment;
  for (const form of [iso, clf]) {
    const clock = newClock();
    if (form(value, 0, clock) === value.length) return momentOf(clock, zone);
  }
  const number = numberOf(value);
  return Number.isNaN(number) ? noMoment : value.includes('.') ? epochMoment(value, NaN) : unixMoment(number);
}

/** Seconds until the year 5138 have 11 digits; more are thousandths, millionths or billionths of a second. */
function unixMoment(value: number): Moment {
  if (!(value >= 0)) return noMoment;
  let seconds = value;
  while (seconds >= 1e11) seconds /= 1_000;
  // A double has microseconds of our time.
  return epochMoment(seconds.toFixed(6).replace(/\.?0+$/, ''), NaN);
}
