// Pages between two stages, kept in the worker's memory. A miss (another worker, a restart, a retry) reads the stored
// page and runs the stages before again: they are pure, or read back what they recorded, so the batch is the same.
import { LRUCache } from 'lru-cache';
import { firstBatch } from '../domain/deferred-event.js';
import { pageName, type PageKey } from '../domain/page.js';
import type { RawRecord } from '../domain/source.js';
import type { Batch, Stage, StageContext } from '../domain/stage.js';
import { limits } from '../limits.js';
import { findPage, findRaw } from '../store/pages.js';
import type { Pool } from '../store/pool.js';
import { missingPage } from './missing-page.js';
import { decodeRecords } from './page-codec.js';

export interface PageMemory {
  /** A page just fetched: its records need not be read back. */
  put(key: PageKey, batch: Batch): void;
  forget(key: PageKey): void;
  /** The batch after these stages; `stages` are those that come before and including the wanted one, in order. */
  after(key: PageKey, stages: readonly Stage[], context: StageContext): Promise<Batch>;
}

interface Remembered {
  readonly batch: Batch;
  /** Stages it has been through. */
  readonly done: number;
}

export function createPageMemory(pool: Pool): PageMemory {
  const pages = new LRUCache<string, Remembered>({ max: limits.pageCacheEntries });
  return {
    put: (key, batch) => pages.set(pageName(key), { batch, done: 0 }),
    forget: (key) => pages.delete(pageName(key)),
    async after(key, stages, context) {
      const found = pages.get(pageName(key));
      const start = found !== undefined && found.done <= stages.length ? found : { batch: await reload(pool, key), done: 0 };
      let { batch } = start;
      for (const stage of stages.slice(start.done)) batch = await timed(stage, batch, context);
      pages.set(pageName(key), { batch, done: stages.length });
      return batch;
    },
  };
}

async function timed(stage: Stage, batch: Batch, context: StageContext): Promise<Batch> {
  const start = performance.now();
  const { counted, ...after } = await stage.run(batch, context);
  const ms = Math.round(performance.now() - start);
  const measure = { in: waitingIn(batch), out: after.drafts.length + after.events.length, ms, ...counted };
  return {
    ...after,
    processed: [...batch.processed, stage.name],
    processingMs: batch.processingMs + ms,
    measures: { ...batch.measures, [stage.name]: measure },
  };
}

/** The first stage of a page has records before it; they stay in the batch for a while. */
function waitingIn({ processed, records, drafts, events }: Batch): number {
  return (processed.length === 0 ? records.length : 0) + drafts.length + events.length;
}

async function reload(pool: Pool, key: PageKey): Promise<Batch> {
  const [page, raw] = [await findPage(pool, key), await findRaw(pool, key)];
  if (page === undefined || raw === undefined) throw await missingPage(pool, key);
  const records: RawRecord[] = await decodeRecords(raw);
  return firstBatch(page, records);
}
