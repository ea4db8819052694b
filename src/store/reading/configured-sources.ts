// Sources as they are configured, beside what their last run was opened with: that run goes by it until it ends.
import type { Pause } from '../../domain/pause.js';
import type { Configured } from '../../domain/source-revision.js';
import type { Queryable } from '../pool.js';
import type { SourceRow } from '../sources.js';

export interface ConfiguredSource extends SourceRow {
  /** Somebody removes it, or did. */
  readonly removal: 'keep' | 'delete' | null;
  readonly removedAt: Date | null;
  /** By the ledger. */
  readonly events: number;
  readonly pause: Pause | null;
  readonly run: OpenedWith | null;
}

export interface OpenedWith {
  /** The workflow's. */
  readonly runId: string;
  /** The first of its chain. */
  readonly firstRunId: string;
  /** Null in rows of before settings. */
  readonly with: Configured | null;
}

/** Also those that were removed with their events kept. */
export async function listConfigured(db: Queryable): Promise<ConfiguredSource[]> {
  const { rows } = await db.query<ConfiguredSource>(
    `select s.id, s.type, s.options, s.settings, s.origin, s.identity_version as "identityVersion",
            s.canonicaliser_version as "canonicaliserVersion", s.removal, s.removed_at as "removedAt",
            (select coalesce(sum(inserted), 0)::float8 from ledger where source = s.id) as events,
            (select json_build_object('reason', reason, 'until', until, 'by', paused_by) from source_pauses
              where source = s.id and (until is null or until > now())) as pause,
            (select json_build_object('runId', run_id, 'firstRunId', first_run_id,
                                      'with', case when options is null or settings is null then null
                                                   else json_build_object('options', options, 'settings', settings) end)
               from runs where source = s.id order by epoch desc limit 1) as run
       from sources s
      order by s.id`,
  );
  return rows;
}
