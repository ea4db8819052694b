// The one transaction that makes a page true: claims, events, state, deferred, dead letters, commit record, ledger and
// cursor, together or not at all (design §4.2). Repeating it is harmless; a fenced run changes nothing.
import { Fenced, NeedsAttention } from '../domain/errors.js';
import type { Measures } from '../domain/measure.js';
import type { Counts, PageKey } from '../domain/page.js';
import type { Queue, RemovedRows } from '../domain/queue.js';
import type { StatePatch } from '../domain/source.js';
import { jsonOfEvent, type DeadEvent, type PutOffEvent, type Return } from '../domain/stage.js';
import { appendLink, beginChain, type EventsDigest } from './chain.js';
import { insertCommit } from './commits.js';
import { lockCursor, moveCursor, type CursorRow } from './cursors.js';
import { insertDeadLetters } from './dead-letters.js';
import { insertDeferred } from './deferred.js';
import { claimKeys, countKnownKeys } from './event-hashes.js';
import { copyEvents, type PageLineage, type StoredEvent } from './events.js';
import { findLedgerCounts, insertLedgerEntry, netCounts } from './ledger.js';
import type { Pool, Queryable, Session } from './pool.js';
import { findRefusedEvents, isRefusal, type RefusedEvent } from './refused-events.js';
import { findRun } from './runs.js';
import { applyStatePatch } from './source-state.js';
import { deleteStageOutputs } from './stage-outputs.js';
import { inTransaction } from './transaction.js';

export interface PersistRequest {
  readonly page: PageKey;
  readonly runId: string;
  readonly fromDigest: string;
  readonly toDigest: string;
  readonly cursor: unknown;
  readonly statePatch: readonly StatePatch[] | null;
  readonly ingestedAt: Date;
  /** Events to insert unless their key is already claimed; keys are distinct. */
  readonly events: readonly StoredEvent[];
  /** Repeats within the page or of remembered events. */
  readonly duplicate: number;
  /** Events skipped because the store knew them when deduplicate looked. */
  readonly existing: number;
  /** The keys behind the skips that rest on a look-up or the cache: re-checked here, because only this is the truth. */
  readonly skippedKeys: readonly string[];
  readonly suppressed: number;
  readonly removed: number;
  readonly deferred: readonly PutOffEvent[];
  readonly dead: readonly DeadEvent[];
  /** The rows this page is made of, and their queue; null for what a source gave. */
  readonly queued: { readonly queue: Queue<Queryable>; readonly keys: readonly string[] } | null;
  /** Of those, whole records that were mapped anew. */
  readonly remapped: number;
  /** By ordinal, what events that come back have been through. */
  readonly returned: ReadonlyMap<number, Return>;
  /** True when stages recorded answers for the page. */
  readonly recorded: boolean;
  readonly processingMs: number;
  readonly measures: Measures;
}

/** Thrown when a skipped event turns out to be unknown: deduplicate again without the cache. */
export class StaleCache extends Error {
  override readonly name = 'StaleCache';
}

/** Points of the transaction where tests stop it, as a crash would. */
export type PersistPoint = 'begun' | 'claimed' | 'inserted' | 'recorded';
export type AtPoint = (point: PersistPoint, session: Session) => Promise<void>;

const nowhere: AtPoint = async () => {};

/**
 * Commits the page, or returns the counts of its earlier commit. Throws Fenced when another run holds the source or the
 * page does not follow the committed one; StaleCache when a skip was wrong.
 */
export async function persistPage(pool: Pool, request: PersistRequest, at: AtPoint = nowhere): Promise<Counts> {
  const start = performance.now();
  return inTransaction(pool, async (session) => {
    const cursor = await lockCursor(session, request.page.source);
    await at('begun', session);
    const before = await findLedgerCounts(session, request.page);
    if (before !== undefined) return before;
    await assertHolds(session, cursor, request);
    await assertSkipsHold(session, request);
    await beginChain(session, cursor!);
    return write(session, request, at, start);
  });
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

async function assertSkipsHold(session: Session, { skippedKeys }: PersistRequest): Promise<void> {
  const distinct = [...new Set(skippedKeys)];
  const known = await countKnownKeys(session, distinct);
  if (known !== distinct.length) {
    throw new StaleCache(`${distinct.length - known} of ${distinct.length} skipped events are not in the store`);
  }
}

async function write(session: Session, request: PersistRequest, at: AtPoint, start: number): Promise<Counts> {
  const { page, events } = request;
  const { inserted, refused, digest } = await insertEvents(session, request, at);
  await at('inserted', session);
  await applyStatePatch(session, page.source, request.statePatch ?? []);
  const { redriven, recounted } = await takeOut(session, request);
  await insertDeferred(session, page, request.deferred, request.returned);
  await insertDeadLetters(session, page, [...request.dead, ...refused.map(deadLetterOf)], request.returned);
  if (inserted > 0) await insertCommit(session, page, inserted, request.ingestedAt);
  const counts = countsOf(request, inserted, events.length - refused.length - inserted, refused.length);
  const { fromDigest, toDigest, remapped, processingMs } = request;
  // The transaction up to here: what it costs to end it cannot be in it.
  const persist = { in: events.length, out: inserted, ms: Math.round(performance.now() - start) };
  const measures = { ...request.measures, persist };
  await insertLedgerEntry(session, { ...page, fromDigest, toDigest, counts, redriven, recounted, remapped, processingMs, measures });
  if (request.recorded) await deleteStageOutputs(session, page);
  await moveCursor(session, { source: page.source, seq: page.seq, cursor: request.cursor, digest: toDigest });
  await appendLink(session, { source: page.source, kind: 'page', seq: page.seq, ingestedAt: request.ingestedAt, events: digest });
  await at('recorded', session);
  return netCounts(counts, recounted);
}

async function takeOut(session: Session, { page, queued }: PersistRequest): Promise<RemovedRows> {
  if (queued === null) return { rows: 0, redriven: 0, recounted: 0 };
  const { queue, keys } = queued;
  const removed = await queue.remove(session, page, keys);
  if (removed.rows === keys.length) return removed;
  const missing = keys.length - removed.rows;
  throw new NeedsAttention(`${queue.name}_gone`, `${missing} of ${keys.length} rows of the queue ${queue.name} were taken away while they came back; start the sync again`);
}

function countsOf(request: PersistRequest, inserted: number, claimedByOthers: number, refused: number): Counts {
  const { duplicate, existing, suppressed, removed } = request;
  const dead = request.dead.length + refused;
  const deferred = request.deferred.length;
  const found = existing + claimedByOthers;
  const fetched = inserted + duplicate + found + suppressed + removed + deferred + dead;
  return { fetched, inserted, duplicate, existing: found, suppressed, removed, deferred, dead };
}

/** Claims and copies. When Postgres refuses some, both are undone, those are taken out, and the rest go in again. */
async function insertEvents(
  session: Session,
  request: PersistRequest,
  at: AtPoint,
): Promise<Inserted & { refused: RefusedEvent[] }> {
  const lineage = lineageOf(request);
  await session.query('savepoint events');
  try {
    return { ...(await claimAndCopy(session, lineage, request.events, at)), refused: [] };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await session.query('rollback to savepoint events');
  }
  const refused = await findRefusedEvents(session, lineage, request.events);
  const bad = new Set(refused.map((one) => one.stored));
  const good = request.events.filter((stored) => !bad.has(stored));
  return { ...(await claimAndCopy(session, lineage, good, at)), refused };
}

interface Inserted {
  readonly inserted: number;
  readonly digest: EventsDigest | null;
}

async function claimAndCopy(session: Session, lineage: PageLineage, events: readonly StoredEvent[], at: AtPoint): Promise<Inserted> {
  const claims = events.map(({ event }) => event);
  const claimed = await claimKeys(session, lineage.source, lineage.ingestedAt, claims);
  await at('claimed', session);
  const fresh = claimed === 'all' ? events : events.filter(({ event }) => claimed.has(event.key));
  return { inserted: fresh.length, digest: await copyEvents(session, lineage, fresh) };
}

function lineageOf({ page, ingestedAt, returned }: PersistRequest): PageLineage {
  return { source: page.source, epoch: page.epoch, page: page.seq, ingestedAt, isOldText: returned.size > 0 };
}

/** As text, because jsonb may be what refuses it. */
function deadLetterOf({ stored: { event, enrichment }, code, error }: RefusedEvent): DeadEvent {
  return {
    ordinal: event.ordinal,
    stage: 'persist',
    code,
    error,
    event: null,
    raw: Buffer.from(JSON.stringify({ ordinal: event.ordinal, ...jsonOfEvent(event, enrichment) })),
  };
}
