// closeRun: says how the run ended and adds up what its whole chain did, from the ledger.
import { syncResult, type SyncOutcome, type SyncResult } from '../domain/sync-result.js';
import { countDeferred } from '../store/deferred.js';
import { countChain } from '../store/figures.js';
import type { Pool } from '../store/pool.js';
import { incompleteCode, listIncompleteProblems } from '../store/incomplete.js';
import { closeRun as closeInStore, findPrepared, findRun, noteWork } from '../store/runs.js';
import { listStreamProblems } from '../store/streams.js';
import { forgetUnreadSource } from '../store/sources.js';

export interface CloseRunInput {
  readonly source: string;
  readonly epoch: number;
  readonly runId: string;
  readonly firstRunId: string;
  /** `done` is refined here: the store knows whether there was anything, and whether anything waits. */
  readonly outcome: SyncOutcome | 'continued';
  readonly reason: string | null;
  /** The run worked so long; undefined in histories of before it was told. */
  readonly workedMs?: number;
}

export async function closeRun(pool: Pool, input: CloseRunInput): Promise<SyncResult> {
  const { source, runId, reason } = input;
  if (input.workedMs !== undefined) await noteWork(pool, input, input.workedMs);
  const { workedMs, pages: _, records: __, ...counts } = await countChain(pool, source, input.firstRunId);
  const waiting = input.outcome === 'done' ? await countDeferred(pool, source) : 0;
  const told = ((await findPrepared(pool, input))?.problems ?? []).filter(({ code }) => code !== incompleteCode);
  // Only now: some may have been found, and some completed, while this run read.
  const parts = [...told, ...(await listIncompleteProblems(pool, source))];
  const problems = [...parts, ...(await listStreamProblems(pool, source))];
  const outcome = refined(input.outcome, { fetched: counts.fetched, waiting, problems: problems.length });
  await closeInStore(pool, input, { outcome, error: reason, problems: parts, again: true });
  // `failed` is wrong input: an origin that is none leaves no source behind.
  if (outcome === 'failed') await forgetUnreadSource(pool, source);
  const changed = (await findRun(pool, source, input.epoch))?.changed ?? {};
  const reported = outcome === 'continued' ? 'done' : outcome;
  const result = syncResult(reported, source, runId, counts, workedMs, reason ?? undefined, problems);
  return Object.keys(changed).length === 0 ? result : { ...result, changed };
}

function refined(
  outcome: CloseRunInput['outcome'],
  { fetched, waiting, problems }: { fetched: number; waiting: number; problems: number },
): CloseRunInput['outcome'] {
  if (outcome !== 'done') return outcome;
  if (problems > 0) return 'done_with_problems';
  if (waiting > 0) return 'done_with_deferred';
  return fetched === 0 ? 'done_empty' : 'done';
}
