// The sequence `recent_hash_clearings`: how a person tells every worker, wherever it runs, to forget what it remembers.
import type { Queryable } from './pool.js';

/** Tells all workers; returns the number of this telling. */
export async function clearRecentHashes(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ number: number }>(`select nextval('recent_hash_clearings')::float8 as number`);
  return rows[0]!.number;
}

/** The number of the last telling; 0 when nobody ever did. */
export async function findRecentHashClearing(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ number: number }>(
    'select case when is_called then last_value else 0 end::float8 as number from recent_hash_clearings',
  );
  return rows[0]!.number;
}
