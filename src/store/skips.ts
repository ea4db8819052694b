// Events that were skipped because they seemed to be known: checked in the transaction that rests on it, because only that
// is the truth.
import { countKnownKeys } from './event-hashes.js';
import type { Session } from './pool.js';

/** Thrown when a skipped event turns out to be unknown: deduplicate again without the cache. */
export class StaleCache extends Error {
  override readonly name = 'StaleCache';
}

export async function assertSkipsHold(session: Session, skippedKeys: readonly string[]): Promise<void> {
  const distinct = [...new Set(skippedKeys)];
  const known = await countKnownKeys(session, distinct);
  if (known !== distinct.length) {
    throw new StaleCache(`${distinct.length - known} of ${distinct.length} skipped events are not in the store`);
  }
}
