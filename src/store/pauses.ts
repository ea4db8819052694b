// Rows of `source_pauses`: a source whose runs shall wait. Postgres keeps it, so a pause outlives the run it was said to.
import type { Pause } from '../domain/pause.js';
import type { Queryable } from './pool.js';

const columns = `reason, until, paused_by as "by"`;

interface PauseRow {
  readonly reason: string | null;
  readonly until: Date | null;
  readonly by: string | null;
}

/** A pause whose time is over is none. */
export async function findPause(db: Queryable, source: string): Promise<Pause | null> {
  const { rows } = await db.query<PauseRow>(
    `select ${columns} from source_pauses where source = $1 and (until is null or until > now())`,
    [source],
  );
  const row = rows[0];
  return row === undefined ? null : { ...row, until: row.until?.toISOString() ?? null };
}

/** The last word counts. */
export async function savePause(db: Queryable, source: string, { reason, until, by }: Pause): Promise<void> {
  await db.query(
    `insert into source_pauses (source, reason, until, paused_by) values ($1, $2, $3, $4)
         on conflict (source) do update set reason = excluded.reason, until = excluded.until, paused_by = excluded.paused_by, paused_at = now()`,
    [source, reason, until, by],
  );
}

/** True when it was paused. */
export async function deletePause(db: Queryable, source: string): Promise<boolean> {
  const { rowCount } = await db.query('delete from source_pauses where source = $1', [source]);
  return rowCount === 1;
}
