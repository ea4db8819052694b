// Figures from rows, each computed here and nowhere else; docs/figures.md says what they mean. They rest on the ledger, whose sums
// are exact and cost nothing, however many events there are; `verify` proves that the tables hold what it says.
import type { Standing } from '../domain/event-figures.js';
import type { Counts } from '../domain/page.js';
import { failures } from './ledger.js';
import type { Queryable } from './pool.js';

const known = 'duplicate + suppressed + existing';

/** Select list over the ledger's rows of a time (`Happened`). Nothing is taken off, so that no division of them goes below 0. */
export const happened = `coalesce(sum(fetched), 0)::float8 as fetched, coalesce(sum(inserted), 0)::float8 as inserted,
  coalesce(sum(${known}), 0)::float8 as known, coalesce(sum(removed), 0)::float8 as removed,
  coalesce(sum(deferred), 0)::float8 as deferred, coalesce(sum(dead), 0)::float8 as dead,
  coalesce(sum(redriven), 0)::float8 as returned, coalesce(sum(${failures}), 0)::float8 as failures`;

/**
 * A subselect of one row (`Standing`, and pages) of the source that the expression names. What came back was fetched twice and
 * waits no more; a redriven letter is dead no more and waits, until it comes back.
 */
export const standing = (source: string): string => `(
  select pages, fetched - returned as fetched, inserted, known, removed, deferred + redriven - returned as deferred,
         dead - decided as dead, decided - redriven as discarded
    from (select count(*)::float8 as pages, ${happened} from ledger where ledger.source = ${source}) as of_pages,
         (select (count(*) filter (where decision = 'redriven'))::float8 as redriven, count(distinct (epoch, page, ordinal))::float8 as decided
            from dead_letter_decisions d where d.source = ${source}) as of_letters)`;

export interface SourceStanding extends Standing {
  readonly source: string;
  readonly type: string;
  readonly pages: number;
}

/** Of all sources, also of those that were removed with their events kept, or of the one given. */
export async function listStandings(db: Queryable, source: string | null): Promise<SourceStanding[]> {
  const { rows } = await db.query<SourceStanding>(
    `select s.id as source, s.type, now_is.* from sources s cross join lateral ${standing('s.id')} as now_is
      where $1::text is null or s.id = $1 order by s.id`,
    [source],
  );
  return rows;
}

/** What a chain of runs did: a sync, also over continue-as-new. */
export interface ChainFigures extends Counts {
  readonly failures: number;
  /** Time in which its runs were open and neither paused nor waiting. */
  readonly workedMs: number;
  readonly pages: number;
  /** Of pages that were still there when their run ended: pages are kept for days, runs are shorter. */
  readonly records: number;
}

/** An event that the chain deferred and took back itself counts once. */
const ofPages: Readonly<Record<Exclude<keyof ChainFigures, 'workedMs'>, string>> = {
  fetched: 'sum(fetched - recounted)',
  inserted: 'sum(inserted)',
  duplicate: 'sum(duplicate)',
  existing: 'sum(existing)',
  suppressed: 'sum(suppressed)',
  removed: 'sum(removed)',
  deferred: 'sum(deferred - recounted)',
  dead: 'sum(dead)',
  failures: `sum(${failures})`,
  pages: 'count(*)',
  records: 'sum(records) filter (where resume_stage is null)',
};

/**
 * A subselect of one row (`ChainFigures`). The latest run knows what those before it did, so only its own pages are summed, however
 * long the chain.
 */
export const chainFigures = (source: string, firstRunId: string): string => `(
  with latest as materialized (
    select epoch, totals_before from runs
     where runs.source = ${source} and runs.first_run_id = ${firstRunId} and totals_before is not null order by epoch desc limit 1
  ), own as (
    select ${Object.entries(ofPages)
      .map(([name, sum]) => `${sum} as "${name}"`)
      .join(', ')}
      from ledger join runs using (source, epoch) left join pages using (source, epoch, seq)
     where source = ${source} and first_run_id = ${firstRunId} and epoch >= coalesce((select epoch from latest), 0)
  ), work as (
    select sum(worked_ms) as "workedMs" from runs
     where runs.source = ${source} and runs.first_run_id = ${firstRunId} and epoch >= coalesce((select epoch from latest), 0)
  )
  select ${[...Object.keys(ofPages), 'workedMs']
    .map(
      (name) =>
        `coalesce("${name}", 0)::float8 + coalesce(((select totals_before from latest) ->> '${name}')::float8, 0) as "${name}"`,
    )
    .join(',\n         ')}
    from own, work)`;

export async function countChain(db: Queryable, source: string, firstRunId: string): Promise<ChainFigures> {
  const { rows } = await db.query<ChainFigures>(
    `select chain.* from ${chainFigures('$1::text', '$2::text')} as chain`,
    [source, firstRunId],
  );
  return rows[0]!;
}
