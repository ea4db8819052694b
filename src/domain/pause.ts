// A pause, as it is said by signal and kept in Postgres. Pure: workflows import it.
import { instantText } from './figures.js';
import { instantOf } from './instant.js';

/** A pause of a source. */
export interface Pause {
  readonly reason: string | null;
  /** ISO 8601; null: until somebody resumes it. */
  readonly until: string | null;
  readonly by: string | null;
}

/** Longest text of a pause that is kept; what is longer is cut, never refused: a pause in doubt is a pause. */
const textCharsMax = 500;

/**
 * A signal cannot answer, so nothing in it is refused: what is no text is left out, and an `until` that is no time says so
 * in the reason, where the person will look.
 */
export function pauseOf(said: unknown): Pause {
  const { reason, until, by } = (typeof said === 'object' && said !== null ? said : {}) as Record<string, unknown>;
  const why = textOf(reason) ?? textOf(said);
  if (until === undefined || until === null) return { reason: why, until: null, by: textOf(by) };
  const end = typeof until === 'string' ? instantOf(until) : null;
  return { reason: end === null ? notATime(why) : why, until: end, by: textOf(by) };
}

function notATime(reason: string | null): string {
  const problem = '`until` was no time like 2026-01-31T12:00:00Z and is ignored';
  return reason === null ? problem : `${reason} (${problem})`;
}

function textOf(value: unknown): string | null {
  // Postgres cannot store NUL.
  return typeof value === 'string' && value.trim() !== '' ? value.replaceAll('\0', '').slice(0, textCharsMax) : null;
}

/** `paused by ana until 2026-01-31 12:00:00 UTC: lunch` */
export function pauseText({ reason, until, by }: Pause): string {
  return `paused${by === null ? '' : ` by ${by}`}${until === null ? '' : ` until ${instantText(until)}`}${reason === null ? '' : `: ${reason}`}`;
}
