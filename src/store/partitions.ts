// Monthly partitions of events, made ahead of time.
import { limits } from '../limits.js';
import type { Queryable } from './pool.js';

export async function ensurePartitions(db: Queryable): Promise<void> {
  await db.query('select ensure_events_partitions($1::integer)', [limits.partitionMonthsAhead]);
}
