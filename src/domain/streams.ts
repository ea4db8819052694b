// How the streams of a source stand, for a history, a query and a person: how many stand how, and of those that want a look
// the first few. A workspace has thousands of streams. Pure: workflows import it.
import { instantText } from './figures.js';

/** How many streams of a source stand how, and the first few that want a look. */
export interface StreamsStanding {
  /** `{ up_to_date: 40, rate_limited: 1 }`; never empty. */
  readonly states: Readonly<Record<string, number>>;
  /** Those that need a person, and then those that wait, each longest first; at most `streamsTold`. */
  readonly told: readonly ToldStream[];
}

/** A stream that waits, or needs a person. */
export interface ToldStream {
  readonly name: string;
  readonly state: 'needs_attention' | 'rate_limited';
  /** Its error, or what its origin said, cut to `streamCharsTold` as its name is. */
  readonly message: string;
  /** Times are RFC 3339. */
  readonly since: string;
  /** When it is asked again; null where nobody knows. */
  readonly until: string | null;
}

/** Each committed page brings them, so a history holds them some hundred times. */
export const streamsTold = 5;
export const streamCharsTold = 200;

/** `streams: 40 up to date, 1 rate limited` */
export function streamsText(states: StreamsStanding['states']): string {
  return `streams: ${Object.entries(states)
    .map(([state, count]) => `${count} ${state.replaceAll('_', ' ')}`)
    .join(', ')}`;
}

/** `comments needs attention since 2026-01-31 12:00:00 UTC: 403 Forbidden` */
export function streamText({ name, state, message, since, until }: ToldStream): string {
  const how =
    state === 'needs_attention' || until === null
      ? `${state === 'needs_attention' ? 'needs attention' : 'waits'} since ${instantText(since)}`
      : `waits until ${instantText(until)}`;
  return `${name} ${how}: ${message}`;
}

/** Of those that want a look, how many are not told. */
export function streamsUntold({ states, told }: StreamsStanding): number {
  return (states['needs_attention'] ?? 0) + (states['rate_limited'] ?? 0) - told.length;
}
