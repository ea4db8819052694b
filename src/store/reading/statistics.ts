// What is stored, in figures. The ledger's sums are exact and cost nothing, however many events there are; only type and
// priority are not in it.
import { limits } from '../../limits.js';
import { listEventTypes } from './type-filter.js';
import type { Queryable } from '../pool.js';

export interface StatisticsOptions {
  readonly source?: string | undefined;
  /** Of these last days by when events were stored, this day being the last. */
  readonly days: number;
}

export interface Sums {
  readonly fetched: number;
  readonly inserted: number;
  /** Repeats and what was stored before. */
  readonly known: number;
  readonly removed: number;
  readonly deferred: number;
  readonly dead: number;
}

export interface Statistics {
  readonly days: number;
  /** From the first day on, and in the days. */
  readonly ever: Sums;
  readonly recent: Sums;
  readonly bySource: readonly (Sums & { readonly source: string; readonly type: string })[];
  /** Every day, also those with nothing; `day` is a date in UTC. */
  readonly byDay: readonly { readonly day: string; readonly inserted: number }[];
  readonly byType: Shares;
  readonly byPriority: Shares;
  readonly runs: readonly RunFigures[];
  /** Dead letters of the days, by the stage that gave up. */
  readonly deadByStage: Readonly<Record<string, number>>;
  readonly databaseBytes: number;
}

export interface Shares {
  readonly counts: Readonly<Record<string, number>>;
  /** True: counted in a sample, and scaled to the ledger's exact sum. */
  readonly estimated: boolean;
}

export interface RunFigures extends Sums {
  readonly source: string;
  readonly runId: string;
  readonly openedAt: string;
  readonly closedAt: string | null;
  readonly outcome: string | null;
  readonly eventsPerSecond: number | null;
}

const sums = `coalesce(sum(fetched - redriven), 0)::float8 as fetched, coalesce(sum(inserted), 0)::float8 as inserted,
  coalesce(sum(duplicate + existing), 0)::float8 as known, coalesce(sum(removed), 0)::float8 as removed,
  coalesce(sum(deferred - redriven), 0)::float8 as deferred, coalesce(sum(dead), 0)::float8 as dead`;

/** The first moment of the days. */
const firstDay = `(date_trunc('day', now() at time zone 'utc') - make_interval(days => $2::integer - 1)) at time zone 'utc'`;

export async function statistics(db: Queryable, options: StatisticsOptions): Promise<Statistics> {
  const [ever, recent, bySource, byDay, runs, deadByStage, databaseBytes] = await Promise.all([
    sumLedger(db, options, 'ever'),
    sumLedger(db, options, 'recent'),
    sumBySource(db, options),
    countByDay(db, options),
    listRuns(db, options),
    countDeadByStage(db, options),
    databaseSize(db),
  ]);
  const { byType, byPriority } = await countShares(db, options, recent.inserted);
  return { days: options.days, ever, recent, bySource, byDay, byType, byPriority, runs, deadByStage, databaseBytes };
}

async function sumLedger(db: Queryable, { source, days }: StatisticsOptions, when: 'ever' | 'recent'): Promise<Sums> {
  const { rows } = await db.query<Sums>(
    `select ${sums} from ledger where ($1::text is null or source = $1) and ($2::integer is null or committed_at >= ${firstDay})`,
    [source, when === 'ever' ? null : days],
  );
  return rows[0]!;
}

async function sumBySource(db: Queryable, { source, days }: StatisticsOptions): Promise<Statistics['bySource']> {
  const { rows } = await db.query<Sums & { source: string; type: string }>(
    `select s.id as source, s.type, ${sums}
       from sources s left join ledger on ledger.source = s.id and committed_at >= ${firstDay}
      where $1::text is null or s.id = $1 group by s.id, s.type order by 4 desc, 1`,
    [source, days],
  );
  return rows;
}

async function countByDay(db: Queryable, { source, days }: StatisticsOptions): Promise<Statistics['byDay']> {
  const { rows } = await db.query<{ day: string; inserted: number }>(
    `select to_char(day, 'YYYY-MM-DD') as day, coalesce(sum(inserted), 0)::float8 as inserted
       from generate_series(${firstDay} at time zone 'utc', now() at time zone 'utc', interval '1 day') as day
       left join ledger on date_trunc('day', committed_at at time zone 'utc') = day and ($1::text is null or source = $1)
      group by day order by day`,
    [source, days],
  );
  return rows;
}

/** By the time from opening to closing, or to now: the waits of a run are part of it. */
async function listRuns(db: Queryable, { source, days }: StatisticsOptions): Promise<RunFigures[]> {
  const { rows } = await db.query<RunFigures>(
    `select source, run_id as "runId", opened_at as "openedAt", closed_at as "closedAt", outcome, totals.*,
            (totals.inserted / nullif(extract(epoch from coalesce(closed_at, now()) - opened_at), 0))::float8 as "eventsPerSecond"
       from runs cross join lateral (select ${sums} from ledger l where l.source = runs.source and l.epoch = runs.epoch) totals
      where ($1::text is null or source = $1) and opened_at >= ${firstDay}
      order by opened_at desc limit ${limits.statisticsRuns}`,
    [source, days],
  );
  return rows;
}

async function countDeadByStage(db: Queryable, { source, days }: StatisticsOptions): Promise<Record<string, number>> {
  const { rows } = await db.query<{ stage: string; count: number }>(
    `select stage, count(*)::float8 as count from dead_letters
      where ($1::text is null or source = $1) and dead_at >= ${firstDay} group by stage order by 2 desc`,
    [source, days],
  );
  return Object.fromEntries(rows.map(({ stage, count }) => [stage, count]));
}

async function databaseSize(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ bytes: number }>('select pg_database_size(current_database())::float8 as bytes');
  return rows[0]!.bytes;
}

/** Counting a million rows takes a second; a hundred thousand tell the shares to a third of a percent. */
async function countShares(
  db: Queryable,
  options: StatisticsOptions,
  total: number,
): Promise<{ byType: Shares; byPriority: Shares }> {
  const percent = total <= limits.statisticsCountedEvents ? 100 : await samplePercent(db);
  const { rows } = await db.query<{ type: string; priority: number; count: number }>(
    `select type, priority, count(*)::float8 as count from events ${percent === 100 ? '' : `tablesample system (${percent}) repeatable (1)`}
      where ($1::text is null or source = $1) and ingested_at >= ${firstDay} group by type, priority`,
    [options.source, options.days],
  );
  const estimated = percent < 100;
  const sampled = rows.reduce((sum, { count }) => sum + count, 0);
  const scale = estimated && sampled > 0 ? total / sampled : 1;
  // A type that is rare enough to be in no sample is still there.
  const types = estimated && options.source === undefined ? await listEventTypes(db) : [];
  const group = (names: readonly string[], of: (row: (typeof rows)[number]) => string): Shares => {
    const counts = new Map(names.map((name) => [name, 0]));
    for (const row of rows) counts.set(of(row), (counts.get(of(row)) ?? 0) + row.count);
    const sorted = [...counts].toSorted(([, one], [, other]) => other - one);
    return { estimated, counts: Object.fromEntries(sorted.map(([name, count]) => [name, Math.round(count * scale)])) };
  };
  return { byType: group(types, ({ type }) => type), byPriority: group([], ({ priority }) => String(priority)) };
}

async function samplePercent(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ rows: number }>(
    `select coalesce(sum(greatest(reltuples, 0)), 0)::float8 as rows from pg_class join pg_inherits on inhrelid = oid where inhparent = 'events'::regclass`,
  );
  const known = rows[0]!.rows;
  return known <= limits.statisticsCountedEvents
    ? 100
    : Math.max(0.01, Math.min(100, (100 * limits.statisticsSampleEvents) / known));
}
