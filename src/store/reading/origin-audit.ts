// What a comparison with the origin has to know of the store.
import type { Queryable } from '../pool.js';

/** The machine that read the source last; undefined where no page is kept. */
export async function findReadingHost(db: Queryable, source: string): Promise<string | undefined> {
  const { rows } = await db.query<{ host: string }>(
    'select host from pages where source = $1 and epoch > 0 order by epoch desc, seq desc limit 1',
    [source],
  );
  return rows[0]?.host;
}

/** Whether some of it was read by other options than it has now: a mapper may have given the same records other identities, or none. */
export async function wasReadOtherwise(db: Queryable, source: string): Promise<boolean> {
  const { rows } = await db.query<{ otherwise: boolean }>(
    `select exists (select 1 from runs r join sources s on s.id = r.source
                     where r.source = $1 and r.options is distinct from s.options) as otherwise`,
    [source],
  );
  return rows[0]!.otherwise;
}

/** Events that were read and are in no table of events, all with a reason: they wait deferred, are dead letters of a late stage, were taken out by a stage. */
export async function countUnstored(db: Queryable, source: string): Promise<number> {
  const { rows } = await db.query<{ n: string }>(
    `select (select count(*) from deferred where source = $1)
          + (select count(*) from dead_letters where source = $1 and stage not in ('validate', 'hash'))
          + (select coalesce(sum(suppressed + removed), 0) from ledger where source = $1) as n`,
    [source],
  );
  return Number(rows[0]!.n);
}
