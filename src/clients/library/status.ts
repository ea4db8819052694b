// What runs and what every source has, for programs.
import type { Pause } from '../../domain/pause.js';
import type { ToldProblem } from '../../domain/source.js';
import type { Wait } from '../../domain/wait.js';
import { workerGoneSeconds } from '../../domain/worker-times.js';
import { listSourceStatus } from '../../store/reading/source-status.js';
import { listWorkers } from '../../store/workers.js';
import { sourceItem } from '../commands/status.js';
import { isOpen } from '../sources/source-state.js';
import { addressesOf } from '../stack/addresses.js';
import { endsOf } from '../sync/temporal-view.js';
import type { Links } from './links.js';

/** A worker that has said within the last 15 s that it works. */
export interface WorkerStatus {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly taskQueue: string;
  /** Of this package. */
  readonly version: string;
  readonly startedAt: Date;
  /** Types of sources it has. */
  readonly sources: readonly string[];
  /** In the order events pass them. */
  readonly stages: readonly string[];
  readonly processors: readonly string[];
}

/** A source with its last run and the counts of all its runs, in events. */
export interface SourceStatus {
  readonly source: string;
  readonly type: string;
  /** Its url, path or the like. */
  readonly origin: string;
  /**
   * `new`, `running`, `idle`, `paused`, `rate limited`, `needs attention`, `failed`, `terminated`, `abandoned`,
   * `being removed`, `removed`.
   */
  readonly state: string;
  /** Of its last run that ended; null where none has. */
  readonly outcome: string | null;
  /** What its last run failed with. */
  readonly error: string | null;
  /** Parts of the origin that its last run could not read. */
  readonly problems: readonly ToldProblem[];
  /** Null when it is not paused. */
  readonly pause: Pause | null;
  /** Null when it may be asked now. */
  readonly wait: Wait | null;
  /** How many of its streams stand how; null where it has none. */
  readonly streams: Readonly<Record<string, number>> | null;
  readonly fetched: number;
  readonly inserted: number;
  /** Recognised as stored already. */
  readonly known: number;
  /** Deferred by a stage, or redriven; they come back by themselves. */
  readonly deferred: number;
  /** That nobody has decided about. */
  readonly dead_letters: number;
  readonly runId: string | null;
  /** RFC 3339, as the two of the last run; null where there is none, or it runs. */
  readonly openedAt: string | null;
  readonly closedAt: string | null;
  /** When its position was last written; null: the next run reads from the start. */
  readonly positionAt: Date | null;
}

/** The stack, its workers and its sources. */
export interface Status {
  /** For `psql`; the password of a database of your own is masked. */
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Null where Temporal is your own. */
  readonly temporalUi: string | null;
  readonly workers: readonly WorkerStatus[];
  readonly sources: readonly SourceStatus[];
}

export async function statusOf({ stack, pool, temporal }: Links): Promise<Status> {
  const { databaseUrl, temporalAddress, temporalUi } = addressesOf(stack);
  const workers = await listWorkers(pool, null, workerGoneSeconds);
  const open = (await listSourceStatus(pool)).filter(isOpen).map(({ id }) => id);
  const view = { ends: await endsOf(await temporal(), open) };
  // A run closes its row before it ends: a row that is still open after Temporal said that the run has ended was left
  // open.
  const sources = (await listSourceStatus(pool)).map((source) => sourceItem(source, view));
  return { databaseUrl, temporalAddress, temporalUi, workers, sources };
}
