// The newest events of the feed, which all readers of a process share: whoever keeps up reads here, and nothing of it from Postgres.
import { isAfter, type FeedPosition } from '../domain/feed-position.js';
import { liveLimits } from './limits.js';
import type { FeedFilter } from '../store/reading/commit-feed.js';
import { fits, type FedBatch, type FedEvent } from './fed-event.js';

export class FeedWindow {
  /** Everything behind it, up to `to`, is here. */
  #from: FeedPosition;
  #to: FeedPosition;
  #events: FedEvent[] = [];
  #bytes = 0;

  constructor(at: FeedPosition) {
    [this.#from, this.#to] = [at, at];
  }

  get from(): FeedPosition {
    return this.#from;
  }

  get to(): FeedPosition {
    return this.#to;
  }

  covers(position: FeedPosition): boolean {
    return !isAfter(this.#from, position);
  }

  append({ events, reached }: FedBatch): void {
    this.#events.push(...events);
    this.#bytes += sumOf(events);
    this.#to = reached;
    const leaving = this.#leaving(0, 0);
    this.#from = leaving.at(-1)?.position ?? this.#from;
    this.#events.splice(0, leaving.length);
    this.#bytes -= sumOf(leaving);
  }

  /** Where the window will begin with these in it. */
  beginsWith({ events }: FedBatch): FeedPosition {
    return this.#leaving(events.length, sumOf(events)).at(-1)?.position ?? this.#from;
  }

  /** The newest stays, whatever it takes. */
  #leaving(more: number, moreBytes: number): readonly FedEvent[] {
    const last = this.#events.length - (more > 0 ? 0 : 1);
    let [count, bytes] = [0, this.#bytes + moreBytes];
    while (
      count < last &&
      (this.#events.length + more - count > liveLimits.feedWindowEvents || bytes > liveLimits.feedWindowBytes)
    )
      bytes -= this.#events[count++]!.bytes;
    return this.#events.slice(0, count);
  }

  /** For a position that is covered. */
  read(after: FeedPosition, filter: FeedFilter): FedBatch {
    const found: FedEvent[] = [];
    let bytes = 0;
    for (let at = this.#firstBehind(after); at < this.#events.length; at += 1) {
      const event = this.#events[at]!;
      if (!fits(event, filter)) continue;
      const isFull = found.length === liveLimits.feedBatchEvents || bytes + event.bytes > liveLimits.feedBatchBytes;
      if (isFull && found.length > 0) return { events: found, reached: found.at(-1)!.position };
      found.push(event);
      bytes += event.bytes;
    }
    return { events: found, reached: isAfter(this.#to, after) ? this.#to : after };
  }

  #firstBehind(after: FeedPosition): number {
    let [low, high] = [0, this.#events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isAfter(this.#events[middle]!.position, after)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function sumOf(events: readonly FedEvent[]): number {
  return events.reduce((sum, { bytes }) => sum + bytes, 0);
}
