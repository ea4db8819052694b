// Reading in rounds: prepare, then page by page to the end. A sync is one round, and another when it is told that there is
// something new; a followed source has one after another, with a wait between.
import { condition } from '@temporalio/workflow';
import type { OpenedRun } from '../activities/open-run.js';
import { duration } from '../domain/figures.js';
import { activitiesWith, bounded, waitingFor } from './activity-proxies.js';
import type { Controls } from './controls.js';
import { bringBack, historyFull, runPages, type Look, type PipelineEnd, type Place } from './page-pipeline.js';
import type { SyncProgress } from './sync-progress.js';
import { waitedOut } from './waiting.js';

type Run = Extract<OpenedRun, { kind: 'run' }>;

export interface Rounds {
  /** Counts on when a run takes its source again: what was prepared for a round is kept by its number. */
  next: number;
  /** One was read to its end: what a person accepted for the first look holds no more. */
  looked: boolean;
}

export async function readSource(
  run: Run,
  rounds: Rounds,
  progress: SyncProgress,
  controls: Controls,
): Promise<PipelineEnd> {
  let place: Place = run;
  for (;;) {
    const accepting = run.plan.acceptDeletions && !rounds.looked;
    const look: Look = { round: rounds.next++, ...(accepting ? { acceptDeletions: true } : {}) };
    const end = await readOnce(run, look, place, progress, controls);
    if (end.how !== 'end') return end;
    rounds.looked = true;
    await allIsWell(run, controls);
    if (run.plan.mode === 'follow') await nextLook(run, progress, controls);
    else if (!controls.pollAsked) return end;
    const how = controls.interruption ?? (historyFull(run) ? 'full' : undefined);
    if (how !== undefined) return { ...end, how };
    place = end;
  }
}

async function readOnce(
  run: Run,
  look: Look,
  place: Place,
  progress: SyncProgress,
  controls: Controls,
): Promise<PipelineEnd> {
  const { source, type, origin, epoch, plan } = run;
  progress.looks();
  // What was new until now is seen by this look.
  controls.pollAsked = false;
  const { prepareSource } = activitiesWith(plan.prepare, `${type} ${origin}`);
  for (let askNow = false; ;) {
    const request = { source, epoch, ...look, ...(askNow ? { askNow } : {}) };
    // A clone takes its time: a stop does not wait for it, a pause does, since it would begin again.
    const prepared = await controls.unlessStopped(() => prepareSource(request));
    if (prepared === undefined) return { how: 'stopped', ...place };
    const { recordsExpected, wait, problems = [], pace, nothingNew, due = false } = prepared;
    // A run that was opened before there were settings goes by its plan.
    if (run.changed !== undefined) controls.pace = pace;
    progress.expects(recordsExpected, problems);
    if (nothingNew === true) return bringBack(run, place, due, progress, controls);
    if (wait === undefined) return runPages(run, place, look, progress, controls);
    askNow = await waitedOut(wait, progress, controls);
    if (controls.interruption !== undefined) return { how: controls.interruption, ...place };
  }
}

/** Once after a follower needed attention: the next time it does, it tries again soon. */
async function allIsWell({ source, plan }: Run, controls: Controls): Promise<void> {
  if (!controls.attention) return;
  const { keepWait } = activitiesWith(plan.close, 'all is well again');
  await keepWait({ source, failure: null });
  controls.attention = false;
}

async function nextLook({ source, epoch, plan }: Run, progress: SyncProgress, controls: Controls): Promise<void> {
  const { news, deferring: stages } = plan;
  const intervalMs = controls.pace?.pollIntervalMs ?? plan.pollIntervalMs;
  progress.waits(Date.now() + intervalMs);
  // Data of the plan, not a patch marker, says which: a run keeps to the plan it was opened with.
  if (news !== undefined) {
    const { awaitNews } = waitingFor(news, `a look at ${source} every ${duration(intervalMs)}`);
    await controls.unlessAsked(() => awaitNews({ source, epoch, intervalMs, stages }));
    return;
  }
  await condition(() => controls.pollAsked || controls.interruption !== undefined, intervalMs, {
    summary: bounded(`next look at ${source}`),
  });
}
