// How many events of each source were stored on each of the last days, by the ledger.
import type { Queryable } from '../pool.js';
import type { StatisticsOptions } from './statistics.js';

/** By source, one number for each day in order, this day (UTC) being the last; a source with nothing in these days is left out. */
export async function countBySourceAndDay(
  db: Queryable,
  { source, days }: StatisticsOptions,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const { rows } = await db.query<{ source: string; counts: number[] }>(
    `with days as (
       select source, ((now() at time zone 'utc')::date - (committed_at at time zone 'utc')::date)::integer as ago, sum(inserted)::float8 as inserted
         from ledger
        where ($1::text is null or source = $1)
          and committed_at >= (date_trunc('day', now() at time zone 'utc') - make_interval(days => $2::integer - 1)) at time zone 'utc'
        group by 1, 2)
     select source, (select array_agg(coalesce(inserted, 0) order by n desc)
                       from generate_series(0, $2::integer - 1) as n left join days d on d.source = sources.source and d.ago = n) as counts
       from (select distinct source from days) sources`,
    [source, days],
  );
  return new Map(rows.map(({ source: id, counts }) => [id, counts]));
}
