// What there is of sources, as far as tributary.yaml speaks of it: rows, schedules, and what is at work. Each is asked for by its
// id: Temporal's lists are late, and would tell twice what was done a moment ago.
import type { Client } from '@temporalio/client';
import type { Configured } from '../../domain/source-revision.js';
import type { Pool } from '../../store/pool.js';
import { listConfigured, type ConfiguredSource } from '../../store/reading/configured-sources.js';
import { findSchedule, type FoundSchedule } from '../schedules.js';
import { findRunning } from '../sync/start-sync.js';

export interface FoundSource {
  readonly id: string;
  /** Null: there is no such source, or it was removed and its events are kept. */
  readonly row: ConfiguredSource | null;
  readonly schedule: FoundSchedule | null;
  /** Null: no sync of it runs. `opened` null: it was started a moment ago, and goes by what is set. */
  readonly run: { readonly opened: Configured | null } | null;
}

/** Temporal answers a question in a few milliseconds; more at once only wait in line there. */
const atOnce = 20;

/**
 * Of these, and of all that this database has. A schedule of a source that it does not have is another database's, which shares
 * the namespace: nobody here may end it.
 */
export async function findSources(client: Client, pool: Pool, ids: readonly string[]): Promise<FoundSource[]> {
  const rows = new Map((await listConfigured(pool)).map((row) => [row.id, row]));
  const waiting = [...new Set([...ids, ...rows.keys()])].sort();
  const found: FoundSource[] = [];
  const look = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift())
      found.push(await foundSource(client, rows.get(id), id));
  };
  await Promise.all(Array.from({ length: atOnce }, look));
  return found.sort((one, other) => (one.id < other.id ? -1 : 1));
}

async function foundSource(client: Client, row: ConfiguredSource | undefined, id: string): Promise<FoundSource> {
  const [schedule, running] = await Promise.all([findSchedule(client, id), findRunning(client, id)]);
  const opened = row?.run?.runId === running?.runId ? (row?.run?.with ?? null) : null;
  return {
    id,
    row: row === undefined || row.removedAt !== null ? null : row,
    schedule: schedule ?? null,
    run: running === undefined ? null : { opened },
  };
}
