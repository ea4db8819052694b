// A source as its rows tell it: how its last run ended, what is stored, how old its position is.
import type { Pause } from '../../domain/pause.js';
import type { ToldProblem } from '../../domain/source.js';
import type { SourceSettings } from '../../domain/source-settings.js';
import type { Wait } from '../../domain/wait.js';
import type { Queryable } from '../pool.js';

export interface SourceStatus {
  readonly id: string;
  readonly type: string;
  readonly origin: string;
  readonly createdAt: Date;
  /** False: nothing is committed, the next run reads from the start. */
  readonly positioned: boolean;
  /** When the position was last written or taken by a run. */
  readonly positionAt: Date;
  readonly pages: number;
  readonly fetched: number;
  readonly inserted: number;
  readonly known: number;
  readonly deferred: number;
  /** Dead letters nobody has decided about. */
  readonly dead: number;
  readonly lastRun: LastRun | null;
  /** Null when it is not paused. */
  readonly pause: Pause | null;
  /** Null when it may be asked now. */
  readonly wait: Wait | null;
  /** How many of its streams stand how; null when it has none. */
  readonly streams: Readonly<Record<string, number>> | null;
  readonly settings: SourceSettings;
  readonly removal: 'keep' | 'delete' | null;
  /** It was removed, and its events are kept. */
  readonly removedAt: Date | null;
}

export interface LastRun {
  readonly epoch: number;
  readonly runId: string;
  readonly openedAt: string;
  /** Null while it runs. */
  readonly closedAt: string | null;
  readonly outcome: string | null;
  readonly error: string | null;
  /** Parts of the origin that it could not read; null: none. */
  readonly problems: readonly ToldProblem[] | null;
}

/** All sources that are there, or the one given; with `removed`, also those that were removed with their events kept. */
export async function listSourceStatus(
  db: Queryable,
  source: string | null = null,
  removed = false,
): Promise<SourceStatus[]> {
  const { rows } = await db.query<SourceStatus>(
    `select s.id, s.type, s.origin, s.created_at as "createdAt", s.settings, s.removal, s.removed_at as "removedAt", c.cursor is not null as positioned, c.updated_at as "positionAt",
            pages, fetched, inserted, known, deferred + redriven as deferred, dead - decided as dead, last_run as "lastRun",
            (select json_build_object('reason', reason, 'until', until, 'by', paused_by) from source_pauses
              where source = s.id and (until is null or until > now())) as pause,
            (select json_build_object('state', state, 'code', code, 'message', message, 'until', until) from source_waits
              where source = s.id and until > now()) as wait,
            (select json_object_agg(state, streams) from (
               select state, count(*) as streams from source_streams where source = s.id group by state) by_state) as streams
       from sources s
       join source_cursors c on c.source = s.id
      cross join lateral (
        select count(*)::float8 as pages, coalesce(sum(fetched - redriven), 0)::float8 as fetched, coalesce(sum(inserted), 0)::float8 as inserted,
               coalesce(sum(duplicate + existing), 0)::float8 as known, coalesce(sum(deferred - redriven), 0)::float8 as deferred,
               coalesce(sum(dead), 0)::float8 as dead
          from ledger where source = s.id) totals
      cross join lateral (
        select (count(*) filter (where decision = 'redriven'))::float8 as redriven, count(distinct (epoch, page, ordinal))::float8 as decided
          from dead_letter_decisions where source = s.id) decisions
       left join lateral (
        select json_build_object('epoch', epoch, 'runId', run_id, 'openedAt', opened_at, 'closedAt', closed_at,
                                 'outcome', outcome, 'error', error, 'problems', problems) as last_run
          from runs where source = s.id order by epoch desc limit 1) latest on true
      where ($1::text is null or s.id = $1) and ($2 or s.removed_at is null)
      order by s.id`,
    [source, removed],
  );
  return rows;
}
