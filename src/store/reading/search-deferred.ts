// What waits in `deferred`, as people look at it, a bounded page at a time.
import type { LetterKey } from '../../domain/letter-key.js';
import type { Queryable } from '../pool.js';

export interface WaitingRow extends LetterKey {
  readonly stage: string;
  /** Times deferred; 0: a dead letter that was redriven. */
  readonly attempts: number;
  readonly nextAt: Date;
  readonly error: string | null;
}

/** By key. */
export async function listDeferred(
  db: Queryable,
  source: string | null,
  limit: number,
  after?: LetterKey,
): Promise<WaitingRow[]> {
  const { rows } = await db.query<WaitingRow>(
    `select source, epoch, page, ordinal, stage, attempts, next_at as "nextAt", error from deferred
      where ($1::text is null or source = $1)
        and ($2::text is null or (source, epoch, page, ordinal) > ($2, $3::integer, $4::integer, $5::integer))
      order by source, epoch, page, ordinal limit $6`,
    [source, after?.source, after?.epoch, after?.page, after?.ordinal, limit],
  );
  return rows;
}

export interface WaitingSource {
  readonly id: string;
  readonly type: string;
  readonly origin: string;
  /** Redriven dead letters that no run has taken back yet. */
  readonly redriven: number;
}

/** Sources, of those given or of all, for whose next run redriven dead letters wait. */
export async function listRedrivenSources(db: Queryable, sources: readonly string[] | null): Promise<WaitingSource[]> {
  const { rows } = await db.query<WaitingSource>(
    `select id, type, origin, redriven
       from sources join (select source as id, count(*)::integer as redriven from deferred
                           where attempts = 0 and ($1::text[] is null or source = any($1)) group by source) as waiting using (id)
      order by id`,
    [sources],
  );
  return rows;
}
