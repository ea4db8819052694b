// deduplicate: looks, so that expensive stages skip what is known; persist decides. Repeats within the page and remembered
// keys first, then one look-up for all the rest (requirements P1, P4).
import type { HashedEvent } from '../domain/event.js';
import type { Stage } from '../domain/stage.js';
import { inTurns } from '../domain/turns.js';
import { findKnownKeys } from '../store/event-hashes.js';
import type { Pool } from '../store/pool.js';
import { findRecentHashClearing } from '../store/recent-hash-clearings.js';
import type { RecentKeys } from './recent-keys.js';

export function createDeduplicate(pool: Pool, recent: RecentKeys): Stage {
  const obey = createObedience(pool, recent);
  return {
    name: 'deduplicate',
    kind: 'pure',
    async run(batch) {
      await obey();
      const { unseen, remembered, repeats } = await split(batch.events, recent);
      const known = await findKnownKeys(
        pool,
        unseen.map((event) => event.key),
      );
      const events = known.size === 0 ? unseen : unseen.filter((event) => !known.has(event.key));
      return {
        ...batch,
        events,
        duplicate: batch.duplicate + repeats + remembered.length,
        existing: batch.existing + unseen.length - events.length,
        skippedKeys: [...remembered, ...known],
      };
    },
  };
}

/** Forgets what is remembered when somebody said so since the last page (requirement P2): one short look-up a page. */
function createObedience(pool: Pool, recent: RecentKeys): () => Promise<void> {
  let obeyed: number | undefined;
  return async () => {
    const clearing = await findRecentHashClearing(pool);
    if (clearing !== obeyed) recent.clear();
    obeyed = clearing;
  };
}

/** The first of equal events stays; which one that is does not depend on the cache. */
async function split(events: readonly HashedEvent[], recent: RecentKeys) {
  const inPage = new Set<string>();
  const unseen: HashedEvent[] = [];
  const remembered: string[] = [];
  let repeats = 0;
  await inTurns(events, (event) => {
    if (inPage.has(event.key)) repeats += 1;
    else if (recent.has(event.key)) remembered.push(event.key);
    else unseen.push(event);
    inPage.add(event.key);
  });
  return { unseen, remembered, repeats };
}
