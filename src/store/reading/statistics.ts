// What is stored, in figures (docs/figures.md). The ledger's sums are exact and cost nothing, however many events there are; only
// type and priority are not in it.
import { eventsPerSecond, knownOf, totalOf, type Happened, type Standing } from '../../domain/event-figures.js';
import { limits } from '../../limits.js';
import { chainFigures, happened, listStandings, type ChainFigures, type SourceStanding } from '../figures.js';
import { listEventTypes } from './type-filter.js';
import type { Queryable } from '../pool.js';

export interface StatisticsOptions {
  readonly source?: string | undefined;
  /** Of these last days by when events were stored, this day being the last. */
  readonly days: number;
}

export interface Statistics {
  readonly days: number;
  /** How all events stand now, as `status` tells it. */
  readonly ever: Standing;
  /** What happened in the days. */
  readonly recent: Happened;
  readonly bySource: readonly (SourceStanding & { readonly recent: Happened })[];
  /** Every day, also those with nothing; `day` is a date in UTC. */
  readonly byDay: readonly { readonly day: string; readonly inserted: number }[];
  readonly byType: Shares;
  readonly byPriority: Shares;
  /** Those at work in the days, the latest first: a sync and what continued it is one. */
  readonly runs: readonly RunFigures[];
  /** Dead letters nobody has decided about, by the stage that gave up. */
  readonly deadByStage: Readonly<Record<string, number>>;
  readonly databaseBytes: number;
}

export interface Shares {
  readonly counts: Readonly<Record<string, number>>;
  /** True: counted in a sample, and scaled to the ledger's exact sum. */
  readonly estimated: boolean;
}

export interface RunFigures {
  readonly source: string;
  /** Of the latest that continues it. */
  readonly runId: string;
  readonly openedAt: string;
  /** Null while it is open, or when it ended without a word and nobody has noticed yet. */
  readonly closedAt: string | null;
  readonly outcome: string | null;
  /** As its result says. */
  readonly fetched: number;
  readonly inserted: number;
  readonly known: number;
  readonly removed: number;
  readonly deferred: number;
  readonly dead: number;
  readonly failures: number;
  readonly workedMs: number;
  readonly eventsPerSecond: number;
}

/** The first moment of the days. */
const firstDay = `(date_trunc('day', now() at time zone 'utc') - make_interval(days => $2::integer - 1)) at time zone 'utc'`;

export async function statistics(db: Queryable, options: StatisticsOptions): Promise<Statistics> {
  const [standings, recently, byDay, runs, deadByStage, databaseBytes] = await Promise.all([
    listStandings(db, options.source ?? null),
    sumRecent(db, options),
    countByDay(db, options),
    listRuns(db, options),
    countDeadByStage(db, options),
    databaseSize(db),
  ]);
  const recent = recently.get(null)!;
  const { byType, byPriority } = await countShares(db, options, recent.inserted);
  const bySource = standings
    .map((now) => ({ ...now, recent: recently.get(now.source) ?? nothing }))
    .toSorted((one, other) => other.recent.inserted - one.recent.inserted);
  return {
    days: options.days,
    ever: totalOf(standings),
    recent,
    bySource,
    byDay,
    byType,
    byPriority,
    runs,
    deadByStage,
    databaseBytes,
  };
}

const nothing: Happened = {
  fetched: 0,
  inserted: 0,
  known: 0,
  removed: 0,
  deferred: 0,
  dead: 0,
  returned: 0,
  failures: 0,
};

/** By source, and under null of all together. */
async function sumRecent(
  db: Queryable,
  { source, days }: StatisticsOptions,
): Promise<ReadonlyMap<string | null, Happened>> {
  const { rows } = await db.query<Happened & { source: string | null }>(
    `select source, ${happened} from ledger
      where ($1::text is null or source = $1) and committed_at >= ${firstDay} group by grouping sets ((source), ())`,
    [source, days],
  );
  return new Map(rows.map(({ source: of, ...figures }) => [of, figures]));
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

type RunRow = ChainFigures & Pick<RunFigures, 'source' | 'runId' | 'openedAt' | 'closedAt' | 'outcome'>;

/** A chain of runs is one; the moment between two of its runs is no end. */
async function listRuns(db: Queryable, { source, days }: StatisticsOptions): Promise<RunFigures[]> {
  const { rows } = await db.query<RunRow>(
    `select chains.source, latest.run_id as "runId", chains.opened_at as "openedAt",
            case when latest.outcome <> 'continued' then latest.closed_at end as "closedAt", nullif(latest.outcome, 'continued') as outcome, figures.*
       from (select source, first_run_id, min(opened_at) as opened_at, max(epoch) as epoch from runs
              where $1::text is null or source = $1 group by source, first_run_id
             having max(coalesce(closed_at, now())) >= ${firstDay} order by max(opened_at) desc limit ${limits.statisticsRuns}) as chains
       join runs as latest on latest.source = chains.source and latest.epoch = chains.epoch
      cross join lateral ${chainFigures('chains.source', 'chains.first_run_id')} as figures
      order by latest.opened_at desc`,
    [source, days],
  );
  return rows.map(runOf);
}

function runOf(row: RunRow): RunFigures {
  const { source, runId, openedAt, closedAt, outcome, fetched, inserted, removed, deferred, dead, failures } = row;
  const { workedMs } = row;
  const counts = { fetched, inserted, known: knownOf(row), removed, deferred, dead, failures };
  const rate = eventsPerSecond(fetched, workedMs);
  return { source, runId, openedAt, closedAt, outcome, ...counts, workedMs, eventsPerSecond: rate };
}

async function countDeadByStage(db: Queryable, { source }: StatisticsOptions): Promise<Record<string, number>> {
  const { rows } = await db.query<{ stage: string; count: number }>(
    `select stage, count(*)::float8 as count from dead_letters l
      where ($1::text is null or source = $1)
        and not exists (select from dead_letter_decisions d
                         where d.source = l.source and d.epoch = l.epoch and d.page = l.page and d.ordinal = l.ordinal)
      group by stage order by 2 desc`,
    [source],
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
