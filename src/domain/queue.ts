// A queue: rows that wait in Postgres and come to a run as the records of a page of their own, at a position that does not
// move. Events that were deferred are one, redriven dead letters another. The page is a copy; the rows stay until its commit
// takes them out, so a crash loses none and brings none twice.
import type { PageKey } from './page.js';
import type { RawRecord } from './source.js';
import type { Batch, PageFacts } from './stage.js';

/** `Db` runs statements; only the store knows how. */
export interface Queue<Db> {
  /** Stored with each of its pages: never change it. */
  readonly name: string;
  /** Has the time of any row come? Also of one that no stage of this run takes. */
  isDue(db: Db, source: string, now: Date): Promise<boolean>;
  /** What has waited longest, within the bounds, and at least one row; all of them go on from one stage. */
  take(db: Db, bounds: QueueBounds): Promise<QueuedRecords | undefined>;
  /** The page as it begins, from the records `take` gave; its `queueKeys` name the rows. */
  begin(page: PageFacts, records: readonly RawRecord[]): Batch;
  /** Takes the rows out, in the transaction that commits their page. */
  remove(db: Db, page: PageKey, keys: readonly string[]): Promise<RemovedRows>;
}

export interface QueueBounds {
  readonly source: string;
  /** Event stages of this run: what another deferred waits for a run that has it. */
  readonly stages: readonly string[];
  readonly now: Date;
  readonly eventsMax: number;
  readonly bytesMax: number;
}

export interface QueuedRecords {
  /** Null: the first one, as for what a source gave. */
  readonly stage: string | null;
  readonly records: readonly RawRecord[];
  /** The rows, one for each record; null where the records name them. */
  readonly keys: readonly string[] | null;
}

export interface RemovedRows {
  readonly rows: number;
  /** Of those, what the ledger has counted as deferred or dead before. */
  readonly redriven: number;
  /** Of those, deferred by the chain of runs that now takes them back. A redriven letter was counted as dead, not as deferred. */
  readonly recounted: number;
}

/** Throws RangeError for one that this worker does not have. */
export function queueNamed<Named extends { readonly name: string }>(queues: readonly Named[], name: string): Named {
  const found = queues.find((queue) => queue.name === name);
  if (found === undefined)
    throw new RangeError(
      `found a page of the queue ${name}, expected one of ${queues.map((queue) => queue.name).join(', ')}`,
    );
  return found;
}
