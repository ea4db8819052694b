// syncSource: one source, read to its end. The workflow conducts: it carries page keys, digests and counts, never an
// event, a cursor or a secret. Postgres owns the position, so every run begins by asking it.
import {
  CancellationScope,
  CancelledFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  log,
  setDefaultSignalHandler,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { OpenedRun } from '../activities/open-run.js';
import type { SyncResult } from '../domain/sync-result.js';
import { activitiesWith, opening } from './activity-proxies.js';
import { delegate } from './delegate.js';
import { failureKind, failureOf } from './failure-kind.js';
import { pokeSignal, progressQuery, stopSignal } from './messages.js';
import { runPages, type PipelineEnd } from './page-pipeline.js';
import { SyncProgress } from './sync-progress.js';

type Run = Extract<OpenedRun, { kind: 'run' }>;

/** Times a run that was fenced off by its own chain takes the source again before it gives up. */
const reopensMax = 3;

export async function syncSource(input?: unknown): Promise<SyncResult> {
  const progress = new SyncProgress();
  const stop = listen(progress);
  const opened = await open(input, false);
  if (opened.kind === 'delegate') return delegate(opened);
  // A cancel drains like a stop: what is in flight commits, then the run ends as cancelled.
  return CancellationScope.nonCancellable(() => conduct(opened, input, progress, stop));
}

interface Stop {
  asked: boolean;
  cancelled: boolean;
  /** The origin has something new since this run looked there; it looks again before it ends. */
  poked: boolean;
}

function listen(progress: SyncProgress): Stop {
  const stop: Stop = { asked: false, cancelled: false, poked: false };
  setHandler(progressQuery, () => progress.report(), { description: 'How far the sync is, in records, events and pages.' });
  setHandler(stopSignal, () => void (stop.asked = true), { description: 'End after the pages in flight are committed.' });
  setHandler(pokeSignal, () => void (stop.poked = true), { description: 'The origin has something new: look there again before ending.' });
  setDefaultSignalHandler((name) => log.warn(`unknown signal ${name} was ignored; known: stop, poke`));
  CancellationScope.current().cancelRequested.catch(() => {
    stop.asked = true;
    stop.cancelled = true;
  });
  return stop;
}

async function open(input: unknown, reopen: boolean): Promise<OpenedRun> {
  const { runId, firstExecutionRunId, workflowId } = workflowInfo();
  const { openRun } = activitiesWith(opening, 'take the source');
  return openRun({ input, run: { runId, firstRunId: firstExecutionRunId, workflowId }, reopen });
}

async function conduct(first: Run, input: unknown, progress: SyncProgress, stop: Stop): Promise<SyncResult> {
  let run = first;
  for (let reopens = 0; ; reopens++) {
    try {
      progress.opened(run);
      const end = await readAll(run, progress, stop);
      const result = await finish(run, end, progress, stop);
      if (result !== undefined) return result;
      break;
    } catch (error) {
      if (failureKind(error) !== 'fenced' || reopens >= reopensMax) return giveUp(run, error, progress, stop);
      const again = await open(input, true).catch((refused: unknown) => refused);
      if (!isRun(again)) return giveUp(run, again, progress, stop);
      run = again;
    }
  }
  // Out of the try: going on in a new run is itself a throw, and would be taken for a failure.
  return continueAsNew<typeof syncSource>(input);
}

function isRun(value: unknown): value is Run {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'run';
}

async function readAll(run: Run, progress: SyncProgress, stop: Stop): Promise<PipelineEnd> {
  const { source, epoch, plan } = run;
  const preparing = new CancellationScope({ cancellable: true });
  void condition(() => stop.asked).then(() => preparing.cancel());
  // What was new until now is seen by this look.
  stop.poked = false;
  try {
    const { prepareSource } = activitiesWith(plan.prepare, source);
    const { recordsExpected } = await preparing.run(() => prepareSource({ source, epoch }));
    progress.expects(recordsExpected);
  } catch (error) {
    if (stop.asked && isCancellation(error)) return 'stopped';
    throw error;
  }
  return runPages(run, progress, () => stop.asked);
}

/** Undefined: history is long, or the origin has something new, and a new run goes on. */
async function finish(run: Run, end: PipelineEnd, progress: SyncProgress, stop: Stop): Promise<SyncResult | undefined> {
  if (end === 'full') {
    await close(run, 'continued', null);
    await condition(allHandlersFinished);
    // Asked while this run was closing: a new run would know nothing of it.
    if (!stop.asked) return undefined;
  }
  const outcome = stop.cancelled ? 'cancelled' : end === 'end' ? 'done' : 'stopped';
  progress.becomes('done');
  const result = await close(run, outcome, null);
  // Asked here and not before: a poke while this run was closing would be lost.
  if (outcome === 'done' && stop.poked && !stop.asked) {
    await condition(allHandlersFinished);
    return undefined;
  }
  if (stop.cancelled) throw new CancelledFailure(`cancelled after ${result.inserted} events were inserted; all are kept`);
  return result;
}

/** Superseded is an end, not a failure: another run goes on. Anything else fails the workflow, with what to do. */
async function giveUp(run: Run, error: unknown, progress: SyncProgress, stop: Stop): Promise<SyncResult> {
  const kind = failureKind(error);
  const failure = failureOf(error);
  if (kind === 'fenced') {
    progress.becomes('superseded', failure.message);
    return close(run, 'superseded', failure.message);
  }
  if (stop.cancelled && isCancellation(error)) {
    await close(run, 'cancelled', null);
    throw error;
  }
  const outcome = kind === 'invalid' ? 'failed' : 'needs_attention';
  progress.becomes(outcome, failure.message);
  // What failed is what to tell, also when the database is away and cannot be told.
  await close(run, outcome, failure.message).catch(() => undefined);
  throw failure;
}

function close({ source, epoch, plan }: Run, outcome: Parameters<ReturnType<typeof activitiesWith>['closeRun']>[0]['outcome'], reason: string | null) {
  const { runId, firstExecutionRunId } = workflowInfo();
  const { closeRun } = activitiesWith(plan.close, outcome);
  return closeRun({ source, epoch, runId, firstRunId: firstExecutionRunId, outcome, reason });
}
