// closeRun: says how the run ended and adds up what its whole chain did, from the ledger.
import { syncResult, type SyncOutcome, type SyncResult } from '../domain/sync-result.js';
import type { Pool } from '../store/pool.js';
import { closeRun as closeInStore, countChain } from '../store/runs.js';

export interface CloseRunInput {
  readonly source: string;
  readonly epoch: number;
  readonly runId: string;
  readonly firstRunId: string;
  /** `done` is refined here: the ledger knows whether there was anything. */
  readonly outcome: SyncOutcome | 'continued';
  readonly reason: string | null;
}

export async function closeRun(pool: Pool, input: CloseRunInput): Promise<SyncResult> {
  const { source, runId, reason } = input;
  const { processingMs, pages: _, ...counts } = await countChain(pool, source, input.firstRunId);
  const outcome = refined(input.outcome, counts.fetched, counts.deferred);
  await closeInStore(pool, input, outcome, reason);
  const reported = outcome === 'continued' ? 'done' : outcome;
  return syncResult(reported, source, runId, counts, processingMs, reason ?? undefined);
}

function refined(outcome: CloseRunInput['outcome'], fetched: number, deferred: number): CloseRunInput['outcome'] {
  if (outcome !== 'done') return outcome;
  if (fetched === 0) return 'done_empty';
  return deferred > 0 ? 'done_with_deferred' : 'done';
}
