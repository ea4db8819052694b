// Each source's position beside the end of its ledger, for `verify`.
import { digestOf } from '../../domain/position.js';
import type { Queryable } from '../pool.js';

export interface PositionRow {
  readonly source: string;
  readonly cursor: unknown;
  readonly digest: string;
  readonly epoch: number;
  readonly seq: number;
  /** Where the last committed page ended; null when there is none. Pages beside the position, of epoch 0, end nowhere. */
  readonly ledgerDigest: string | null;
  /** Last committed page of the position's epoch. */
  readonly ledgerSeq: number;
  readonly pages: number;
  readonly inserted: number;
}

export async function listPositions(db: Queryable, source: string | null): Promise<PositionRow[]> {
  const { rows } = await db.query<PositionRow>(
    `select c.source, c.cursor, c.digest, c.epoch, c.seq, totals.pages, totals.inserted, totals."ledgerSeq",
            (select to_digest from ledger where source = c.source and epoch > 0 order by epoch desc, seq desc limit 1) as "ledgerDigest"
       from source_cursors c
      cross join lateral (
        select count(*)::integer as pages, coalesce(sum(inserted), 0)::float8 as inserted,
               coalesce(max(seq) filter (where epoch = c.epoch and epoch > 0), 0) as "ledgerSeq"
          from ledger where source = c.source) as totals
      where $1::text is null or c.source = $1
      order by c.source`,
    [source],
  );
  return rows;
}

/** At the end of the ledger, or back at the start, from where everything is read and recognised again. */
export function isPlaced({ cursor, digest, seq, ledgerDigest, ledgerSeq }: PositionRow): boolean {
  if (seq !== ledgerSeq) return false;
  return cursor === null || (digest === ledgerDigest && digestOf(cursor) === digest);
}
