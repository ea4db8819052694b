// The one transaction that makes a page true: claims, events, state, deferred, dead letters, commit record, ledger and
// cursor, together or not at all (design §4.2). Repeating it is harmless; a fenced run changes nothing.
import { Fenced, NeedsAttention } from '../domain/errors.js';
import type { Measures } from '../domain/measure.js';
import type { Counts, PageKey } from '../domain/page.js';
import type { Queue, RemovedRows } from '../domain/queue.js';
import type { StatePatch } from '../domain/source-state.js';
import { appendLink, beginChain } from './chain.js';
import { lockCursor, moveCursor, type CursorRow } from './cursors.js';
import { writeUnder, type Holding } from './holding.js';
import { findLedgerCounts, insertLedgerEntry, netCounts } from './ledger.js';
import type { Pool, Queryable, Session } from './pool.js';
import { findRun, noteWork } from './runs.js';
import { assertSkipsHold } from './skips.js';
import { applyStatePatch } from './source-state.js';
import { deleteStageOutputs } from './stage-outputs.js';
import type { AtPoint, Writing, Written } from './writing.js';

export interface PersistRequest extends Writing {
  readonly page: PageKey;
  readonly runId: string;
  readonly fromDigest: string;
  readonly toDigest: string;
  readonly cursor: unknown;
  readonly statePatch: readonly StatePatch[] | null;
  /** Repeats within the page or of remembered events. */
  readonly duplicate: number;
  /** Events skipped because the store knew them when deduplicate looked. */
  readonly existing: number;
  /** The keys behind the skips that rest on a look-up or the cache: re-checked here, because only this is the truth. */
  readonly skippedKeys: readonly string[];
  readonly suppressed: number;
  readonly removed: number;
  /** The rows this page is made of, and their queue; null for what a source gave. */
  readonly queued: { readonly queue: Queue<Queryable>; readonly keys: readonly string[] } | null;
  /** Of those, whole records that were mapped anew. */
  readonly remapped: number;
  /** True when stages recorded answers for the page. */
  readonly recorded: boolean;
  readonly processingMs: number;
  /** How long its run has worked; undefined in histories of before it was told. */
  readonly workedMs?: number | undefined;
  readonly measures: Measures;
}

/**
 * Commits the page, or returns the counts of its earlier commit. Throws Fenced when another run holds the source or the
 * page does not follow the committed one; StaleCache when a skip was wrong.
 */
export async function persistPage(pool: Pool, request: PersistRequest, at?: AtPoint): Promise<Counts> {
  return writeUnder(pool, pageHolding(request), request, at);
}

/** The cursor's row: writers of one source queue there. */
function pageHolding(request: PersistRequest): Holding {
  const start = performance.now();
  return {
    numbersChanges: true,
    async take(session) {
      const cursor = await lockCursor(session, request.page.source);
      const before = await findLedgerCounts(session, request.page);
      if (before !== undefined) return { committed: before };
      await assertHolds(session, cursor, request);
      await assertSkipsHold(session, request.skippedKeys);
      await beginChain(session, cursor!);
      return { page: request.page };
    },
    keep: (session, page, written) => keep(session, request, page, written, start),
  };
}

async function assertHolds(session: Session, cursor: CursorRow | undefined, request: PersistRequest): Promise<void> {
  const { page, runId, fromDigest } = request;
  if (
    cursor?.epoch === page.epoch &&
    cursor.runId === runId &&
    cursor.seq === page.seq - 1 &&
    cursor.digest === fromDigest
  ) {
    return;
  }
  const holder = cursor === undefined ? undefined : await findRun(session, page.source, cursor.epoch);
  throw new Fenced(
    `page ${page.seq} of epoch ${page.epoch} from ${fromDigest} does not follow the committed position: ` +
      (cursor === undefined
        ? 'the source does not exist'
        : `epoch ${cursor.epoch}, page ${cursor.seq}, position ${cursor.digest}, held by workflow ${holder?.workflowId} run ${cursor.runId}`),
  );
}

async function keep(
  session: Session,
  request: PersistRequest,
  page: PageKey,
  written: Written,
  start: number,
): Promise<Counts> {
  const { source } = page;
  const { fromDigest, toDigest, remapped, processingMs, ingestedAt } = request;
  await applyStatePatch(session, source, request.statePatch ?? []);
  const { redriven, recounted } = await takeOut(session, request);
  const counts = countsOf(request, written);
  // The transaction up to here: what it costs to end it cannot be in it.
  const persist = { in: request.events.length, out: written.inserted, ms: Math.round(performance.now() - start) };
  const measures = { ...request.measures, persist };
  const failures = await insertLedgerEntry(session, {
    ...page,
    fromDigest,
    toDigest,
    counts,
    redriven,
    recounted,
    remapped,
    processingMs,
    measures,
  });
  if (request.workedMs !== undefined) await noteWork(session, page, request.workedMs);
  if (request.recorded) await deleteStageOutputs(session, page);
  await moveCursor(session, { source, seq: page.seq, cursor: request.cursor, digest: toDigest });
  await appendLink(session, { source, kind: 'page', seq: page.seq, ingestedAt, events: written.digest });
  return netCounts({ ...counts, failures }, recounted);
}

async function takeOut(session: Session, { page, queued }: PersistRequest): Promise<RemovedRows> {
  if (queued === null) return { rows: 0, redriven: 0, recounted: 0 };
  const { queue, keys } = queued;
  const removed = await queue.remove(session, page, keys);
  if (removed.rows === keys.length) return removed;
  const missing = keys.length - removed.rows;
  throw new NeedsAttention(
    `${queue.name}_gone`,
    `${missing} of ${keys.length} rows of the queue ${queue.name} were taken away while they came back; start the sync again`,
  );
}

function countsOf(request: PersistRequest, { inserted, existing: claimed, refused }: Written): Counts {
  const { duplicate, suppressed, removed } = request;
  const [dead, deferred, existing] = [
    request.dead.length + refused,
    request.deferred.length,
    request.existing + claimed,
  ];
  const fetched = inserted + duplicate + existing + suppressed + removed + deferred + dead;
  return { fetched, inserted, duplicate, existing, suppressed, removed, deferred, dead };
}
