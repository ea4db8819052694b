// The offset of a time zone at a local time, for logs that tell the time and not the zone.
import { InvalidInput } from '../../../domain/errors.js';
import { formatLimits } from './limits.js';

export interface Offset {
  /** East of UTC. */
  readonly minutes: number;
  readonly flag?: 'ambiguous_time' | 'skipped_time' | undefined;
}

export interface Zone {
  /** Of the local calendar and clock, as if they were UTC, in ms. */
  offsetAt(localMs: number): Offset;
}

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const dayMs = 86_400_000;

export function zoneOf(name: string): Zone {
  const fixed = fixedOffset(name);
  if (fixed !== null) return { offsetAt: () => ({ minutes: fixed }) };
  let clock: Intl.DateTimeFormat;
  try {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    });
  } catch {
    throw new InvalidInput(
      'timeZone',
      `found ${JSON.stringify(name)}, expected UTC, +02:00 or a name like Europe/Berlin`,
    );
  }
  return namedZone(clock);
}

/** `UTC`, `Z`, `+02:00`, `+0200`. */
function fixedOffset(name: string): number | null {
  if (name === 'UTC' || name === 'Z') return 0;
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(name) ?? [];
  if (hours === undefined || Number(hours) > 14 || Number(minutes) > 59) return null;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** Zones change at whole quarters of an hour, so one answer holds for a quarter; asking the calendar takes microseconds. */
function namedZone(clock: Intl.DateTimeFormat): Zone {
  const known = new Map<number, Offset>();
  return {
    offsetAt(localMs) {
      const quarter = Math.floor(localMs / quarterMs);
      const found = known.get(quarter);
      if (found !== undefined) return found;
      if (known.size >= formatLimits.zoneCacheMax) known.clear();
      const offset = offsetOf(clock, quarter * quarterMs);
      known.set(quarter, offset);
      return offset;
    },
  };
}

/** The offsets of a day before and a day after are the two there can be; the local time is of those that agree with it. */
function offsetOf(clock: Intl.DateTimeFormat, localMs: number): Offset {
  const before = minutesAt(clock, localMs - dayMs);
  const after = minutesAt(clock, localMs + dayMs);
  if (before === after) return { minutes: before };
  const agrees = (minutes: number) => minutesAt(clock, localMs - minutes * minuteMs) === minutes;
  const [first, second] = [agrees(before), agrees(after)];
  if (first && second) return { minutes: before, flag: 'ambiguous_time' };
  if (!first && !second) return { minutes: before, flag: 'skipped_time' };
  return { minutes: first ? before : after };
}

/** The offset at a moment. Offsets with seconds (before 1900) are cut to minutes, as RFC 3339 has no more. */
function minutesAt(clock: Intl.DateTimeFormat, ms: number): number {
  const parts = Object.fromEntries(clock.formatToParts(ms).map(({ type, value }) => [type, value]));
  const local = Date.UTC(
    Number(parts['year']),
    Number(parts['month']) - 1,
    Number(parts['day']),
    Number(parts['hour']),
    Number(parts['minute']),
    Number(parts['second']),
  );
  return Math.round((local - Math.floor(ms / 1_000) * 1_000) / minuteMs);
}
