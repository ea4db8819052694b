// The options of `tributary events` as a filter, each refused by its name where it is wrong.
import { InvalidInput } from '../../domain/errors.js';
import { limits } from '../../limits.js';
import type { EventFilter, EventSearch } from '../../store/reading/event-filter.js';
import type { EventMark } from '../../store/reading/event-mark.js';
import { markOf } from '../../queries/event-cursor.js';
import { timeBound, wholeNumber } from '../../queries/option-values.js';
import { sourceOf, typesOf } from '../../queries/event-words.js';
import { pathPattern } from '../../queries/path-pattern.js';

export interface EventOptions {
  readonly source?: string;
  readonly type?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  readonly priority?: string;
  readonly text?: string;
  readonly path?: string;
  readonly author?: string;
  readonly commit?: string;
  readonly limit?: string;
  readonly after?: string;
  readonly newest?: boolean;
  readonly oldest?: boolean;
  readonly keys?: boolean;
}

/** What makes two calls pages of one listing; ages like `7d` are compared as they were typed. */
export function questionOf(
  argument: string | undefined,
  { source, type, since, until, priority, text, path, author, commit, oldest }: EventOptions,
): unknown {
  return [argument ?? source, type, since, until, priority, text, path, author, commit, oldest === true];
}

/** A search whose beginning is still to be looked up. */
export type AskedSearch = Omit<EventSearch, 'after'> & { readonly after: EventMark | undefined };

/** Throws InvalidInput that names the option. */
export function eventSearch(argument: string | undefined, options: EventOptions): AskedSearch {
  if (options.newest === true && options.oldest === true)
    throw new InvalidInput('oldest', 'is given together with --newest; expected one of them');
  return {
    filter: filterOf(argument, options),
    order: options.oldest === true ? 'oldest' : 'newest',
    limit: wholeNumber('limit', options.limit ?? '20', 1, 1_000_000_000)!,
    after: markOf(options.after, questionOf(argument, options)),
  };
}

function filterOf(argument: string | undefined, options: EventOptions): EventFilter {
  const { since, until } = options;
  const filter = {
    source: sourceOf(argument, options.source),
    types: typesOf(options.type),
    since: timeBound('since', since),
    until: timeBound('until', until),
    priority: wholeNumber('priority', options.priority, 1, 4),
    text: wordsOf('text', options.text),
    author: wordsOf('author', options.author),
    commit: commitOf(options.commit),
    path: pathPattern(options.path),
  };
  if (filter.since !== undefined && filter.until !== undefined && filter.since >= filter.until) {
    throw new InvalidInput('until', `${until} is not after --since ${since}; nothing could match`);
  }
  return filter;
}

/** The database finds words of letters and digits; without one it would find nothing and not say why. */
function wordsOf(field: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (text.length > limits.searchTextCharsMax)
    throw new InvalidInput(field, `is longer than ${limits.searchTextCharsMax} characters`);
  if (!/[\p{L}\p{N}]/u.test(text) || text.includes('\0'))
    throw new InvalidInput(field, `found ${JSON.stringify(text.slice(0, 40))}, expected at least one word`);
  return text;
}

function commitOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^[0-9a-f]{4,64}$/i.test(text))
    throw new InvalidInput(
      'commit',
      `found ${JSON.stringify(text.slice(0, 80))}, expected 4 to 64 hexadecimal digits of a commit's id`,
    );
  return text.toLowerCase();
}
