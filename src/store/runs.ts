// Rows of `runs`: one execution of a source's workflow. Temporal keeps closed runs for a day; these are kept.
import type { ToldProblem } from '../domain/source.js';
import type { Changed, Configured } from '../domain/source-revision.js';
import { countChain } from './figures.js';
import type { Queryable, Session } from './pool.js';

export interface RunIdentity {
  readonly runId: string;
  /** The first run of the chain: the same over continue-as-new, retry and reset. */
  readonly firstRunId: string;
  readonly workflowId: string;
}

export interface RunRow extends RunIdentity {
  readonly source: string;
  readonly epoch: number;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly outcome: string | null;
  readonly error: string | null;
  /** What it was opened with, and what its chain changed by its start; null for runs of before settings. */
  readonly options: Configured['options'] | null;
  readonly settings: Configured['settings'] | null;
  readonly changed: Changed | null;
}

const columns = `source, epoch, run_id as "runId", first_run_id as "firstRunId", workflow_id as "workflowId",
  opened_at as "openedAt", closed_at as "closedAt", outcome, error, options, settings, changed`;

/** What a run is opened with. */
export interface RunConfiguration extends Configured {
  readonly changed: Changed;
}

/** To be called with the source's lock, and after its position was taken: no run before this one commits any more. */
export async function insertRun(
  session: Session,
  source: string,
  epoch: number,
  run: RunIdentity,
  { options, settings, changed }: RunConfiguration,
): Promise<void> {
  const before = await countChain(session, source, run.firstRunId);
  await session.query(
    `insert into runs (source, epoch, run_id, first_run_id, workflow_id, options, settings, changed, totals_before)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      source,
      epoch,
      run.runId,
      run.firstRunId,
      run.workflowId,
      JSON.stringify(options),
      JSON.stringify(settings),
      JSON.stringify(changed),
      JSON.stringify(before),
    ],
  );
}

/** What this chain of runs changed by its start; undefined when no run of it has opened yet. */
export async function findChanged(db: Queryable, source: string, firstRunId: string): Promise<Changed | undefined> {
  const { rows } = await db.query<{ changed: Changed }>(
    `select changed from runs where source = $1 and first_run_id = $2 and changed is not null order by epoch desc limit 1`,
    [source, firstRunId],
  );
  return rows[0]?.changed;
}

export async function findRun(db: Queryable, source: string, epoch: number): Promise<RunRow | undefined> {
  const { rows } = await db.query<RunRow>(`select ${columns} from runs where source = $1 and epoch = $2`, [
    source,
    epoch,
  ]);
  return rows[0];
}

/** A run that was killed did not close its row; the next run closes it. */
export async function abandonOlderRuns(session: Session, source: string, epoch: number): Promise<void> {
  await session.query(
    `update runs set closed_at = now(), outcome = 'abandoned' where source = $1 and epoch < $2 and closed_at is null`,
    [source, epoch],
  );
}

export interface OpenRun {
  readonly source: string;
  readonly epoch: number;
  readonly workflowId: string;
}

/** Those that hold their source and have not said that they ended. */
export async function listOpenRuns(db: Queryable): Promise<readonly OpenRun[]> {
  const { rows } = await db.query<OpenRun>(
    `select r.source, r.epoch, workflow_id as "workflowId" from runs r join source_cursors c on c.source = r.source and c.epoch = r.epoch
      where closed_at is null order by r.source`,
  );
  return rows;
}

export interface ClosedRun {
  readonly outcome: string;
  readonly error: string | null;
  /** Parts of the origin that could not be read. */
  readonly problems?: readonly ToldProblem[];
  /**
   * By the run itself, which may have to close twice: a word that reaches the server while it closes makes the workflow task
   * begin anew, and the run reads on. Its last word holds, unless somebody else has ended it.
   */
  readonly again?: boolean;
}

/** False when it was closed before. `problems` undefined: those it told while it ran. */
export async function closeRun(
  db: Queryable,
  key: { readonly source: string; readonly epoch: number },
  { outcome, error, problems, again = false }: ClosedRun,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update runs set closed_at = now(), outcome = $3, error = $4, problems = case when $6 then $5::jsonb else problems end
      where source = $1 and epoch = $2
        and (closed_at is null or ($7 and outcome not in ('superseded', 'terminated', 'abandoned', 'removed')))`,
    [key.source, key.epoch, outcome, error, problemsText(problems ?? []), problems !== undefined, again],
  );
  return rowCount === 1;
}

/** How long the run has worked by now; never less, since an answer that comes late tells of before. */
export async function noteWork(
  db: Queryable,
  key: { readonly source: string; readonly epoch: number },
  workedMs: number,
): Promise<void> {
  await db.query('update runs set worked_ms = greatest(worked_ms, $3) where source = $1 and epoch = $2', [
    key.source,
    key.epoch,
    workedMs,
  ]);
}

function problemsText(problems: readonly ToldProblem[]): string | null {
  return problems.length === 0 ? null : JSON.stringify(problems);
}

export interface PreparedRow {
  /** 0 for the first look of a run, one more for each after it. */
  readonly round: number;
  readonly cursor: unknown;
  readonly recordsExpected: number | null;
  readonly problems: readonly ToldProblem[];
}

/** The first writer of a round wins: a retried prepare must not move the start under pages already read from it. */
export async function recordPrepared(
  db: Queryable,
  key: { readonly source: string; readonly epoch: number },
  { round, cursor, recordsExpected, problems }: PreparedRow,
): Promise<void> {
  await db.query(
    `update runs set prepared = $3, records_expected = $4, problems = $6
      where source = $1 and epoch = $2 and (prepared is null or (prepared->>'round')::integer < $5)`,
    [key.source, key.epoch, JSON.stringify({ round, cursor }), recordsExpected, round, problemsText(problems)],
  );
}

export async function findPrepared(
  db: Queryable,
  key: { readonly source: string; readonly epoch: number },
): Promise<PreparedRow | undefined> {
  const { rows } = await db.query<{
    prepared: { round: number; cursor: unknown } | null;
    recordsExpected: string | null;
    problems: ToldProblem[] | null;
  }>(`select prepared, records_expected as "recordsExpected", problems from runs where source = $1 and epoch = $2`, [
    key.source,
    key.epoch,
  ]);
  const row = rows[0];
  if (row === undefined || row.prepared === null) return undefined;
  return {
    ...row.prepared,
    recordsExpected: row.recordsExpected === null ? null : Number(row.recordsExpected),
    problems: row.problems ?? [],
  };
}

/** Of the last run that has looked at its origin. */
export async function latestProblems(db: Queryable, source: string): Promise<readonly ToldProblem[]> {
  const { rows } = await db.query<{ problems: ToldProblem[] | null }>(
    `select problems from runs where source = $1 and prepared is not null order by epoch desc limit 1`,
    [source],
  );
  return rows[0]?.problems ?? [];
}
