// fetchDeferred: deferred events that are due, as a page of their own at the position the run stands at. The rows stay in
// `deferred` until the page commits, so a crash loses nothing; repeating it returns what the first try stored.
import { hostname } from 'node:os';
import { encodeDeferred, firstBatch } from '../domain/deferred-event.js';
import type { PageKey } from '../domain/page.js';
import type { BatchPlan } from '../domain/plan.js';
import { findCursor } from '../store/cursors.js';
import { findDueEvents, type DueEvents } from '../store/deferred.js';
import { findPage, insertPage, type PageRow } from '../store/pages.js';
import type { Pool } from '../store/pool.js';
import { emptyPage, fetchedPage, type FetchedPage } from './fetch-page.js';
import { encodeRecords } from './page-codec.js';
import type { PageMemory } from './page-memory.js';

export interface FetchDeferredRequest {
  readonly page: PageKey;
  /** The committed position: the page begins and ends there. */
  readonly digest: string;
  readonly batch: BatchPlan;
  /** Stages of this run; what another put off waits for a run that has it. */
  readonly stages: readonly string[];
}

export async function fetchDeferred(pool: Pool, memory: PageMemory, request: FetchDeferredRequest): Promise<FetchedPage> {
  const { page, digest, batch, stages } = request;
  const stored = await findPage(pool, page);
  if (stored !== undefined) return fetchedPage(stored);
  // The clock the stages reckon with, so that "at once" is at once.
  const now = new Date();
  const due = await findDueEvents(pool, { source: page.source, stages, now, eventsMax: batch.events, bytesMax: batch.bytes });
  if (due === undefined) return emptyPage(page, digest, true);
  return store(pool, memory, request, due, now);
}

async function store(pool: Pool, memory: PageMemory, { page, digest }: FetchDeferredRequest, due: DueEvents, now: Date): Promise<FetchedPage> {
  const records = due.records.map(encodeDeferred);
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
  };
  if (!(await insertPage(pool, row, await encodeRecords(records)))) return fetchedPage((await findPage(pool, page))!);
  memory.put(page, firstBatch(row, records));
  return fetchedPage(row);
}
