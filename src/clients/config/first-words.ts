// What was started by an apply, until it is known whether it works: the origin of a new source is looked at by a worker, and
// may not be there.
import type { Progress } from '../../workflows/messages.js';
import { exitCodes } from '../failure-report.js';
import { until } from '../../local/until.js';
import type { SyncPlace } from '../sync/begin-sync.js';
import type { StartedSync } from '../sync/start-sync.js';
import { endOf } from '../sync/stop-sync.js';
import type { Change } from './plan.js';

/** A clone takes longer, and is started all the same: `status` shows it. */
const waitMsMax = 20_000;
const askEveryMs = 200;
const answerMsMax = 2_000;

export interface FirstFailure {
  /** It is made, and a person has to look; or it could not be read at all. */
  readonly state: 'done' | 'failed';
  readonly problem: string;
  readonly exitCode: number;
}

/** Of those that failed until now. */
export async function firstWords(
  place: SyncPlace,
  started: ReadonlyMap<Change, StartedSync>,
): Promise<ReadonlyMap<Change, FirstFailure>> {
  const failures = new Map<Change, FirstFailure>();
  const waits = [...started].map(async ([change, one]) => {
    const failure = await until(() => beginning(place, change.source, one), waitMsMax, askEveryMs);
    if (failure !== null && failure !== 'works') failures.set(change, failure);
  });
  await Promise.all(waits);
  return failures;
}

/** Null: nobody knows yet. */
async function beginning(
  { client, pool }: SyncPlace,
  source: string,
  started: StartedSync,
): Promise<FirstFailure | 'works' | null> {
  const handle = client.workflow.getHandle(started.handle.workflowId);
  const { status } = await handle.describe();
  if (status.name === 'RUNNING') {
    const asked = client.withDeadline(Date.now() + answerMsMax, () => handle.query<Progress>('progress'));
    return (await asked.then(isAtWork).catch(() => false)) ? 'works' : null;
  }
  const end = await endOf(client, pool, source, started, silent, AbortSignal.timeout(answerMsMax));
  if (end === 'left') return null;
  const { exitCode, problem, result } = end;
  if (exitCode === exitCodes.fine) return 'works';
  const state = exitCode === exitCodes.attention ? 'done' : 'failed';
  return { state, problem: problem ?? result.outcome, exitCode };
}

const silent = { progress: () => undefined, silent: () => undefined, setback: () => undefined };

/** It has seen its origin, or waits for somebody. */
function isAtWork({ epoch, preparing, pagesFetched, nextPollAt, state }: Progress): boolean {
  return epoch > 0 && !preparing && (pagesFetched > 0 || nextPollAt !== null || state !== 'running');
}
