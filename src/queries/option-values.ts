// A moment as people type it: a date, a date with a time, or how long ago.
import { InvalidInput } from '../domain/errors.js';
import { instantOf } from '../domain/instant.js';
import { limits } from '../limits.js';
import { parseLetterKey, type LetterKey } from '../domain/letter-key.js';

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const expected =
  'expected a date (2026-01-31), a date with a time and zone (2026-01-31T12:00:00Z), or an age (90m, 24h, 7d)';

/** A date alone is its midnight in UTC. Undefined stays undefined. */
export function timeBound(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const age = /^\d+[smhdw]$/.test(text) ? spanMs(field, text) : undefined;
  if (age !== undefined) return new Date(Date.now() - age);
  const [, day, minute, second = ':00', zone] =
    /^(\d{4}-\d\d-\d\d)(?:(T\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/.exec(text) ?? [];
  const instant =
    day === undefined ? null : instantOf(minute === undefined ? `${day}T00:00:00Z` : day + minute + second + zone);
  if (instant === null) throw new InvalidInput(field, `found ${JSON.stringify(text.slice(0, 40))}, ${expected}`);
  return representable(field, text, new Date(instant));
}

/** What Postgres and RFC 3339 both can write: beyond it, Postgres or JavaScript itself would refuse it in words of theirs. */
function representable(field: string, text: string, time: Date): Date {
  const year = time.getUTCFullYear();
  if (year >= 1 && year <= 9_999) return time;
  throw new InvalidInput(
    field,
    `found ${JSON.stringify(text.slice(0, 40))}, which is out of range; expected a time of the years 1 to 9999`,
  );
}

/** When something ends: that much from now, or at a moment to come. */
export function endTime(field: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const ms = spanMs(field, text);
  const time = ms === undefined ? timeBound(field, text)! : representable(field, text, new Date(Date.now() + ms));
  if (time.getTime() <= Date.now())
    throw new InvalidInput(
      field,
      `${time.toISOString()} is over, expected a time to come or how long from now (90m, 24h, 7d)`,
    );
  return time;
}

/** Milliseconds; above zero. */
export function interval(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = spanMs(field, text);
  if (ms === undefined || ms <= 0)
    throw new InvalidInput(
      field,
      `found ${JSON.stringify(text.slice(0, 40))}, expected a time above zero like 500ms, 30s, 5m, 1.5h or 2d`,
    );
  return ms;
}

/** Undefined for what is no span; throws for one that nobody means. */
function spanMs(field: string, text: string): number | undefined {
  const [, count, unit] = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d|w)$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  const ms = Math.round(Number(count) * unitMs[unit]!);
  if (ms > limits.spanMsMax)
    throw new InvalidInput(
      field,
      `found ${JSON.stringify(text)}, expected at most ${limits.spanMsMax / unitMs['d']!}d`,
    );
  return ms;
}

export function wholeNumber(field: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= min && number <= max))
    throw new InvalidInput(
      field,
      `found ${JSON.stringify(text.slice(0, 40))}, expected a whole number from ${min} to ${max}`,
    );
  return number;
}

/** Where a list goes on. */
export function keyAfter(text: string | undefined): LetterKey | undefined {
  return text === undefined ? undefined : parseLetterKey(text, 'after');
}
