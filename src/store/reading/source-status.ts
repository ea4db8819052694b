// A source as its rows tell it: how its last run ended, what is stored, how old its position is.
import type { Pause } from '../../domain/pause.js';
import type { ToldProblem } from '../../domain/source.js';
import type { SourceSettings } from '../../domain/source-settings.js';
import type { Wait } from '../../domain/wait.js';
import type { Standing } from '../../domain/event-figures.js';
import { standing } from '../figures.js';
import type { Queryable } from '../pool.js';

export interface SourceStatus extends Standing {
  readonly id: string;
  readonly type: string;
  readonly origin: string;
  readonly createdAt: Date;
  /** False: nothing is committed, the next run reads from the start. */
  readonly positioned: boolean;
  /** When the position was last written or taken by a run. */
  readonly positionAt: Date;
  readonly pages: number;
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
  /** Null while it runs, or when it ended without a word and nobody has noticed yet. */
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
            now_is.*, last_run as "lastRun",
            (select json_build_object('reason', reason, 'until', until, 'by', paused_by) from source_pauses
              where source = s.id and (until is null or until > now())) as pause,
            (select json_build_object('state', state, 'code', code, 'message', message, 'until', until) from source_waits
              where source = s.id and until > now()) as wait,
            (select json_object_agg(state, streams) from (
               select state, count(*) as streams from source_streams where source = s.id group by state) by_state) as streams
       from sources s
       join source_cursors c on c.source = s.id
      cross join lateral ${standing('s.id')} as now_is
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
