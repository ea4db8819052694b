import type { Place } from './identity.js';
import type { Names } from './readable-text.js';

/** Where a message was found, and what is known of those whom it names. */
export interface MessagePlace extends Place {
  readonly channelName?: string | undefined;
  readonly names: Names;
}
