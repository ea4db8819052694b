// What a sync gives back: one JSON object, the counters of requirement P7 (docs/figures.md).
import type { Counts } from './page.js';
import type { ToldProblem } from './source.js';
import type { Changed } from './source-revision.js';

/**
 * done: everything there was is stored. done_empty: the source had nothing new, which is not the same as all known.
 * done_with_deferred: events that stages deferred wait for a later run.
 * done_with_problems: parts of the origin could not be read and were left out (`problems`); all others are stored.
 * stopped, cancelled: a person ended it at a page boundary. superseded: another run took the source.
 * already_running, paused: this workflow id was not the source's own, and that one was at work, or the source is paused.
 */
export type SyncOutcome =
  | 'done'
  | 'done_empty'
  | 'done_with_deferred'
  | 'done_with_problems'
  | 'stopped'
  | 'cancelled'
  | 'superseded'
  | 'already_running'
  | 'paused'
  | 'needs_attention'
  | 'failed';

/** What a sync gives back. Counts are events; times are milliseconds. */
export interface SyncResult {
  readonly outcome: SyncOutcome;
  readonly source: string;
  readonly total: number;
  readonly inserted: number;
  readonly skipped_duplicate: number;
  readonly skipped_existing: number;
  readonly removed: number;
  readonly deferred: number;
  readonly dead_letters: number;
  /** Failures of processors and of the embedder, and one more where the sync itself failed. */
  readonly errors: number;
  /** It worked so long: its pauses and waits are none of it. */
  readonly processing_time_ms: number;
  readonly runId: string;
  /** Who holds the source, or what went wrong. */
  readonly reason?: string;
  /** Parts of the origin that were left out. */
  readonly problems?: readonly ToldProblem[];
  /** What the start changed of the source's options and settings; left out where that is nothing. */
  readonly changed?: Changed;
}

export function syncResult(
  outcome: SyncOutcome,
  source: string,
  runId: string,
  counts: Counts,
  workedMs: number,
  reason?: string,
  problems: readonly ToldProblem[] = [],
): SyncResult {
  return {
    outcome,
    source,
    total: counts.fetched,
    inserted: counts.inserted,
    skipped_duplicate: counts.duplicate + counts.suppressed,
    skipped_existing: counts.existing,
    removed: counts.removed,
    deferred: counts.deferred,
    dead_letters: counts.dead,
    errors: (counts.failures ?? 0) + (outcome === 'failed' || outcome === 'needs_attention' ? 1 : 0),
    processing_time_ms: workedMs,
    runId,
    ...(reason === undefined ? {} : { reason }),
    ...(problems.length === 0 ? {} : { problems }),
  };
}
