// What a store needs done now and then, by whichever workers there are: doing it twice is harmless.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowClient } from '@temporalio/client';
import { limits } from '../limits.js';
import { numberCommits } from '../store/commits.js';
import { deleteOldPages } from '../store/pages.js';
import { ensurePartitions } from '../store/partitions.js';
import type { Pool } from '../store/pool.js';
import { listRemoved } from '../store/sources.js';
import { closeEndedRuns } from './ended-runs.js';

/** Retention and partitions are matters of days; a worker that lives for less does it at its start. */
const tidyEveryMs = 10 * 60_000;

/** What sources that were removed have left on this machine, their mirrors; a command reaches only those of its own. */
async function removeDirectories(pool: Pool, home: string): Promise<void> {
  const directory = join(home, 'sources');
  const names = await readdir(directory).catch(() => []);
  for (const id of await listRemoved(pool, names.map(decodeURIComponent))) {
    await rm(join(directory, encodeURIComponent(id)), { recursive: true, force: true });
  }
}

/** Starts the rounds and returns what ends them. A round that fails is left to the next one. */
export function keepHouse(pool: Pool, rawRetentionDays: number, home: string): () => void {
  const tidy = async () => {
    await ensurePartitions(pool);
    while ((await deleteOldPages(pool, rawRetentionDays, limits.retentionBatchRows)) === limits.retentionBatchRows);
    await removeDirectories(pool, home);
  };
  const rounds = [every(limits.commitSweepMs, () => numberCommits(pool)), every(tidyEveryMs, tidy)];
  void tidy().catch(() => {});
  return () => rounds.forEach(clearInterval);
}

/** The same for what only Temporal knows. */
export function keepRuns(pool: Pool, client: WorkflowClient): () => void {
  const tidy = () => closeEndedRuns(pool, client);
  const round = every(tidyEveryMs, tidy);
  void tidy().catch(() => {});
  return () => clearInterval(round);
}

function every(ms: number, work: () => Promise<unknown>): NodeJS.Timeout {
  return setInterval(() => void work().catch(() => {}), ms);
}
