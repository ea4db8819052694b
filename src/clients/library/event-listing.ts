// Stored events for programs: the same filters as `tributary events`, as an iterable that holds one page at a time.
import type { Catalogue } from '../../domain/catalogue.js';
import type { Priority } from '../../domain/event.js';
import { cloudEvent, type CloudEvent } from '../../queries/cloud-event.js';
import { cursorOf } from '../../queries/event-cursor.js';
import { eventPages } from '../../queries/event-pages.js';
import { findPlace } from '../../store/reading/event-mark.js';
import type { Pool } from '../../store/pool.js';
import { eventSearch, questionOf, type EventOptions } from '../events/event-question.js';

/** Which events, and in which order. Filters combine: an event matches all of them. */
export interface EventQuery {
  /** Id of one source. */
  readonly source?: string | undefined;
  /** Types, or patterns with `*`, as `git.*`. */
  readonly type?: string | readonly string[] | undefined;
  /** Event time from here on: a moment, a date (`2026-01-31`), or an age (`7d`). Events without a time do not match. */
  readonly since?: Date | string | undefined;
  /** Event time before this. */
  readonly until?: Date | string | undefined;
  /** At least this. */
  readonly priority?: Priority | undefined;
  /** Words of a message, title or body: all of them; "in quotes" next to each other; -without. */
  readonly text?: string | undefined;
  /** Words of the name of a commit's author, or the whole address. */
  readonly author?: string | undefined;
  /** A commit's id or the beginning of it, 4 to 64 hexadecimal digits: the commit and its file changes. */
  readonly commit?: string | undefined;
  /** A file, a folder, or a pattern like `src/*.ts`, from the root of the repository. */
  readonly path?: string | undefined;
  /** By event time; `newest` first without it. */
  readonly order?: 'newest' | 'oldest' | undefined;
  /** At most so many in all; without it all there are. */
  readonly limit?: number | undefined;
  /** `next` of a page that the same query gave: goes on after it. */
  readonly after?: string | undefined;
}

/** Events as they came from Postgres in one round trip, at most 200. */
export interface EventPage<Event> {
  readonly events: readonly Event[];
  /** For `after` of the same query; null when there are no more. */
  readonly next: string | null;
}

/** Events one by one, or page by page. Each walk asks anew; a page is fetched when the one before it is used up. */
export interface EventListing<Event> extends AsyncIterable<Event> {
  pages(): AsyncIterable<EventPage<Event>>;
}

/** No limit, for a search that wants one. */
const allEvents = 1_000_000_000;

export function listEvents(pool: Pool, catalogue: Catalogue, query: EventQuery): EventListing<CloudEvent> {
  const options = optionsOf(query);
  // Checked now: whoever asks wrongly is told where it asks.
  const { after, ...asked } = eventSearch(undefined, options);
  async function* pages(): AsyncGenerator<EventPage<CloudEvent>, void, void> {
    const search = { ...asked, after: after === undefined ? undefined : await findPlace(pool, after) };
    for await (const { events, more } of eventPages(pool, search, catalogue)) {
      const last = events.at(-1);
      const next = more && last !== undefined ? cursorOf(last, questionOf(undefined, options)) : null;
      yield { events: events.map(cloudEvent), next };
    }
  }
  return {
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const { events } of pages()) yield* events;
    },
  };
}

/** As a person would type it, so that both are checked, and told what is wrong, in one place. */
function optionsOf({ type, since, until, priority, order, limit = allEvents, ...words }: EventQuery): EventOptions {
  const given = {
    ...words,
    type: typeof type === 'string' ? [type] : type,
    since: since instanceof Date ? since.toISOString() : since,
    until: until instanceof Date ? until.toISOString() : until,
    priority: priority === undefined ? undefined : String(priority),
    limit: String(limit),
    oldest: order === 'oldest' ? true : undefined,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
