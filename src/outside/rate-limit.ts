// What an answer says about when to come back, in all the forms vendors have. Times are moments of our clock: what a
// server names by its own is taken as a distance from its Date header, because clocks are minutes apart.
import { httpBounds, type HttpBounds } from './bounds.js';
import { headerOf, type Headers } from './headers.js';
import { parseHttpDate } from './http-date.js';

export interface Quota {
  /** Calls left until then. */
  readonly remaining: number | undefined;
  /** Milliseconds since 1970; when there are more. */
  readonly resetAt: number | undefined;
}

export interface Wait {
  /** Milliseconds since 1970. */
  readonly until: number;
  /** False: nothing usable was said, and it is our own guess. */
  readonly said: boolean;
}

/** Undefined: this answer is no rate limit. `unsaidMs`: the wait where the answer does not say. */
export function waitOf(
  status: number,
  headers: Headers,
  now: number,
  unsaidMs: number,
  bounds: HttpBounds,
): Wait | undefined {
  const at = retryAt(headers, now);
  const quota = quotaOf(headers, now);
  if (!isLimit(status, headers, at, quota)) return undefined;
  // With calls left it is another limit (GitHub's secondary one), of which the reset knows nothing.
  const said = at ?? ((quota.remaining ?? 0) === 0 ? quota.resetAt : undefined);
  const waitMs = Math.min(Math.max((said ?? now + unsaidMs) - now, bounds.waitMsMin), bounds.waitMsMax);
  return { until: now + waitMs, said: said !== undefined };
}

/** GitHub sends 403 for both of its limits; a 503 that does not say when is an outage. */
function isLimit(status: number, headers: Headers, at: number | undefined, quota: Quota): boolean {
  if (status === 429) return true;
  if (status === 403) return headers['retry-after'] !== undefined || quota.remaining === 0;
  return status === 503 && at !== undefined;
}

/** Seconds, also with a fraction, or a date. Undefined: absent or garbage. */
function retryAt(headers: Headers, now: number): number | undefined {
  const text = headerOf(headers, 'retry-after')?.trim() ?? '';
  if (/^\d+(\.\d*)?$/.test(text)) return now + Math.ceil(1_000 * Number(text));
  const date = parseHttpDate(text);
  return date === undefined ? undefined : ours(date, headers, now);
}

export function quotaOf(headers: Headers, now: number): Quota {
  const told = structured(headerOf(headers, 'ratelimit'));
  const remaining = wholeNumber(headerOf(headers, 'x-ratelimit-remaining') ?? headerOf(headers, 'ratelimit-remaining'));
  const reset = headerOf(headers, 'x-ratelimit-reset') ?? headerOf(headers, 'ratelimit-reset');
  const old = reset === undefined ? undefined : resetOf(reset, headers, now);
  const resetAt = old ?? (told.seconds === undefined ? undefined : now + 1_000 * told.seconds);
  return { remaining: remaining ?? told.remaining, resetAt: resetAt && Math.min(resetAt, now + httpBounds.waitMsMax) };
}

/** One day of 2001 as seconds, one of 1973 as milliseconds: no window is as long, no clock as slow. */
const epochSecondsMin = 1e9;
const epochMsMin = 1e11;

/** GitHub: seconds since 1970. Others: milliseconds since then, seconds from now, or a date. */
function resetOf(reset: string, headers: Headers, now: number): number | undefined {
  const text = reset.trim();
  if (!/^\d+(\.\d*)?$/.test(text)) {
    const date = parseHttpDate(text);
    return date === undefined ? undefined : ours(date, headers, now);
  }
  const value = Number(text);
  if (value < epochSecondsMin) return now + Math.ceil(1_000 * value);
  return ours(value < epochMsMin ? 1_000 * value : value, headers, now);
}

/** A moment of the server's clock, as one of ours. */
function ours(theirs: number, headers: Headers, now: number): number {
  return now + theirs - (parseHttpDate(headerOf(headers, 'date') ?? '') ?? now);
}

/**
 * The drafts for `RateLimit`: `limit=100, remaining=50, reset=30`, later `"hour";r=50;t=30, "day";r=0;t=900`: the
 * tightest counts.
 */
function structured(header: string | undefined): {
  readonly remaining: number | undefined;
  readonly seconds: number | undefined;
} {
  const text = (header ?? '').replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
  const number = (name: string, part: string): number | undefined =>
    wholeNumber(new RegExp(`(?:^|[\\s;,])${name}=(\\d+)`).exec(part)?.[1]);
  const old = { remaining: number('remaining', text), seconds: number('reset', text) };
  if (old.remaining !== undefined || old.seconds !== undefined) return old;
  const policies = text.split(',').map((part) => ({ remaining: number('r', part), seconds: number('t', part) }));
  const rank = ({ remaining, seconds }: typeof old): number =>
    (remaining ?? Number.POSITIVE_INFINITY) - (seconds ?? 0) / 1e12;
  return policies.toSorted((one, other) => rank(one) - rank(other))[0] ?? old;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined;
}
