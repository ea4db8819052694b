// Where a reader of the stream begins, and what it must be told of the place it asked for.
import { feedStart, positionText, wholeCommit, type FeedPosition } from '../domain/feed-position.js';
import type { Queryable } from '../store/pool.js';
import { firstNumberSince, listCommits } from '../store/reading/commit-feed.js';
import { feedHead } from './fed-event.js';

export interface Start {
  readonly after: FeedPosition;
  /** The reader may have missed something; undefined: it has not. */
  readonly reset?: Reset | undefined;
}

export interface Reset {
  /** gone: what was there was removed since. ahead: this store has never come so far. unknown: it is no position. */
  readonly reason: 'gone' | 'ahead' | 'unknown';
  readonly found: string;
  readonly follows: string;
}

export function resetText({ found, follows }: Reset): string {
  return `${found}; what follows is ${follows}`;
}

const fromNowOn = 'what comes from now on';

/** Without a place: what was stored since then, or what comes from now on. */
export async function startOf(db: Queryable, from: FeedPosition | undefined, since: Date | undefined): Promise<Start> {
  if (from !== undefined) return startFrom(db, from);
  // An event is stored after it happened, so that none of that time stands before.
  if (since !== undefined) return { after: wholeCommit((await firstNumberSince(db, since)) - 1) };
  return { after: await feedHead(db) };
}

async function startFrom(db: Queryable, from: FeedPosition): Promise<Start> {
  if (from.number === feedStart.number) return { after: feedStart };
  const { commits, head } = await listCommits(db, from.number, undefined, 1);
  const there = commits[0]?.number === from.number;
  if (there) return { after: from };
  const asked = positionText(from);
  if (from.number > head)
    return {
      after: wholeCommit(head),
      reset: {
        reason: 'ahead',
        found: `${asked} is not of this store, whose last commit is ${head}: it is of another one, or this is an older copy`,
        follows: fromNowOn,
      },
    };
  return {
    after: wholeCommit(from.number),
    reset: { reason: 'gone', found: `commit ${from.number} was removed since`, follows: 'what is still there' },
  };
}

export async function startUnknown(db: Queryable, asked: string): Promise<Start> {
  return {
    after: await feedHead(db),
    reset: {
      reason: 'unknown',
      found: `${JSON.stringify(asked.slice(0, 40))} is no position of this stream`,
      follows: fromNowOn,
    },
  };
}
