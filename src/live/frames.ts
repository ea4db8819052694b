// What stands on the wire: https://html.spec.whatwg.org/multipage/server-sent-events.html. A JSON text has no line end in it, so that
// one `data` line holds it.
import { positionText, type FeedPosition } from '../domain/feed-position.js';
import type { FedEvent } from './fed-event.js';
import { streamEvent } from './stream-event.js';

/** An event is written once, however many clients get it; it is forgotten with the window. */
const written = new WeakMap<FedEvent, Buffer>();

export function eventFrame(event: FedEvent): Buffer {
  const known = written.get(event);
  if (known !== undefined) return known;
  const frame = Buffer.from(`id: ${positionText(event.position)}\ndata: ${JSON.stringify(streamEvent(event))}\n\n`);
  written.set(event, frame);
  return frame;
}

export function retryFrame(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** Nothing came that fits. With the place that was reached, so that who comes back later does not look through it again. */
export function heartbeatFrame(reached: FeedPosition): string {
  return `: nothing new\nid: ${positionText(reached)}\n\n`;
}

export interface ResetWord {
  /** slow: it took nothing; what is behind `last` comes when it asks again. For the others see start.ts. */
  readonly reason: 'slow' | 'gone' | 'ahead' | 'unknown';
  /** It goes on behind this. */
  readonly last: string;
  readonly message: string;
}

export function resetFrame(word: ResetWord): string {
  return `event: reset\nid: ${word.last}\ndata: ${JSON.stringify(word)}\n\n`;
}
