// Rows of `source_waits`: when a source is asked again.
import type { Wait } from '../domain/wait.js';
import type { Queryable } from './pool.js';

interface WaitRow extends Omit<Wait, 'until'> {
  readonly until: Date;
}

/** A wait whose time is over is none. */
export async function findWait(db: Queryable, source: string): Promise<Wait | null> {
  const { rows } = await db.query<WaitRow>(
    'select state, code, message, until from source_waits where source = $1 and until > now()',
    [source],
  );
  const row = rows[0];
  return row === undefined ? null : { ...row, until: row.until.toISOString() };
}

/**
 * The latest word counts; `since` and `times` go on as long as the state is the same. The same moment noted again is
 * the same wait: `times` stays.
 */
export async function saveWait(db: Queryable, source: string, wait: Wait): Promise<void> {
  await db.query(
    `insert into source_waits (source, state, code, message, until) values ($1, $2, $3, $4, $5)
         on conflict (source) do update set
           state = excluded.state, code = excluded.code, message = excluded.message, until = excluded.until,
           since = case when source_waits.state = excluded.state then source_waits.since else now() end,
           times = case when source_waits.state <> excluded.state then 1
                        when source_waits.until = excluded.until then source_waits.times else source_waits.times + 1 end`,
    [source, wait.state, wait.code, wait.message, wait.until],
  );
}

/** How often the source needed attention, one time after the other; 0 when it did not. */
export async function countAttention(db: Queryable, source: string): Promise<number> {
  const { rows } = await db.query<{ times: number }>(
    `select times from source_waits where source = $1 and state = 'needs_attention'`,
    [source],
  );
  return rows[0]?.times ?? 0;
}

/** There is none any more: null, as `findWait` says it. */
export async function deleteWait(db: Queryable, source: string): Promise<null> {
  await db.query('delete from source_waits where source = $1', [source]);
  return null;
}
