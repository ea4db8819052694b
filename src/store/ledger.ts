// Rows of `ledger`: one per committed page, written in its transaction. What `verify` checks everything against.
import type { Counts, PageKey } from '../domain/page.js';
import type { Queryable, Session } from './pool.js';

export interface LedgerEntry extends PageKey {
  readonly fromDigest: string;
  readonly toDigest: string;
  readonly counts: Counts;
  readonly processingMs: number;
}

export async function insertLedgerEntry(session: Session, entry: LedgerEntry): Promise<void> {
  const { counts } = entry;
  await session.query({
    name: 'insert_ledger_entry',
    text: `insert into ledger (source, epoch, seq, from_digest, to_digest, fetched, inserted, duplicate, existing,
                               suppressed, removed, deferred, dead, processing_ms)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
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
      entry.processingMs,
    ],
  });
}

export async function findLedgerCounts(db: Queryable, key: PageKey): Promise<Counts | undefined> {
  const { rows } = await db.query<Counts>(
    `select fetched, inserted, duplicate, existing, suppressed, removed, deferred, dead
       from ledger where source = $1 and epoch = $2 and seq = $3`,
    [key.source, key.epoch, key.seq],
  );
  return rows[0];
}
