// syncSource: one source, read to its end or followed. The workflow conducts: it carries page keys, digests and counts, never
// an event, a cursor or a secret. Postgres owns the position, so every run begins by asking it.
import {
  CancellationScope,
  CancelledFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { CloseRunInput } from '../activities/close-run.js';
import type { OpenedRun, OpenRunInput, RefusalFacts } from '../activities/open-run.js';
import type { BatchChange } from '../domain/batch.js';
import { amount } from '../domain/figures.js';
import type { SyncResult } from '../domain/sync-result.js';
import { activitiesWith, besideTask, inLine, openingOf, waitingFor } from './activity-proxies.js';
import { listen, type Controls } from './controls.js';
import { delegate } from './delegate.js';
import { causeOf, failureKind, failureOf } from './failure-kind.js';
import { progressQuery } from './messages.js';
import type { PipelineEnd } from './page-pipeline.js';
import { keepPauses, parked } from './parking.js';
import { readSource, type Rounds } from './read-source.js';
import { SyncProgress } from './sync-progress.js';
import { waitForAttention } from './waiting.js';

type Opened = Exclude<OpenedRun, { kind: 'line' }>;
type Run = Extract<OpenedRun, { kind: 'run' }>;

/** Times a run that was fenced off by its own chain takes the source again before it gives up. */
const reopensMax = 3;

export async function syncSource(input?: unknown): Promise<SyncResult> {
  const progress = new SyncProgress();
  setHandler(progressQuery, () => progress.report(), {
    description: 'How far the sync is, in records, events and pages.',
  });
  const controls = listen();
  const opened = await openInTurn(input, progress, controls).catch((error: unknown) => refuse(error, progress));
  if (opened.kind === 'delegate') return delegate(opened, controls);
  // A cancel drains like a stop: what is in flight commits, then the run ends as cancelled.
  return CancellationScope.nonCancellable(() => conduct(opened, input, progress, controls));
}

/** One that goes on for another has had its turn. */
async function openInTurn(input: unknown, progress: SyncProgress, controls: Controls): Promise<Opened> {
  const mayWait = workflowInfo().continuedFromExecutionRunId === undefined;
  const opened = await open(input, { mayWait });
  if (opened.kind !== 'line') return opened;
  progress.lined(opened);
  const { awaitTurn } = waitingFor(inLine, `a turn at reading ${opened.source}`);
  // Whatever is said to it holds at once: it is opened, and then paused or ended.
  await controls.unlessAsked(() => awaitTurn({ source: opened.source }));
  return (await open(input, {})) as Opened;
}

async function open(input: unknown, how: Pick<OpenRunInput, 'mayWait'> & { readonly reopen?: boolean }) {
  const { runId, firstExecutionRunId, workflowId } = workflowInfo();
  const { openRun } = activitiesWith(openingOf(workflowInfo()), 'take the source');
  return openRun({ input, run: { runId, firstRunId: firstExecutionRunId, workflowId }, reopen: false, ...how });
}

/** Nothing was opened, so all that is known of the source is the workflow's own id. */
function refuse(error: unknown, progress: SyncProgress): never {
  if (isCancellation(error)) throw error;
  const failure = failureOf(error);
  const facts = causeOf(error)?.details?.[1] as RefusalFacts | undefined;
  progress.refused(
    failureKind(error) === 'invalid' ? 'failed' : 'needs_attention',
    failure.message,
    facts?.searchAttributes === true,
  );
  throw failure;
}

async function conduct(first: Run, input: unknown, progress: SyncProgress, controls: Controls): Promise<SyncResult> {
  controls.found(first.pause ?? null);
  controls.attention = first.attention ?? false;
  controls.batch = { ...saidBatch(input), ...controls.batch };
  void keepPauses(first.source, first.plan, controls, progress);
  let run = first;
  const rounds: Rounds = { next: 0, looked: false };
  for (let reopens = 0; ; reopens++) {
    try {
      progress.opened(run);
      await parked(run, controls, progress);
      // Paused still: its history is full, and a new run waits on.
      const end =
        controls.interruption === 'paused'
          ? ({ ...run, how: 'full' } as const)
          : await readSource(run, rounds, progress, controls);
      const result = await finish(run, end, progress, controls);
      if (result !== undefined) return result;
      break;
    } catch (error) {
      if (run.plan.mode === 'follow' && failureKind(error) === 'attention' && !controls.stopAsked) {
        const result = await waitAndGoOn(run, error, progress, controls);
        if (result !== undefined) return result;
        break;
      }
      if (failureKind(error) !== 'fenced' || reopens >= reopensMax) return giveUp(run, error, progress, controls);
      const again = await open(input, { reopen: true }).catch((refused: unknown) => refused);
      if (!isRun(again)) return giveUp(run, again, progress, controls);
      run = again;
    }
  }
  // Out of the try: going on in a new run is itself a throw, and would be taken for a failure.
  return continueAsNew<typeof syncSource>(nextInput(run, input, controls, rounds));
}

function isRun(value: unknown): value is Run {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'run';
}

/** The size of pages that was said to an earlier run of this chain; what its first start said is kept with the source. */
function saidBatch(input: unknown): BatchChange {
  if (workflowInfo().continuedFromExecutionRunId === undefined) return {};
  return (input as { readonly batch?: BatchChange }).batch ?? {};
}

/**
 * openRun has checked the argument, so it is an object. What was said since goes with it; what held for the first look does not.
 * A run of before settings passes all of it on, for the next to keep.
 */
function nextInput({ source, changed }: Run, input: unknown, { batch }: Controls, { looked }: Rounds): unknown {
  const { acceptDeletions, ...given } = input as { readonly batch?: object; readonly acceptDeletions?: boolean };
  const accepted = acceptDeletions === undefined || looked ? {} : { acceptDeletions };
  if (changed === undefined) return { ...given, batch: { ...given.batch, ...batch }, ...accepted };
  return { sourceId: source, ...(Object.keys(batch).length === 0 ? {} : { batch }), ...accepted };
}

/** Undefined: a new run goes on, since history is long, a pause is over, or the origin has something new. */
async function finish(
  run: Run,
  { how }: PipelineEnd,
  progress: SyncProgress,
  controls: Controls,
): Promise<SyncResult | undefined> {
  if (how === 'paused') await parked(run, controls, progress);
  if ((how === 'full' || how === 'paused') && !controls.stopAsked) {
    await close(run, progress, 'continued', null);
    await settled(controls);
    // Asked while this run was closing: a new run would know nothing of it.
    if (!controls.stopAsked) return undefined;
  }
  await settled(controls);
  const outcome = controls.cancelled ? 'cancelled' : how === 'end' ? 'done' : 'stopped';
  progress.becomes('done', outcome === 'done' ? null : `${outcome}; the next start goes on from here`);
  const result = await close(run, progress, outcome, null);
  await settled(controls);
  // Asked here and not before: a poll while this run was closing would be lost.
  if (outcome === 'done' && controls.pollAsked && !controls.stopAsked) return undefined;
  if (controls.cancelled)
    throw new CancelledFailure(
      `cancelled after ${amount(result.inserted, 'event was', 'events were')} inserted; all are kept`,
    );
  return result;
}

/** Undefined: a new run tries again. The run's own row tells of the failure. */
async function waitAndGoOn(
  run: Run,
  error: unknown,
  progress: SyncProgress,
  controls: Controls,
): Promise<SyncResult | undefined> {
  await close(run, progress, 'needs_attention', failureOf(error).message).catch(() => undefined);
  await waitForAttention(run, error, progress, controls);
  if (!controls.stopAsked) await settled(controls);
  return controls.stopAsked ? finish(run, { ...run, how: 'stopped' }, progress, controls) : undefined;
}

/** A pause that was said is kept, also by a run that fails, and every update has its answer. It ends: keeping has its tries. */
async function settled(controls: Controls): Promise<void> {
  await condition(() => !controls.unkept && allHandlersFinished());
}

/** Superseded is an end, not a failure: another run goes on. Anything else fails the workflow, with what to do. */
async function giveUp(run: Run, error: unknown, progress: SyncProgress, controls: Controls): Promise<SyncResult> {
  const kind = failureKind(error);
  const failure = failureOf(error);
  if (kind === 'fenced') {
    progress.becomes('superseded', failure.message);
    const result = await close(run, progress, 'superseded', failure.message);
    await settled(controls);
    return result;
  }
  if (controls.cancelled && isCancellation(error)) {
    progress.becomes('done', 'cancelled; the next start goes on from here');
    await close(run, progress, 'cancelled', null);
    await settled(controls);
    throw error;
  }
  const outcome = kind === 'invalid' ? 'failed' : 'needs_attention';
  progress.becomes(outcome, failure.message);
  // What failed is what to tell, also when the database is away and cannot be told.
  await close(run, progress, outcome, failure.message).catch(() => undefined);
  await settled(controls);
  throw failure;
}

async function close(
  { source, epoch, plan }: Run,
  progress: SyncProgress,
  outcome: CloseRunInput['outcome'],
  reason: string | null,
): Promise<SyncResult> {
  const { runId, firstExecutionRunId } = workflowInfo();
  const workedMs = progress.runWorkedMs;
  const ended = { source, epoch, runId, firstRunId: firstExecutionRunId, outcome, reason, workedMs };
  const { closeBesideMs } = plan;
  const closed =
    closeBesideMs === undefined
      ? undefined
      : await besideTask(closeBesideMs)
          .closeRun(ended)
          .catch(() => undefined);
  return closed ?? activitiesWith(plan.close, outcome).closeRun(ended);
}
