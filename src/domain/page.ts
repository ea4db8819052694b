// A page: what one fetch returned. Its key is what workflows carry; its contents stay in Postgres and in worker memory.

export interface PageKey {
  readonly source: string;
  readonly epoch: number;
  /** From 1, without gaps, within the epoch. */
  readonly seq: number;
}

/** What is known of a page of a queue (queue.ts). */
export interface QueuedPage {
  readonly queue: string;
  /** The stage its events go on from; null: the first. */
  readonly stage: string | null;
  /** Its rows; null where the records name them. */
  readonly keys: readonly string[] | null;
}

/** Every event of a page ends in exactly one of these; `fetched` is their sum (a CHECK in the ledger says so). */
export interface Counts {
  readonly fetched: number;
  readonly inserted: number;
  /** Repeats within the page, or of events remembered in memory. */
  readonly duplicate: number;
  /** Known to the store. */
  readonly existing: number;
  readonly suppressed: number;
  readonly removed: number;
  readonly deferred: number;
  readonly dead: number;
  /** None of them: what went wrong with events that are stored all the same. Missing in histories of before it was counted. */
  readonly failures?: number;
}

export const noCounts: Counts = {
  fetched: 0,
  inserted: 0,
  duplicate: 0,
  existing: 0,
  suppressed: 0,
  removed: 0,
  deferred: 0,
  dead: 0,
  failures: 0,
};

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    fetched: a.fetched + b.fetched,
    inserted: a.inserted + b.inserted,
    duplicate: a.duplicate + b.duplicate,
    existing: a.existing + b.existing,
    suppressed: a.suppressed + b.suppressed,
    removed: a.removed + b.removed,
    deferred: a.deferred + b.deferred,
    dead: a.dead + b.dead,
    failures: (a.failures ?? 0) + (b.failures ?? 0),
  };
}

export function pageName({ source, epoch, seq }: PageKey): string {
  return `${source}#${epoch}.${seq}`;
}
