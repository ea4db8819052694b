// fetchQueued: what waits in a queue and is due, as a page of its own at the position the run stands at. The first queue
// that has something gives it. Its rows stay until the page commits; repeating it returns what the first try stored.
import { hostname } from 'node:os';
import type { PageKey } from '../domain/page.js';
import type { BatchPlan } from '../domain/plan.js';
import { firstBatch } from '../domain/queue-page.js';
import type { Queue, QueueBounds, QueuedRecords } from '../domain/queue.js';
import { findCursor } from '../store/cursors.js';
import { findPage, insertPage, type PageRow } from '../store/pages.js';
import type { Pool, Queryable } from '../store/pool.js';
import { emptyPage, fetchedPage, type FetchedPage } from './fetch-page.js';
import { encodeRecords } from './page-codec.js';
import type { PageMemory } from './page-memory.js';
import { pageWeight } from './page-weight.js';
import type { Lease, Room } from './room.js';

export interface FetchQueuedRequest {
  readonly page: PageKey;
  /** The committed position: the page begins and ends there. */
  readonly digest: string;
  readonly batch: BatchPlan;
  /** Event stages of this run; what another deferred waits for a run that has it. */
  readonly stages: readonly string[];
}

/** What a fetch knows of the source beside its request. */
export interface QueuedFetch extends FetchQueuedRequest {
  readonly mapperVersion: number;
}

export interface FetchQueuedParts {
  readonly pool: Pool;
  readonly queues: readonly Queue<Queryable>[];
  readonly memory: PageMemory;
  readonly room: Room;
}

export async function fetchQueued(
  parts: FetchQueuedParts,
  request: QueuedFetch,
  cancelled: AbortSignal,
): Promise<FetchedPage> {
  const { page, digest, batch, stages } = request;
  const stored = await findPage(parts.pool, page);
  if (stored !== undefined) return fetchedPage(stored);
  const lease = (await parts.room.take(pageWeight(batch), 'under way', cancelled))!;
  try {
    // The clock the stages reckon with, so that "at once" is at once.
    const now = new Date();
    const taken = await takeFirst(parts, {
      source: page.source,
      stages,
      now,
      eventsMax: batch.events,
      bytesMax: batch.bytes,
    });
    if (taken !== undefined) return await store(parts, request, taken, now, lease);
    lease.release();
    return emptyPage(page, digest, true);
  } catch (error) {
    lease.release();
    throw error;
  }
}

interface Taken extends QueuedRecords {
  readonly queue: string;
}

async function takeFirst({ pool, queues }: FetchQueuedParts, bounds: QueueBounds): Promise<Taken | undefined> {
  for (const queue of queues) {
    const taken = await queue.take(pool, bounds);
    if (taken !== undefined) return { ...taken, queue: queue.name };
  }
  return undefined;
}

async function store(
  parts: FetchQueuedParts,
  request: QueuedFetch,
  taken: Taken,
  now: Date,
  lease: Lease,
): Promise<FetchedPage> {
  const { pool, queues, memory } = parts;
  const { page, digest, mapperVersion } = request;
  const { queue, stage, keys, records } = taken;
  const mapped = stage === null || stage === 'validate';
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
    queued: { queue, stage, keys },
    streams: null,
    mapperVersion: mapped ? mapperVersion : null,
  };
  if (!(await insertPage(pool, row, await encodeRecords(records)))) {
    lease.release();
    return fetchedPage((await findPage(pool, page))!);
  }
  lease.resize(pageWeight(row));
  memory.put(page, firstBatch(queues, row, records), lease);
  return fetchedPage(row);
}
