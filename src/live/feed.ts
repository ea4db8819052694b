// The commit feed, shared by all readers of a process. One reading goes along at its head, woken by Postgres' word of a numbered
// commit, and fills the window; readers read there at their own pace. A reader that is behind the window reads from Postgres by
// itself until it is there again: so nobody waits for the slowest, and Postgres is everybody's buffer. Between two reads nobody
// holds a session; listening takes one.
import { isAfter, type FeedPosition } from '../domain/feed-position.js';
import { liveLimits } from './limits.js';
import type { FeedFilter } from '../store/reading/commit-feed.js';
import { readFeed, type FedBatch, type FedEvent } from './fed-event.js';
import { createHead } from './head.js';
import { createPlaces } from './places.js';
import type { FeedParts, Shared } from './shared.js';
import { createWaiting } from './waiting.js';

export interface FeedReader {
  /** The next events that fit, as soon as there are some; none when that takes longer than `waitMs`, or it is closed. */
  next(waitMs: number): Promise<FedBatch>;
  close(): void;
}

export interface LiveFeed {
  open(after: FeedPosition, filter: FeedFilter): FeedReader;
  /** All readers. */
  close(): void;
}

export function createFeed(parts: FeedParts): LiveFeed {
  const readers = new Set<Reader>();
  const shared: Shared = {
    ...parts,
    waiting: createWaiting(),
    places: createPlaces(liveLimits.feedPastReads),
    head: undefined,
    readers,
    ended(reader) {
      readers.delete(reader as Reader);
      if (readers.size > 0) return;
      shared.head?.end();
      shared.head = undefined;
    },
  };
  return {
    open(after, filter) {
      const reader = new Reader(shared, after, filter);
      readers.add(reader);
      shared.head ??= createHead(shared);
      return reader;
    },
    close: () => [...readers].forEach((reader) => reader.close()),
  };
}

class Reader implements FeedReader {
  readonly #shared: Shared;
  readonly #filter: FeedFilter;
  #at: FeedPosition;
  #closed = false;
  /** Read from Postgres and not given yet. */
  #ahead: FedEvent[] = [];
  #reached: FeedPosition;

  constructor(shared: Shared, after: FeedPosition, filter: FeedFilter) {
    [this.#shared, this.#filter] = [shared, filter];
    [this.#at, this.#reached] = [after, after];
  }

  get at(): FeedPosition {
    return this.#at;
  }

  async next(waitMs: number): Promise<FedBatch> {
    const until = performance.now() + waitMs;
    this.#shared.head?.moved();
    for (;;) {
      const before = this.#at;
      const { events } = this.#closed ? nothing : await this.#read(until);
      const left = until - performance.now();
      if (events.length > 0 || this.#closed || left <= 0) return { events, reached: this.#at };
      if (this.#isAtHead()) await this.#shared.waiting.wait(left);
      else if (!isAfter(this.#at, before)) await this.#shared.waiting.wait(Math.min(left, liveLimits.feedLookMs));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ahead = [];
    this.#shared.ended(this);
    this.#shared.waiting.wake();
  }

  /** Asked and waited for without a pause between, or a word in it would be missed. */
  #isAtHead(): boolean {
    const window = this.#shared.head?.window;
    if (window === undefined || this.#ahead.length > 0) return false;
    return window.covers(this.#at) && !isAfter(window.to, this.#at);
  }

  async #read(until: number): Promise<FedBatch> {
    const window = this.#shared.head?.window;
    if (this.#ahead.length === 0 && window?.covers(this.#at) === true)
      return this.#took(window.read(this.#at, this.#filter));
    if (this.#ahead.length === 0) await this.#readPast(until);
    return this.#took(this.#taken());
  }

  #took(batch: FedBatch): FedBatch {
    this.#at = batch.reached;
    return batch;
  }

  /** A read costs a walk over the page; what it gives is handed on in parts. */
  #taken(): FedBatch {
    const events = this.#ahead.splice(0, liveLimits.feedBatchEvents);
    return { events, reached: this.#ahead.length > 0 ? events.at(-1)!.position : this.#reached };
  }

  async #readPast(until: number): Promise<void> {
    const { pool, places, eventBytes, head } = this.#shared;
    try {
      const bounds = { rows: liveLimits.feedPastEvents, bytes: liveLimits.feedBatchBytes, ...eventBytes };
      const read = await places.within(() => readFeed(pool, this.#at, this.#filter, bounds));
      [this.#ahead, this.#reached] = this.#closed ? [[], this.#at] : [[...read.events], read.reached];
    } catch (error) {
      head?.trouble(error);
      await this.#shared.waiting.wait(Math.min(liveLimits.feedPauseMs, Math.max(1, until - performance.now())));
    }
  }
}

const nothing: Pick<FedBatch, 'events'> = { events: [] };
