// fetchPage: the source reads on, and what it read is stored before any stage sees it. Repeating it returns what the
// first try stored. An empty fetch at an unchanged position writes nothing.
import { hostname } from 'node:os';
import type { PageKey } from '../domain/page.js';
import { isWait, WaitUntil } from '../domain/errors.js';
import { newBatch } from '../domain/stage.js';
import type { BatchPlan } from '../domain/plan.js';
import type { Queue } from '../domain/queue.js';
import type { Wait } from '../domain/wait.js';
import { findPage, insertPage, type PageRow } from '../store/pages.js';
import type { Pool, Queryable } from '../store/pool.js';
import { findPrepared } from '../store/runs.js';
import { deleteWait, findWait } from '../store/waits.js';
import { gather, type Gathered } from './gather.js';
import { noteWait } from './keep-wait.js';
import { missingPage } from './missing-page.js';
import { encodeRecords } from './page-codec.js';
import type { PageMemory } from './page-memory.js';
import { pageWeight } from './page-weight.js';
import type { Reader, Readers } from './readers.js';
import type { Lease, Room } from './room.js';
import type { RunContext } from './run-context.js';
import type { CreateSourceContext, Look } from './source-context.js';

export interface FetchRequest {
  readonly page: PageKey;
  readonly fromDigest: string;
  readonly batch: BatchPlan;
  /** The first page of a round: it reads from where prepare said. */
  readonly start: boolean;
  /** A reader of an earlier round knows only what that one prepared. */
  readonly round: number;
  /** A person said now: a wait that is not over holds nobody back. */
  readonly askNow?: boolean;
  /** A source that lost what prepare made looks again. */
  readonly acceptDeletions?: boolean;
}

export interface FetchedPage {
  readonly seq: number;
  readonly digest: string;
  readonly records: number;
  readonly events: number;
  readonly bytes: number;
  /** Nothing comes after it in this run. */
  readonly last: boolean;
  /** Nothing was read and nothing was stored. */
  readonly empty: boolean;
  /** Of a queue that gives events back: the stage they go on from. */
  readonly resumeStage: string | null;
  /** Its queue; left out for what the source gave. */
  readonly queue?: string;
  /** With the last page: something waits in a queue and is due. */
  readonly due?: boolean;
  /** The origin is asked again then; what was read before it is this page. */
  readonly wait?: Wait;
}

export interface FetchParts {
  readonly pool: Pool;
  readonly queues: readonly Queue<Queryable>[];
  readonly readers: Readers;
  readonly memory: PageMemory;
  readonly room: Room;
}

/** A fetch that found no room gives its slot back after this long, and the workflow asks again: stages need slots, too. */
const roomWaitMs = 10_000;

export async function fetchPage(
  parts: FetchParts,
  request: FetchRequest & Pick<Look, 'lastAttempt'>,
  context: RunContext,
  sourceContext: CreateSourceContext,
  cancelled: AbortSignal,
): Promise<FetchedPage> {
  const fetched = await storedOrRead(parts, request, context, sourceContext, cancelled);
  return fetched.last ? { ...fetched, due: await isAnyDue(parts, request.page.source) } : fetched;
}

export async function isAnyDue(
  { pool, queues }: Pick<FetchParts, 'pool' | 'queues'>,
  source: string,
): Promise<boolean> {
  const now = new Date();
  for (const queue of queues) if (await queue.isDue(pool, source, now)) return true;
  return false;
}

async function storedOrRead(
  parts: FetchParts,
  request: FetchRequest & Pick<Look, 'lastAttempt'>,
  context: RunContext,
  sourceContext: CreateSourceContext,
  cancelled: AbortSignal,
): Promise<FetchedPage> {
  const stored = await findPage(parts.pool, request.page);
  if (stored !== undefined) return fetchedPage(stored);
  const run = `${request.page.source}#${request.page.epoch}#${request.round}`;
  const lease = await parts.room.take(
    parts.readers.appetite(run) ?? firstBite(request.batch),
    'new',
    cancelled,
    roomWaitMs,
  );
  if (lease === undefined) return emptyPage(request.page, request.fromDigest, false);
  try {
    const reader =
      parts.readers.take(run, request.fromDigest) ?? (await openReader(parts.pool, request, context, sourceContext));
    return await read(
      parts,
      { ...request, run, mapperVersion: context.source.mapperVersion },
      reader,
      lease,
      cancelled,
    );
  } catch (error) {
    lease.release();
    if (!isWait(error)) throw error;
    return waiting(request, await noteWait(parts.pool, request.page.source, error));
  }
}

/** What a fetch knows beside its request. */
interface Reading extends FetchRequest {
  readonly run: string;
  readonly mapperVersion: number;
}

async function read(
  parts: FetchParts,
  request: Reading,
  reader: Reader,
  lease: Lease,
  cancelled: AbortSignal,
): Promise<FetchedPage> {
  cancelled.addEventListener('abort', reader.close, { once: true });
  try {
    const gathered = await gather(request.page.source, reader, request.batch, lease);
    const fetched = await store(parts, request, gathered, lease);
    // Only now: a reader ahead of what is stored would skip the page of the next attempt.
    if (gathered.last || gathered.broken !== undefined) reader.close();
    else
      parts.readers.put(
        request.run,
        { ...reader, digest: gathered.digest, held: gathered.held },
        nextBite(request.batch, gathered),
      );
    return isWait(gathered.broken)
      ? { ...fetched, wait: await noteWait(parts.pool, request.page.source, gathered.broken) }
      : fetched;
  } catch (error) {
    reader.close();
    throw error;
  } finally {
    cancelled.removeEventListener('abort', reader.close);
  }
}

function waiting({ page, fromDigest }: FetchRequest, wait: Wait): FetchedPage {
  return { ...emptyPage(page, fromDigest, false), wait };
}

/** Nobody knows yet how fast the source gives: half a page, so that many small sources need not wait for one another. */
function firstBite(batch: BatchPlan): number {
  return pageWeight(batch) / 2;
}

/** What the last page weighed, and more where it ended for want of room. */
function nextBite(batch: BatchPlan, gathered: Gathered): number {
  return Math.min(pageWeight(batch), pageWeight(gathered) * (gathered.held === undefined ? 1.25 : 2));
}

/** Reads from where the page before ended, or from where prepare said this round begins. */
async function openReader(
  pool: Pool,
  { page, fromDigest, start, askNow, acceptDeletions, lastAttempt }: FetchRequest & Pick<Look, 'lastAttempt'>,
  { source, options }: RunContext,
  sourceContext: CreateSourceContext,
): Promise<Reader> {
  const wait = askNow === true ? await deleteWait(pool, page.source) : await findWait(pool, page.source);
  if (wait?.state === 'rate_limited') throw new WaitUntil(wait.code, wait.message, new Date(wait.until));
  const before = start ? await findPrepared(pool, page) : await findPage(pool, { ...page, seq: page.seq - 1 });
  if (before === undefined) throw await missingPage(pool, page);
  const closing = new AbortController();
  const chunks = source.read(
    sourceContext(page.source, options, closing.signal, { before: page, askNow, lastAttempt, acceptDeletions }),
    source.cursor.parse(before.cursor),
  );
  return { digest: fromDigest, chunks, held: undefined, closed: closing.signal, close: () => closing.abort() };
}

async function store(
  { pool, memory }: FetchParts,
  { page, fromDigest, mapperVersion }: Reading,
  gathered: Gathered,
  lease: Lease,
): Promise<FetchedPage> {
  const { records, state, streams, cursor, digest, events, bytes, last } = gathered;
  if (records.length === 0 && state.length === 0 && digest === fromDigest) {
    lease.release();
    return emptyPage(page, digest, last);
  }
  lease.resize(pageWeight(gathered));
  const row: PageRow = {
    ...page,
    fromDigest,
    cursor,
    digest,
    statePatch: state.length === 0 ? null : state,
    records: records.length,
    events,
    bytes,
    last,
    fetchedAt: new Date(),
    host: hostname(),
    queued: null,
    streams,
    mapperVersion,
  };
  if (!(await insertPage(pool, row, await encodeRecords(records)))) {
    lease.release();
    return fetchedPage((await findPage(pool, page))!);
  }
  memory.put(page, newBatch(row, records), lease);
  return fetchedPage(row);
}

export function emptyPage({ seq }: PageKey, digest: string, last: boolean): FetchedPage {
  return { seq, digest, records: 0, events: 0, bytes: 0, last, empty: true, resumeStage: null };
}

export function fetchedPage({ seq, digest, records, events, bytes, last, queued }: PageRow): FetchedPage {
  const page = { seq, digest, records, events, bytes, last, empty: false, resumeStage: queued?.stage ?? null };
  return queued === null ? page : { ...page, queue: queued.queue };
}
