// fetchPage: the source reads on, and what it read is stored before any stage sees it. Repeating it returns what the
// first try stored. An empty fetch at an unchanged position writes nothing.
import { hostname } from 'node:os';
import { digestOf } from '../domain/position.js';
import type { PageKey } from '../domain/page.js';
import type { Chunk, RawRecord, StatePatch } from '../domain/source.js';
import { newBatch } from '../domain/stage.js';
import { nextTurn } from '../domain/turns.js';
import { Transient } from '../domain/errors.js';
import type { BatchPlan } from '../domain/plan.js';
import { limits } from '../limits.js';
import { isAnyDue } from '../store/deferred.js';
import { findPage, insertPage, type PageRow } from '../store/pages.js';
import type { Pool } from '../store/pool.js';
import { findPrepared } from '../store/runs.js';
import { missingPage } from './missing-page.js';
import { encodeRecords } from './page-codec.js';
import type { PageMemory } from './page-memory.js';
import { pageWeight } from './page-weight.js';
import type { Reader, Readers } from './readers.js';
import type { Lease, Room } from './room.js';
import type { RunContext } from './run-context.js';
import type { CreateSourceContext } from './source-context.js';

export interface FetchRequest {
  readonly page: PageKey;
  readonly fromDigest: string;
  readonly batch: BatchPlan;
  /** The first page of a round: it reads from where prepare said. */
  readonly start: boolean;
  /** A reader of an earlier round knows only what that one prepared. */
  readonly round: number;
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
  /** For a page of deferred events: the stage they go on from. */
  readonly resumeStage: string | null;
  /** With the last page: something waits in `deferred` and is due. */
  readonly due?: boolean;
}

export interface FetchParts {
  readonly pool: Pool;
  readonly readers: Readers;
  readonly memory: PageMemory;
  readonly room: Room;
}

/** A fetch that found no room gives its slot back after this long, and the workflow asks again: stages need slots, too. */
const roomWaitMs = 10_000;

export async function fetchPage(
  parts: FetchParts,
  request: FetchRequest,
  context: RunContext,
  sourceContext: CreateSourceContext,
  cancelled: AbortSignal,
): Promise<FetchedPage> {
  const fetched = await storedOrRead(parts, request, context, sourceContext, cancelled);
  return fetched.last ? { ...fetched, due: await isAnyDue(parts.pool, request.page.source, new Date()) } : fetched;
}

async function storedOrRead(
  parts: FetchParts,
  request: FetchRequest,
  context: RunContext,
  sourceContext: CreateSourceContext,
  cancelled: AbortSignal,
): Promise<FetchedPage> {
  const stored = await findPage(parts.pool, request.page);
  if (stored !== undefined) return fetchedPage(stored);
  const run = `${request.page.source}#${request.page.epoch}#${request.round}`;
  const lease = await parts.room.take(parts.readers.appetite(run) ?? firstBite(request.batch), 'new', cancelled, roomWaitMs);
  if (lease === undefined) return emptyPage(request.page, request.fromDigest, false);
  const reader = parts.readers.take(run, request.fromDigest) ?? (await openReader(parts.pool, request, context, sourceContext));
  cancelled.addEventListener('abort', reader.close, { once: true });
  try {
    const gathered = await gather(reader, request.batch, lease);
    const fetched = await store(parts, request, gathered, lease);
    // Only now: a reader ahead of what is stored would skip the page of the next attempt.
    if (gathered.last) reader.close();
    else parts.readers.put(run, { ...reader, digest: gathered.digest, held: gathered.held }, nextBite(request.batch, gathered));
    return fetched;
  } catch (error) {
    reader.close();
    lease.release();
    throw error;
  } finally {
    cancelled.removeEventListener('abort', reader.close);
  }
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
  { page, fromDigest, start, acceptDeletions }: FetchRequest,
  { source, options }: RunContext,
  sourceContext: CreateSourceContext,
): Promise<Reader> {
  const before = start ? await findPrepared(pool, page) : await findPage(pool, { ...page, seq: page.seq - 1 });
  if (before === undefined) throw await missingPage(pool, page);
  const closing = new AbortController();
  const chunks = source.read(sourceContext(page.source, options, closing.signal, acceptDeletions), source.cursor.parse(before.cursor));
  return { digest: fromDigest, chunks, held: undefined, closed: closing.signal, close: () => closing.abort() };
}

interface Gathered {
  readonly records: RawRecord[];
  readonly state: StatePatch[];
  readonly cursor: unknown;
  readonly digest: string;
  readonly events: number;
  readonly bytes: number;
  readonly held: Chunk<unknown> | undefined;
  readonly last: boolean;
}

/** Whole chunks until the page is full, the time is up, there is no more room, or the source ends. */
async function gather(reader: Reader, batch: BatchPlan, lease: Lease): Promise<Gathered> {
  const until = performance.now() + limits.pageFetchMs;
  const records: RawRecord[] = [];
  const state: StatePatch[] = [];
  let [cursor, digest, events, bytes] = [undefined as unknown, reader.digest, 0, 0];
  for (let chunk = reader.held ?? (await take(reader)); chunk !== undefined; chunk = await take(reader)) {
    const chunkEvents = chunk.events ?? chunk.records.length;
    const chunkBytes = chunk.records.reduce((sum, record) => sum + record.byteLength, 0);
    const full = events + chunkEvents > batch.events || bytes + chunkBytes > batch.bytes || !fits(lease, bytes + chunkBytes, events + chunkEvents);
    if (full && cursor !== undefined) return { records, state, cursor, digest, events, bytes, held: chunk, last: false };
    for (const record of chunk.records) records.push(record);
    state.push(...(chunk.state ?? []));
    [cursor, events, bytes] = [chunk.cursor, events + chunkEvents, bytes + chunkBytes];
    digest = digestOf(cursor);
    // A source that answers from memory never waits, and would keep everything else waiting.
    await nextTurn();
    if (performance.now() > until) return { records, state, cursor, digest, events, bytes, held: undefined, last: false };
  }
  return { records, state, cursor, digest, events, bytes, held: undefined, last: true };
}

/** A page that cannot grow goes on with what it has: it ends, and makes room, sooner than one that waits. */
function fits(lease: Lease, bytes: number, events: number): boolean {
  const lacking = pageWeight({ bytes, events }) - lease.bytes;
  return lacking <= 0 || lease.grow(lacking);
}

async function take(reader: Reader): Promise<Chunk<unknown> | undefined> {
  const { value, done } = await reader.chunks.next();
  // A source that answers an abort by returning must not be believed: its end is not the end of what there is.
  if (reader.closed.aborted) throw new Transient('reader_closed', 'the reader was closed while it read');
  return done === true ? undefined : value;
}

async function store({ pool, memory }: FetchParts, { page, fromDigest }: FetchRequest, gathered: Gathered, lease: Lease): Promise<FetchedPage> {
  const { records, state, cursor, digest, events, bytes, last } = gathered;
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
    resumeStage: null,
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

export function fetchedPage({ seq, digest, records, events, bytes, last, resumeStage }: PageRow): FetchedPage {
  return { seq, digest, records, events, bytes, last, empty: false, resumeStage };
}
