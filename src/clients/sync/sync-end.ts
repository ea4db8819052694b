// How a sync ended, as one result and one exit code, also when its workflow failed: what it did until then is in the ledger.
import { ApplicationFailure, CancelledFailure, TerminatedFailure, WorkflowFailedError } from '@temporalio/client';
import { syncResult, type SyncOutcome, type SyncResult } from '../../domain/sync-result.js';
import { exitCodeOfClass } from '../../domain/exit-codes.js';
import type { Pool } from '../../store/pool.js';
import { countChain } from '../../store/figures.js';
import { exitCodes, oneLine } from '../failure-report.js';

export interface SyncEnd {
  readonly result: SyncResult;
  readonly exitCode: number;
  /** One line that says what went wrong. */
  readonly problem: string | null;
}

export interface ChainOfRuns {
  readonly source: string;
  readonly runId: string;
  readonly firstRunId: string;
}

export function endOfResult(result: SyncResult): SyncEnd {
  const exitCode =
    result.outcome === 'needs_attention' || result.outcome === 'done_with_problems'
      ? exitCodes.attention
      : result.outcome === 'failed' || result.outcome === 'superseded'
        ? exitCodes.failed
        : exitCodes.fine;
  return { result, exitCode, problem: exitCode === exitCodes.fine ? null : (result.reason ?? problemsText(result)) };
}

function problemsText({ outcome, problems = [] }: SyncResult): string {
  return problems.length === 0 ? outcome : problems.map(({ message }) => oneLine(message)).join('; ');
}

/** Throws on what is no end of a workflow (a lost connection). */
export async function endOfFailure(
  error: unknown,
  pool: Pool,
  { source, runId, firstRunId }: ChainOfRuns,
): Promise<SyncEnd> {
  if (!(error instanceof WorkflowFailedError)) throw error;
  const { outcome, exitCode, problem } = meaningOf(error);
  const { workedMs, pages: _, records: __, ...counts } = await countChain(pool, source, firstRunId);
  return { result: syncResult(outcome, source, runId, counts, workedMs, problem), exitCode, problem };
}

/** Of the types of failures (src/activities/failures.ts); others end a run without a person's fault. */
const nextOf = { InvalidInput: 'refuse', NeedsAttention: 'attention' } as const;

function meaningOf(failed: WorkflowFailedError): { outcome: SyncOutcome; exitCode: number; problem: string } {
  for (let cause = failed.cause; cause !== undefined; cause = cause.cause as Error | undefined) {
    const problem = oneLine(cause.message);
    if (cause instanceof ApplicationFailure) {
      const next = nextOf[cause.type as keyof typeof nextOf] ?? 'stop';
      const [details] = (cause.details ?? []) as [{ code?: string }?];
      const exitCode = exitCodeOfClass(next, details?.code ?? '');
      return { outcome: next === 'attention' ? 'needs_attention' : 'failed', exitCode, problem };
    }
    if (cause instanceof CancelledFailure) return { outcome: 'cancelled', exitCode: exitCodes.failed, problem };
    if (cause instanceof TerminatedFailure)
      return {
        outcome: 'cancelled',
        exitCode: exitCodes.failed,
        problem: 'the sync was terminated; what is committed is kept, start it again to go on',
      };
  }
  return { outcome: 'failed', exitCode: exitCodes.failed, problem: oneLine(failed.message) };
}
