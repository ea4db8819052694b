// Proxies of the activities with the patience the plan gives them.
import {
  ActivityCancellationType,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
  type ActivityOptions,
  type WorkflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import type { RetryPlan } from '../domain/plan.js';
import { newsQueueOf } from '../domain/task-queue.js';
import { limits } from '../limits.js';

/** openRun comes before any plan: it is short, and waits out a database that is away. */
const opening: RetryPlan = {
  startToCloseMs: 60_000,
  heartbeatMs: 5_000,
  initialIntervalMs: 200,
  maximumIntervalMs: 30_000,
  attemptsMax: 30,
};

/** A run that goes on for another, as a follower's do for years, must not end in an outage: a day of tries. */
const goingOn: RetryPlan = { ...opening, attemptsMax: 2_900 };

/** As long as the line is, and however often its worker is killed. Noticed a minute later: those before it go on meanwhile. */
export const inLine: RetryPlan = {
  ...opening,
  startToCloseMs: 30 * 24 * 3_600_000,
  heartbeatMs: 60_000,
  attemptsMax: 2 ** 31 - 1,
};

export function openingOf({
  continuedFromExecutionRunId,
}: Pick<WorkflowInfo, 'continuedFromExecutionRunId'>): RetryPlan {
  return continuedFromExecutionRunId === undefined ? opening : goingOn;
}

/** `summary` is what the Temporal UI shows beside the activity's name. */
export function activitiesWith(retry: RetryPlan, summary: string, options: ActivityOptions = {}): Activities {
  return proxyActivities<Activities>({
    // A cancelled run ends after its activities have: an openRun left behind would take the source from the next run.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    ...options,
    startToCloseTimeout: retry.startToCloseMs,
    heartbeatTimeout: retry.heartbeatMs,
    summary: bounded(summary),
    retry: {
      initialInterval: retry.initialIntervalMs,
      maximumInterval: retry.maximumIntervalMs,
      backoffCoefficient: 2,
      maximumAttempts: retry.attemptsMax,
    },
  });
}

/** It looks and changes nothing, so nobody waits for its end: it learns of that with its next heartbeat, half a minute later. */
export function waitingFor(what: RetryPlan, summary: string): Activities {
  const taskQueue = newsQueueOf(workflowInfo().taskQueue);
  return activitiesWith(what, summary, { taskQueue, cancellationType: ActivityCancellationType.TRY_CANCEL });
}

/**
 * One try by the worker that has the workflow task: an activity costs the server four transitions more, and the worker a second task.
 * Whatever fails here is left to the activity, whose tries people can see.
 */
export function besideTask(startToCloseTimeout: number): Activities {
  return proxyLocalActivities<Activities>({ startToCloseTimeout, retry: { maximumAttempts: 1 } });
}

/** An origin or a reason may be longer than what Temporal takes beside an activity or a timer. */
export function bounded(summary: string): string {
  return summary.length <= limits.summaryCharsMax ? summary : `${summary.slice(0, limits.summaryCharsMax - 1)}…`;
}
