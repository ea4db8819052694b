// Temporal Schedules that start syncs. One per source, under the id of its workflow; each start is a thin parent, so that a
// schedule, a person and a program cannot run a source twice.
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleOptions,
  type ScheduleSpecDescription,
  type ScheduleSummary,
} from '@temporalio/client';
import { InvalidInput } from '../domain/errors.js';
import { workflowIdPrefix } from '../domain/source-id.js';
import { limits } from '../limits.js';
import { userName } from './user-name.js';

export interface ScheduleTimes {
  readonly everyMs: number | undefined;
  readonly cron: string | undefined;
  readonly timezone: string | undefined;
  readonly jitterMs: number | undefined;
}

export type ScheduleChange = 'trigger' | 'pause' | 'resume' | 'remove';

/** Makes the schedule of a source, or gives an existing one these times; `changed` says which. Keeps a pause. */
export async function setSchedule(
  client: Client,
  taskQueue: string,
  source: string,
  times: ScheduleTimes,
): Promise<'created' | 'changed'> {
  const options = optionsOf(taskQueue, source, times);
  try {
    await client.schedule.create(options);
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw refused(error, source, times);
  }
  const { spec, action, policies } = options;
  const update = client.schedule
    .getHandle(options.scheduleId)
    .update(({ state }) => ({ spec, action, policies: policies!, state }));
  await update.catch((error: unknown) => {
    throw refused(error, source, times);
  });
  return 'changed';
}

function optionsOf(
  taskQueue: string,
  source: string,
  { everyMs, cron, timezone, jitterMs }: ScheduleTimes,
): ScheduleOptions {
  return {
    scheduleId: workflowIdPrefix + source,
    spec: {
      ...(everyMs === undefined ? {} : { intervals: [{ every: everyMs }] }),
      ...(cron === undefined
        ? {}
        : { cronExpressions: [`${cron} # ${cron}${timezone === undefined ? '' : ` ${timezone}`}`] }),
      ...(timezone === undefined ? {} : { timezone }),
      ...(jitterMs === undefined ? {} : { jitter: jitterMs }),
    },
    action: {
      type: 'startWorkflow',
      workflowType: 'syncSource',
      // Temporal appends the time of the start.
      workflowId: `scheduled/${source}`,
      taskQueue,
      args: [{ sourceId: source }],
      staticSummary: `scheduled sync of ${source}`,
    },
    policies: {
      // A tick that finds a sync at work is skipped: that sync brings what there is.
      overlap: 'SKIP',
      // Temporal's own default would start the ticks of a whole year after an outage.
      catchupWindow: limits.scheduleCatchupMs,
    },
  };
}

export async function changeSchedule(
  client: Client,
  source: string,
  change: ScheduleChange,
  note: string | undefined,
): Promise<void> {
  const handle = client.schedule.getHandle(workflowIdPrefix + source);
  const acts: Record<ScheduleChange, () => Promise<void>> = {
    trigger: () => handle.trigger(),
    // Without a note the client writes one of its own.
    pause: () => handle.pause(note ?? `paused by ${userName()}`),
    resume: () => handle.unpause(note ?? `resumed by ${userName()}`),
    remove: () => handle.delete(),
  };
  await acts[change]().catch((error: unknown) => {
    throw refused(error, source);
  });
}

/** False when there was none. */
export async function removeSchedule(client: Client, source: string): Promise<boolean> {
  try {
    await client.schedule.getHandle(workflowIdPrefix + source).delete();
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
}

export interface ListedSchedule {
  readonly source: string;
  readonly times: string;
  readonly paused: boolean;
  readonly note: string | null;
  readonly lastAt: Date | null;
  readonly lastRun: string | null;
  readonly nextAt: Date | null;
}

/** Those of syncs; a Temporal may have others. */
export async function listSchedules(client: Client): Promise<ListedSchedule[]> {
  const found: ListedSchedule[] = [];
  for await (const summary of client.schedule.list()) {
    if (summary.scheduleId.startsWith(workflowIdPrefix)) found.push(listed(summary));
  }
  return found.toSorted((one, other) => (one.source < other.source ? -1 : 1));
}

function listed({ scheduleId, spec, state, info }: ScheduleSummary): ListedSchedule {
  const last = info.recentActions.at(-1);
  return {
    source: scheduleId.slice(workflowIdPrefix.length),
    times: timesText(spec),
    paused: state.paused,
    note: !state.paused || state.note === undefined || state.note === '' ? null : state.note,
    lastAt: last?.takenAt ?? null,
    lastRun: last?.action.workflow.workflowId ?? null,
    nextAt: state.paused ? null : (info.nextActionTimes[0] ?? null),
  };
}

/** Temporal turns a cron expression into a calendar; what stands behind its # is all that is kept of the text. */
function timesText(spec: ScheduleSummary['spec']): string {
  const intervals = (spec?.intervals ?? []).map(({ every }) => `every ${spanText(every)}`);
  const calendars = (spec?.calendars ?? []).map(({ comment }) =>
    comment === undefined || comment === '' ? 'by calendar' : `cron ${comment.trim()}`,
  );
  return [...intervals, ...calendars].join(', ');
}

/** What there is of it, exactly; the list has it late, and in words. */
export interface FoundSchedule {
  /** Null: somebody made it by calendar, by several intervals, or with bounds, and no words of ours say that. */
  readonly times: ScheduleTimes | null;
  readonly text: string;
  readonly paused: boolean;
  readonly note: string | null;
}

/** Undefined: the source has none. */
export async function findSchedule(client: Client, source: string): Promise<FoundSchedule | undefined> {
  try {
    const { spec, state } = await client.schedule.getHandle(workflowIdPrefix + source).describe();
    return { times: foundTimes(spec), text: timesText(spec), paused: state.paused, note: state.note ?? null };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function foundTimes(spec: ScheduleSpecDescription): ScheduleTimes | null {
  const { intervals = [], calendars = [], skip = [], startAt, endAt, timezone, jitter } = spec;
  if (skip.length > 0 || startAt !== undefined || endAt !== undefined) return null;
  const jitterMs = jitter === undefined || jitter === 0 ? undefined : jitter;
  const [interval, ...others] = intervals;
  if (interval !== undefined)
    return others.length === 0 && calendars.length === 0 && (interval.offset ?? 0) === 0
      ? { everyMs: interval.every, cron: undefined, timezone: undefined, jitterMs }
      : null;
  const comment = calendars[0]?.comment?.trim() ?? '';
  if (comment === '' || calendars.some((one) => one.comment?.trim() !== comment)) return null;
  // As optionsOf writes it.
  const zoned = timezone !== undefined && comment.endsWith(` ${timezone}`);
  return {
    everyMs: undefined,
    cron: zoned ? comment.slice(0, -timezone.length - 1) : comment,
    timezone: zoned ? timezone : undefined,
    jitterMs,
  };
}

/** `every 5m`, `cron 0 * * * * Europe/Berlin` */
export function textOfTimes({ everyMs, cron, timezone, jitterMs }: ScheduleTimes): string {
  const times =
    everyMs === undefined
      ? `cron ${cron}${timezone === undefined ? '' : ` ${timezone}`}`
      : `every ${spanText(everyMs)}`;
  return `${times}${jitterMs === undefined ? '' : `, up to ${spanText(jitterMs)} later`}`;
}

export function spanText(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1_000, 's'],
  ];
  const [size, unit] = units.find(([unitMs]) => ms % unitMs === 0) ?? [1, 'ms'];
  return `${ms / size}${unit}`;
}

/** What Temporal says of wrong times and unknown schedules, as what it is: wrong use. */
function refused(error: unknown, source: string, times?: ScheduleTimes): unknown {
  if (error instanceof ScheduleNotFoundError) {
    return new InvalidInput('id', `${source} has no schedule; \`tributary schedule ${source} --every 5m\` makes one`);
  }
  // The client's word for the server's INVALID_ARGUMENT.
  if (times === undefined || !(error instanceof TypeError)) return error;
  return new InvalidInput(times.cron === undefined ? 'every' : 'cron', `Temporal refuses it: ${error.message}`);
}
