// Pages between two stages, kept in the worker's memory. A miss (another worker, a restart, a retry) reads the stored
// page and runs the stages before again: they are pure, or read back what they recorded, so the batch is the same.
import { pageName, type PageKey } from '../domain/page.js';
import { firstBatch } from '../domain/queue-page.js';
import type { Queue } from '../domain/queue.js';
import type { RawRecord } from '../domain/source.js';
import type { Batch, Stage, StageContext } from '../domain/stage.js';
import { findPage, findRaw, type PageRow } from '../store/pages.js';
import type { Pool, Queryable } from '../store/pool.js';
import { timed } from '../stages/timed.js';
import { missingPage } from './missing-page.js';
import { decodeRecords } from './page-codec.js';
import { pageWeight } from './page-weight.js';
import type { Lease, Room } from './room.js';

export interface PageMemory {
  /** A page just fetched: its records need not be read back. It keeps the room that was taken for it. */
  put(key: PageKey, batch: Batch, lease: Lease): void;
  forget(key: PageKey): void;
  /**
   * What `use` makes of the batch after these stages; `stages` are those up to and including the wanted one, in order.
   * Until `use` has ended the page counts as worked on. `attempt` counts from 1: what ended the worker once is tried
   * again with more room, at last alone.
   */
  after<T>(
    key: PageKey,
    stages: readonly Stage[],
    context: StageContext,
    attempt: number,
    use: (batch: Batch) => T | Promise<T>,
  ): Promise<T>;
}

interface Remembered {
  readonly lease: Lease;
  batch: Batch;
  /** Stages it has been through. */
  done: number;
  /** Stages that work on it just now. */
  working: number;
  restingSince: number;
}

export function createPageMemory(pool: Pool, room: Room, queues: readonly Queue<Queryable>[]): PageMemory {
  const pages = new Map<string, Remembered>();
  const forget = (name: string) => {
    const page = pages.get(name);
    pages.delete(name);
    page?.lease.release();
  };
  const remember = (name: string, batch: Batch, lease: Lease): Remembered => {
    forget(name);
    const page = { lease, batch, done: 0, working: 0, restingSince: performance.now() };
    pages.set(name, page);
    return page;
  };
  room.onShortage((bytes) => {
    const before = performance.now() - restMs;
    let lacking = bytes;
    for (const [name, page] of pages) {
      if (lacking <= 0) return;
      if (page.working > 0 || page.restingSince > before) continue;
      lacking -= page.lease.bytes;
      forget(name);
    }
  });
  const reload = async (key: PageKey, { cancelled = never }: StageContext, attempt: number): Promise<Remembered> => {
    const row = await findPage(pool, key);
    if (row === undefined) throw await missingPage(pool, key);
    const lease = (await room.take(pageWeight(row) * 2 ** (attempt - 1), 'under way', cancelled))!;
    try {
      return remember(pageName(key), await readBack(pool, queues, row), lease);
    } catch (error) {
      lease.release();
      throw error;
    }
  };
  return {
    put: (key, batch, lease) => void remember(pageName(key), batch, lease),
    forget: (key) => forget(pageName(key)),
    async after(key, stages, context, attempt, use) {
      const found = pages.get(pageName(key));
      const page = found !== undefined && found.done <= stages.length ? found : await reload(key, context, attempt);
      page.working += 1;
      try {
        let { batch } = page;
        for (const stage of stages.slice(page.done)) batch = await timed(stage, batch, context);
        [page.batch, page.done] = [batch, stages.length];
        return await use(batch);
      } finally {
        page.working -= 1;
        page.restingSince = performance.now();
      }
    },
  };
}

/** A page no stage has worked on for this long makes room for others; a hop between two stages takes 20 ms. */
const restMs = 5_000;

const never = new AbortController().signal;

async function readBack(pool: Pool, queues: readonly Queue<Queryable>[], page: PageRow): Promise<Batch> {
  const raw = await findRaw(pool, page);
  if (raw === undefined) throw await missingPage(pool, page);
  const records: RawRecord[] = await decodeRecords(raw);
  return firstBatch(queues, page, records);
}
