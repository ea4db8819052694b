// Reading in rounds: prepare, then page by page to the end. A sync is one round, and another when it is told that there is
// something new; a followed source has one after another, with a wait between.
import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { OpenedRun } from '../activities/open-run.js';
import { activitiesWith, bounded } from './activity-proxies.js';
import type { Controls } from './controls.js';
import { historyFull, runPages, type Look, type PipelineEnd, type Place } from './page-pipeline.js';
import type { SyncProgress } from './sync-progress.js';
import { waitedOut } from './waiting.js';

type Run = Extract<OpenedRun, { kind: 'run' }>;

export interface Rounds {
  /** Counts on when a run takes its source again: what was prepared for a round is kept by its number. */
  next: number;
  /** One was read to its end: what a person accepted for the first look holds no more. */
  looked: boolean;
}

export async function readSource(run: Run, rounds: Rounds, progress: SyncProgress, controls: Controls): Promise<PipelineEnd> {
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

async function readOnce(run: Run, look: Look, place: Place, progress: SyncProgress, controls: Controls): Promise<PipelineEnd> {
  const { source, type, origin, epoch, plan } = run;
  progress.looks();
  const preparing = new CancellationScope({ cancellable: true });
  // A clone takes its time: a stop does not wait for it, a pause does, since it would begin again.
  void condition(() => controls.stopAsked).then(() => preparing.cancel());
  // What was new until now is seen by this look.
  controls.pollAsked = false;
  try {
    const { prepareSource } = activitiesWith(plan.prepare, `${type} ${origin}`);
    for (let askNow = false; ; ) {
      const request = { source, epoch, ...look, ...(askNow ? { askNow } : {}) };
      const { recordsExpected, wait, problems = [], pace } = await preparing.run(() => prepareSource(request));
      // A run that was opened before there were settings goes by its plan.
      if (run.changed !== undefined) controls.pace = pace;
      progress.expects(recordsExpected, problems);
      if (wait === undefined) break;
      askNow = await waitedOut(wait, progress, controls);
      if (controls.interruption !== undefined) return { how: controls.interruption, ...place };
    }
  } catch (error) {
    if (controls.stopAsked && isCancellation(error)) return { how: 'stopped', ...place };
    throw error;
  }
  return runPages(run, place, look, progress, controls);
}

/** Once after a follower needed attention: the next time it does, it tries again soon. */
async function allIsWell({ source, plan }: Run, controls: Controls): Promise<void> {
  if (!controls.attention) return;
  const { keepWait } = activitiesWith(plan.close, 'all is well again');
  await keepWait({ source, failure: null });
  controls.attention = false;
}

async function nextLook({ source, plan }: Run, progress: SyncProgress, controls: Controls): Promise<void> {
  const intervalMs = controls.pace?.pollIntervalMs ?? plan.pollIntervalMs;
  progress.waits(Date.now() + intervalMs);
  await condition(() => controls.pollAsked || controls.interruption !== undefined, intervalMs, { summary: bounded(`next look at ${source}`) });
}
