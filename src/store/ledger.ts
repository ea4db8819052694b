// Rows of `ledger`: one per committed page, written in its transaction. What `verify` checks everything against.
import type { Measures } from '../domain/measure.js';
import type { Counts, PageKey } from '../domain/page.js';
import type { Queryable, Session } from './pool.js';

/**
 * An expression over a row: what went wrong with events that are stored all the same. It is no column, because workers
 * of an earlier version would leave the column out. Of processors one for each event and processor, of the embedder one
 * for each text without a vector.
 */
export const failures = `(coalesce((measures -> 'embed' ->> 'failed')::integer, 0)
  + coalesce((select sum((p.value ->> 'failed')::integer) from jsonb_each(measures -> 'enrich' -> 'processors') as p), 0))::integer`;

export interface LedgerEntry extends PageKey {
  readonly fromDigest: string;
  readonly toDigest: string;
  readonly counts: Counts;
  readonly redriven: number;
  readonly recounted: number;
  readonly remapped: number;
  readonly processingMs: number;
  readonly measures: Measures;
}

/** Returns what went wrong on the page with events that are stored all the same. */
export async function insertLedgerEntry(session: Session, entry: LedgerEntry): Promise<number> {
  const { counts } = entry;
  const { rows } = await session.query<{ failures: number }>({
    name: 'insert_ledger_entry',
    text: `insert into ledger (source, epoch, seq, from_digest, to_digest, fetched, inserted, duplicate, existing,
                               suppressed, removed, deferred, dead, redriven, recounted, remapped, processing_ms, measures)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
           returning ${failures} as failures`,
    values: [
      entry.source,
      entry.epoch,
      entry.seq,
      entry.fromDigest,
      entry.toDigest,
      counts.fetched,
      counts.inserted,
      counts.duplicate,
      counts.existing,
      counts.suppressed,
      counts.removed,
      counts.deferred,
      counts.dead,
      entry.redriven,
      entry.recounted,
      entry.remapped,
      entry.processingMs,
      JSON.stringify(entry.measures),
    ],
  });
  return rows[0]!.failures;
}

/** What a chain of runs adds to its sums: an event it deferred itself is counted there, and is no longer deferred. */
export function netCounts(counts: Counts, recounted: number): Counts {
  return { ...counts, fetched: counts.fetched - recounted, deferred: counts.deferred - recounted };
}

/** Net, as `netCounts` says. */
export async function findLedgerCounts(db: Queryable, key: PageKey): Promise<Counts | undefined> {
  const { rows } = await db.query<Counts>(
    `select fetched - recounted as fetched, inserted, duplicate, existing, suppressed, removed, deferred - recounted as deferred, dead,
            ${failures} as failures
       from ledger where source = $1 and epoch = $2 and seq = $3`,
    [key.source, key.epoch, key.seq],
  );
  return rows[0];
}
