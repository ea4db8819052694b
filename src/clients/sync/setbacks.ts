// What holds a sync up while nothing has failed for good: an activity that is tried again, a workflow task that fails, a task
// queue that nobody polls. The workflow itself learns of none of these; Temporal tells whoever asks.
import { defaultPayloadConverter, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { InLine } from '../../activities/index.js';
import type { Course } from '../../domain/course.js';
import { sourceOfWorkflow } from '../../domain/workflow-id.js';
import { oneLine } from '../failure-report.js';
import { duration } from '../terminal/figures.js';
import type { Setback } from './setback-text.js';
import { printable } from '../terminal/terminal.js';

const { PENDING_ACTIVITY_STATE_SCHEDULED: waiting } = proto.temporal.api.enums.v1.PendingActivityState;
const { TASK_QUEUE_TYPE_WORKFLOW: workflowTasks } = proto.temporal.api.enums.v1.TaskQueueType;

type Description = WorkflowExecutionDescription['raw'];
type PendingActivity = NonNullable<Description['pendingActivities']>[number];
type Failure = PendingActivity['lastFailure'];

/** A worker takes a task within milliseconds, one that starts within two seconds. */
const untakenMsMin = 5_000;
const messageCharsMax = 300;
/** A poll that finds nothing lasts a minute. */
const polledWithinMs = 90_000;

export async function setbacksOf(client: Client, workflowId: string): Promise<Setback[]> {
  return (await pendingOf(client, workflowId)).setbacks;
}

export interface Pending {
  readonly setbacks: Setback[];
  /** What the look at the origin that is under way says of itself; null where none is, or it says nothing. */
  readonly course: Course | null;
}

export async function pendingOf(client: Client, workflowId: string): Promise<Pending> {
  const source = sourceOfWorkflow(workflowId) ?? workflowId;
  const { raw, taskQueue } = await client.workflow.getHandle(workflowId).describe();
  const activities = raw.pendingActivities ?? [];
  const setbacks = activities.flatMap((activity) => activitySetback(source, activity));
  const [course = null] = activities.flatMap(courseOf);
  return { setbacks: [...setbacks, ...(await taskSetback(client, source, raw, taskQueue))], course };
}

/** As `prepareSource` beats it. Another worker's version may say something else. */
function courseOf({ activityType, heartbeatDetails }: PendingActivity): Course[] {
  const [payload] = heartbeatDetails?.payloads ?? [];
  if (activityType?.name !== 'prepareSource' || payload === undefined) return [];
  const { what, done, total } = (defaultPayloadConverter.fromPayload(payload) ?? {}) as Partial<Course>;
  return typeof what === 'string' ? [{ what, done: done ?? null, total: total ?? null }] : [];
}

function activitySetback(source: string, activity: PendingActivity): Setback[] {
  const { activityType, attempt, lastFailure, maximumAttempts, scheduledTime, state } = activity;
  const step = activityType?.name ?? 'activity';
  if (step === 'awaitTurn') return [inLineSetback(source, activity)];
  const next = msOf(scheduledTime);
  const nextAt = state === waiting && next !== null && next > Date.now() ? new Date(next).toISOString() : null;
  const triesMax = maximumAttempts || null;
  if (lastFailure && (attempt ?? 1) > 1)
    return [{ source, step, failed: attempt! - 1, triesMax, ...reasonOf(lastFailure), nextAt }];
  const untakenMs = state === waiting && next !== null ? Date.now() - next : 0;
  if (untakenMs < untakenMsMin) return [];
  return [
    {
      source,
      step,
      failed: 0,
      triesMax,
      code: 'no_worker',
      message: `no worker has taken it for ${duration(untakenMs)}`,
      nextAt: null,
    },
  ];
}

/** Nothing is wrong: it is told so that nobody takes it for stuck. */
function inLineSetback(source: string, { heartbeatDetails }: PendingActivity): Setback {
  const [payload] = heartbeatDetails?.payloads ?? [];
  const { before } = payload ? defaultPayloadConverter.fromPayload<InLine>(payload) : { before: 0 };
  const message = `many started at once${before === 0 ? '' : `, ${before} waited already when it came`}; \`poll\` begins it now`;
  return { source, step: 'turn', failed: 0, triesMax: null, code: 'in_line', message, nextAt: null };
}

async function taskSetback(
  client: Client,
  source: string,
  { pendingWorkflowTask: task, workflowExecutionInfo }: Description,
  taskQueue: string,
): Promise<Setback[]> {
  if (!task) return [];
  const step = 'workflow task';
  const attempt = task.attempt ?? 1;
  const started = (msOf(task.startedTime) ?? 0) > 0;
  const untakenMs = started ? 0 : Date.now() - (msOf(task.scheduledTime) ?? Date.now());
  if (untakenMs >= untakenMsMin) {
    const message = `no worker has taken it for ${duration(untakenMs)}${(await isPolled(client, taskQueue)) ? '' : `: none polls the task queue ${taskQueue}`}`;
    return [{ source, step, failed: attempt - 1, triesMax: null, code: 'no_worker', message, nextAt: null }];
  }
  if (attempt <= 1) return [];
  const why = await lastTaskFailure(client, workflowExecutionInfo?.execution);
  return [{ source, step, failed: attempt - 1, triesMax: null, ...why, nextAt: null }];
}

async function isPolled({ connection, options: { namespace } }: Client, taskQueue: string): Promise<boolean> {
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: workflowTasks,
  });
  return (pollers ?? []).some(({ lastAccessTime }) => Date.now() - (msOf(lastAccessTime) ?? 0) < polledWithinMs);
}

/** Only a task's first failure is written into the history, and nothing after it. */
async function lastTaskFailure(
  { connection, options: { namespace } }: Client,
  execution: { workflowId?: string | null; runId?: string | null } | null | undefined,
): Promise<Pick<Setback, 'code' | 'message'>> {
  const { history } = await connection.workflowService.getWorkflowExecutionHistoryReverse({
    namespace,
    execution: execution ?? null,
    maximumPageSize: 5,
  });
  const found = (history?.events ?? []).find(({ workflowTaskFailedEventAttributes: failed }) => failed);
  const failure = found?.workflowTaskFailedEventAttributes?.failure;
  return failure
    ? reasonOf(failure)
    : { code: null, message: 'it timed out: its worker ended, or was too busy to answer' };
}

function reasonOf(failure: NonNullable<Failure>): Pick<Setback, 'code' | 'message'> {
  const message = printable(oneLine(failure.message ?? ''), messageCharsMax);
  if (failure.timeoutFailureInfo) return { code: 'timeout', message: message === '' ? 'it timed out' : message };
  return { code: codeOf(failure), message: message === '' ? 'it says nothing more' : message };
}

/** The stable code of our own failures (src/activities/failures.ts), else the name of the error. */
function codeOf({ applicationFailureInfo: info }: NonNullable<Failure>): string | null {
  const [payload] = info?.details?.payloads ?? [];
  try {
    const detail = payload ? defaultPayloadConverter.fromPayload<{ code?: unknown } | null>(payload) : null;
    return typeof detail?.code === 'string' ? detail.code : (info?.type ?? null);
  } catch {
    return info?.type ?? null;
  }
}

function msOf(
  time: { seconds?: { toString(): string } | number | null; nanos?: number | null } | null | undefined,
): number | null {
  return time?.seconds === undefined || time.seconds === null
    ? null
    : Number(time.seconds) * 1_000 + Math.floor((time.nanos ?? 0) / 1_000_000);
}
