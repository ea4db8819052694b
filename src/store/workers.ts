// Rows of `workers`: who works here, and with what.
import type { Queryable } from './pool.js';

export interface WorkerSettings {
  readonly memoryBytes: number;
  readonly recentHashesMax: number;
  readonly rawRetentionDays: number;
  /** Processors that do not run. */
  readonly enrichOff: readonly string[];
  /** Null: nothing is embedded. */
  readonly embed: { readonly url: string; readonly model: string } | null;
  /** Paths of modules. */
  readonly extensions: readonly string[];
}

export interface NewWorker {
  /** A uuid. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly taskQueue: string;
  readonly version: string;
  readonly sources: readonly string[];
  /** In their order, persist last. */
  readonly stages: readonly string[];
  readonly processors: readonly string[];
  readonly settings: WorkerSettings;
}

export interface WorkerRow extends NewWorker {
  readonly startedAt: Date;
  readonly seenAt: Date;
}

export async function insertWorker(db: Queryable, worker: NewWorker): Promise<void> {
  const { id, host, pid, taskQueue, version, sources, stages, processors, settings } = worker;
  await db.query(
    `insert into workers (id, host, pid, task_queue, version, sources, stages, processors, settings)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [id, host, pid, taskQueue, version, sources, stages, processors, JSON.stringify(settings)],
  );
}

/** False when the row is gone: somebody took it for that of a dead worker. */
export async function seeWorker(db: Queryable, id: string): Promise<boolean> {
  const { rowCount } = await db.query('update workers set seen_at = now() where id = $1', [id]);
  return rowCount === 1;
}

export async function deleteWorker(db: Queryable, id: string): Promise<void> {
  await db.query('delete from workers where id = $1', [id]);
}

export async function deleteWorkersUnseen(db: Queryable, seconds: number): Promise<void> {
  await db.query('delete from workers where seen_at < now() - make_interval(secs => $1)', [seconds]);
}

/** Those seen within so many seconds, the oldest first; `taskQueue` null: of any. None where a worker of an older version has not made the table. */
export async function listWorkers(db: Queryable, taskQueue: string | null, seconds: number): Promise<WorkerRow[]> {
  try {
    return await workersSeen(db, taskQueue, seconds);
  } catch (error) {
    if ((error as { code?: unknown }).code === undefinedTable) return [];
    throw error;
  }
}

const undefinedTable = '42P01';

async function workersSeen(db: Queryable, taskQueue: string | null, seconds: number): Promise<WorkerRow[]> {
  const { rows } = await db.query<WorkerRow>(
    `select id, host, pid, task_queue as "taskQueue", version, sources, stages, processors, settings,
            started_at as "startedAt", seen_at as "seenAt"
       from workers
      where ($1::text is null or task_queue = $1) and seen_at > now() - make_interval(secs => $2)
      order by started_at, id`,
    [taskQueue, seconds],
  );
  return rows;
}
