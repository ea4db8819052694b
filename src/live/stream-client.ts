// One client of the stream: it is written a batch, and gets the next when it has taken that. So a client that reads slowly is only
// late, and one that does not read costs a batch; after a while it is dropped, and told from where to go on.
import type { Writable } from 'node:stream';
import { once } from 'node:events';
import { positionText, type FeedPosition } from '../domain/feed-position.js';
import type { FeedReader } from './feed.js';
import { eventFrame, heartbeatFrame, resetFrame } from './frames.js';
import { liveLimits } from './limits.js';

/** How long a client may take; tests have less time. */
export interface ClientTimes {
  readonly heartbeatMs: number;
  readonly stallMs: number;
  readonly goodbyeMs: number;
}

export const clientTimes: ClientTimes = {
  heartbeatMs: liveLimits.streamHeartbeatMs,
  stallMs: liveLimits.streamStallMs,
  goodbyeMs: liveLimits.streamGoodbyeMs,
};

/** Resolves when the client is gone, or was dropped. */
export async function serveClient(
  response: Writable,
  reader: FeedReader,
  after: FeedPosition,
  times: ClientTimes,
): Promise<void> {
  let last = after;
  while (!response.destroyed && !response.writableEnded) {
    const { events, reached } = await reader.next(times.heartbeatMs);
    if (response.destroyed || response.writableEnded) return;
    response.write(events.length === 0 ? heartbeatFrame(reached) : Buffer.concat(events.map(eventFrame)));
    last = reached;
    if (!(await isTaken(response, times.stallMs))) return drop(response, last, times);
  }
}

/** Whether the client took what was written in time, or is gone. A little that it did not take yet is no reason to wait. */
async function isTaken(response: Writable, stallMs: number): Promise<boolean> {
  if (!response.writableNeedDrain) return true;
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), stallMs);
  await Promise.race(['drain', 'close'].map((event) => once(response, event, late))).catch(() => undefined);
  clearTimeout(timer);
  const isLate = late.signal.aborted;
  late.abort();
  return !isLate;
}

async function drop(response: Writable, last: FeedPosition, { goodbyeMs }: ClientTimes): Promise<void> {
  const message = 'what was written was not taken in time; come back with Last-Event-ID, and nothing is missed';
  response.end(resetFrame({ reason: 'slow', last: positionText(last), message }));
  const left = setTimeout(() => response.destroy(), goodbyeMs);
  await once(response, 'close').catch(() => undefined);
  clearTimeout(left);
}
