// What is asked of the live stream, as people and programs write it: a filter, and where to begin.
import { InvalidInput } from '../domain/errors.js';
import { parsePosition, type FeedPosition } from '../domain/feed-position.js';
import type { FeedFilter } from '../store/reading/commit-feed.js';
import { sourceOf, typesOf } from './event-words.js';
import { timeBound, wholeNumber } from './option-values.js';

export interface FeedWords {
  readonly source?: string | undefined;
  readonly type?: readonly string[] | undefined;
  readonly priority?: string | undefined;
  readonly since?: string | undefined;
  readonly from?: string | undefined;
}

export interface FeedQuestion {
  readonly filter: FeedFilter;
  /** What follows it is asked for. */
  readonly from: FeedPosition | undefined;
}

/** Throws InvalidInput that names the field. */
export function feedQuestion({ source, type, priority, since, from }: FeedWords): FeedQuestion {
  return {
    filter: {
      source: sourceOf(undefined, source),
      types: typesOf(type),
      priority: wholeNumber('priority', priority, 1, 4),
      since: timeBound('since', since),
    },
    from: positionOf(from),
  };
}

function positionOf(text: string | undefined): FeedPosition | undefined {
  if (text === undefined) return undefined;
  const position = parsePosition(text);
  if (position === undefined)
    throw new InvalidInput(
      'from',
      `found ${JSON.stringify(text.slice(0, 40))}, expected the position of an event like 12.34, of a commit like 12, or 0 for all there is`,
    );
  return position;
}
