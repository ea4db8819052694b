// Events as the live stream hands them on: read from the commit feed, each with its place in it.
import { isAfter, isWhole, wholeCommit, type FeedPosition } from '../domain/feed-position.js';
import { liveLimits } from './limits.js';
import type { Queryable } from '../store/pool.js';
import { matchesType } from '../store/reading/event-filter.js';
import {
  listCommits,
  readFedEvents,
  type FedBounds,
  type FedRow,
  type FeedFilter,
} from '../store/reading/commit-feed.js';

export interface FedEvent {
  readonly position: FeedPosition;
  readonly row: FedRow;
  /** About what it takes in memory. */
  readonly bytes: number;
}

export interface FedBatch {
  readonly events: readonly FedEvent[];
  /** All that fits and stands up to here was given. */
  readonly reached: FeedPosition;
}

/** What is behind `after` and fits, at most as much as the bounds say; nothing where there is no more. */
export async function readFeed(
  db: Queryable,
  after: FeedPosition,
  filter: FeedFilter,
  bounds: FedBounds,
): Promise<FedBatch> {
  const from = isWhole(after) ? after.number + 1 : after.number;
  const { commits, head } = await listCommits(db, from, filter.source, liveLimits.feedCommitsMax);
  let rows = 0;
  const chosen = commits.filter(({ inserted }) => (rows += inserted) - inserted < bounds.rows);
  if (chosen.length === 0) return { events: [], reached: later(after, wholeCommit(head)) };
  const read = await readFedEvents(db, chosen, after, filter, bounds);
  const events = read.rows.map(fedEvent);
  const isAll = chosen.length === commits.length && commits.length < liveLimits.feedCommitsMax;
  const end = wholeCommit(isAll ? head : chosen.at(-1)!.number);
  return { events, reached: read.more ? events.at(-1)!.position : later(after, end) };
}

/** The end of the feed. */
export async function feedHead(db: Queryable): Promise<FeedPosition> {
  const { head } = await listCommits(db, 0, undefined, 0);
  return wholeCommit(head);
}

function later(one: FeedPosition, other: FeedPosition): FeedPosition {
  return isAfter(other, one) ? other : one;
}

/** Of its attributes and the objects that hold them. */
const attributeBytes = 500;

function fedEvent(row: FedRow): FedEvent {
  const { number, ordinal, data, dataBytes, enrichment, enrichmentBytes } = row;
  const held = (data === null ? 0 : dataBytes) + (enrichment === null ? 0 : enrichmentBytes);
  return { position: { number, ordinal }, row, bytes: attributeBytes + held };
}

/** As Postgres filters. */
export function fits({ row }: FedEvent, { source, types, priority, since }: FeedFilter): boolean {
  if (source !== undefined && row.source !== source) return false;
  if (types !== undefined && !types.some((pattern) => matchesType(pattern, row.type))) return false;
  if (priority !== undefined && row.priority < priority) return false;
  // Both have milliseconds at least; an event of the same millisecond is not before it.
  return since === undefined || (row.time !== null && new Date(row.time).getTime() >= since.getTime());
}
