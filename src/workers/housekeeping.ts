// What a store needs done now and then, by whichever workers there are: doing it twice is harmless.
import { limits } from '../limits.js';
import { numberCommits } from '../store/commits.js';
import { deleteOldPages } from '../store/pages.js';
import { ensurePartitions } from '../store/partitions.js';
import type { Pool } from '../store/pool.js';

/** Retention and partitions are matters of days; a worker that lives for less does it at its start. */
const tidyEveryMs = 10 * 60_000;

/** Starts the rounds and returns what ends them. A round that fails is left to the next one. */
export function keepHouse(pool: Pool, rawRetentionDays: number): () => void {
  const tidy = async () => {
    await ensurePartitions(pool);
    while ((await deleteOldPages(pool, rawRetentionDays, limits.retentionBatchRows)) === limits.retentionBatchRows);
  };
  const rounds = [every(limits.commitSweepMs, () => numberCommits(pool)), every(tidyEveryMs, tidy)];
  void tidy().catch(() => {});
  return () => rounds.forEach(clearInterval);
}

function every(ms: number, work: () => Promise<unknown>): NodeJS.Timeout {
  return setInterval(() => void work().catch(() => {}), ms);
}
