// Events as pages of a bounded size, however many are asked for: whoever walks over them holds one page.
import type { Catalogue } from '../domain/catalogue.js';
import type { EventSearch } from '../store/reading/event-filter.js';
import { searchEvents, type EventRow } from '../store/reading/search-events.js';
import type { Queryable } from '../store/pool.js';

/** Events in memory at once: each may have megabytes. */
const pageRows = 200;

export interface FoundPage {
  readonly events: readonly EventRow[];
  /** There are more after these, of this page or of the limit. */
  readonly more: boolean;
}

/** At least one page, which may be empty; at most `search.limit` events in all. */
export async function* eventPages(
  db: Queryable,
  search: EventSearch,
  catalogue: Catalogue,
): AsyncGenerator<FoundPage, void, void> {
  let left = search.limit;
  let { after } = search;
  for (;;) {
    const wanted = Math.min(pageRows, left);
    // One more than is given tells whether there is a next page.
    const found: EventRow[] = await searchEvents(db, { ...search, limit: wanted + 1, after }, catalogue);
    const [events, more] = [found.slice(0, wanted), found.length > wanted];
    yield { events, more };
    left -= events.length;
    after = events.at(-1) ?? after;
    if (!more || left === 0) return;
  }
}
