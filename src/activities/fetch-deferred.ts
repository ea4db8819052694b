// fetchDeferred: deferred events that are due, or dead letters somebody redrove, as a page of their own at the position the
// run stands at. The rows stay in `deferred` until the page commits, so a crash loses nothing; repeating it returns what the
// first try stored.
import { hostname } from 'node:os';
import { encodeDeferred, firstBatch } from '../domain/deferred-event.js';
import type { PageKey } from '../domain/page.js';
import type { BatchPlan } from '../domain/plan.js';
import { encodeRedriven } from '../domain/redriven-record.js';
import type { RawRecord } from '../domain/source.js';
import { limits } from '../limits.js';
import { findCursor } from '../store/cursors.js';
import { findDueEvents } from '../store/deferred.js';
import { findDueLetters } from '../store/due-letters.js';
import { findPage, insertPage, type PageRow } from '../store/pages.js';
import type { Pool } from '../store/pool.js';
import { emptyPage, fetchedPage, type FetchedPage } from './fetch-page.js';
import { encodeRecords } from './page-codec.js';
import type { PageMemory } from './page-memory.js';
import { pageWeight } from './page-weight.js';
import type { Lease, Room } from './room.js';

export interface FetchDeferredRequest {
  readonly page: PageKey;
  /** The committed position: the page begins and ends there. */
  readonly digest: string;
  readonly batch: BatchPlan;
  /** Event stages of this run; what another put off waits for a run that has it. */
  readonly stages: readonly string[];
}

export interface FetchDeferredParts {
  readonly pool: Pool;
  readonly memory: PageMemory;
  readonly room: Room;
}

export async function fetchDeferred(parts: FetchDeferredParts, request: FetchDeferredRequest, cancelled: AbortSignal): Promise<FetchedPage> {
  const { pool, room } = parts;
  const { page, digest } = request;
  const stored = await findPage(pool, page);
  if (stored !== undefined) return fetchedPage(stored);
  // The clock the stages reckon with, so that "at once" is at once.
  const now = new Date();
  const lease = (await room.take(pageWeight(request.batch), 'under way', cancelled))!;
  try {
    const due = (await dueLetters(pool, request, now)) ?? (await dueEvents(pool, request, now));
    if (due !== undefined) return await store(parts, request, due, now, lease);
    lease.release();
    return emptyPage(page, digest, true);
  } catch (error) {
    lease.release();
    throw error;
  }
}

interface Due {
  readonly stage: string;
  readonly records: readonly RawRecord[];
}

async function dueEvents(pool: Pool, { page, batch, stages }: FetchDeferredRequest, now: Date): Promise<Due | undefined> {
  const due = await findDueEvents(pool, { source: page.source, stages, now, eventsMax: batch.events, bytesMax: batch.bytes });
  return due === undefined ? undefined : { stage: due.stage, records: due.records.map(encodeDeferred) };
}

async function dueLetters(pool: Pool, { page, batch, stages }: FetchDeferredRequest, now: Date): Promise<Due | undefined> {
  // Records that are mapped anew give nobody knows how many events; a source bounds what one chunk gives, so no more than that.
  const bytesMax = Math.min(batch.bytes, limits.chunkBytesMax);
  const due = await findDueLetters(pool, { source: page.source, stages: ['validate', 'persist', ...stages], now, eventsMax: batch.events, bytesMax });
  if (due === undefined) return undefined;
  const records = due.kind === 'records' ? due.records.map(encodeRedriven) : due.events.map(encodeDeferred);
  return { stage: due.stage, records };
}

async function store({ pool, memory }: FetchDeferredParts, { page, digest }: FetchDeferredRequest, due: Due, now: Date, lease: Lease): Promise<FetchedPage> {
  const { records } = due;
  const row: PageRow = {
    ...page,
    fromDigest: digest,
    cursor: (await findCursor(pool, page.source))?.cursor ?? null,
    digest,
    statePatch: null,
    records: records.length,
    events: records.length,
    bytes: records.reduce((sum, record) => sum + record.byteLength, 0),
    last: false,
    fetchedAt: now,
    host: hostname(),
    resumeStage: due.stage,
    streams: null,
  };
  if (!(await insertPage(pool, row, await encodeRecords(records)))) {
    lease.release();
    return fetchedPage((await findPage(pool, page))!);
  }
  lease.resize(pageWeight(row));
  memory.put(page, firstBatch(row, records), lease);
  return fetchedPage(row);
}
