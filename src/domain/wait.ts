// A wait: a source is asked again at a time. A value, not a failure: what was read before it is stored, it takes no attempt and
// no slot, and it is a row, so that a restart does not ask early. Workflows import it.
import { instantText } from './figures.js';

/** Why a source is not asked now, and when it is asked again. */
export interface Wait {
  /** rate_limited: the origin said when to come back. needs_attention: a follower tries again by itself. */
  readonly state: 'rate_limited' | 'needs_attention';
  readonly code: string;
  readonly message: string;
  /** RFC 3339, by our clock. */
  readonly until: string;
}

export function waitText({ state, message, until }: Wait): string {
  return `${message}; ${state === 'rate_limited' ? 'asked again' : 'tried again by itself'} ${instantText(until)}`;
}

const minute = 60_000;
const day = 24 * 60 * minute;

/** From a minute to a day, twice as long after each: what a person must mend is not mended sooner by asking. */
export function attentionPauseMs(times: number): number {
  return Math.min(minute * 2 ** Math.min(times - 1, 20), day);
}

/** An origin that says to come back later than this is not believed: a person looks at it. A month's quota ends by then. */
export const waitMsMax = 31 * day;
