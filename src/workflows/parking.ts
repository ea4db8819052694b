// Paused: a run waits at no cost until somebody resumes or stops it, or its time is over. Postgres keeps the pause, so that
// it outlives the run: terminated, reset, or started again, a paused source stays paused.
import { condition } from '@temporalio/workflow';
import { pauseText } from '../domain/pause.js';
import type { RunPlan } from '../domain/plan.js';
import { activitiesWith, bounded } from './activity-proxies.js';
import type { Controls } from './controls.js';
import { historyFull } from './page-pipeline.js';
import type { SyncProgress } from './sync-progress.js';

/**
 * A timer for longer is set again: years of milliseconds are more than a timer takes. A pause without an end has one too:
 * its summary is all that the first page of the Temporal UI says of a pause.
 */
const timerMsMax = 30 * 24 * 3_600_000;

/** Returns when the source is not paused any more, or shall stop; paused still when what was said to it meanwhile filled its history. */
export async function parked(
  run: { readonly plan: RunPlan },
  controls: Controls,
  progress: SyncProgress,
): Promise<void> {
  while (controls.interruption === 'paused') {
    const pause = controls.pause!;
    progress.becomes('paused', pauseText(pause));
    const changed = () => controls.stopAsked || controls.pause !== pause || historyFull(run);
    const leftMs = pause.until === null ? Infinity : Date.parse(pause.until) - Date.now();
    if (!(await changedWithin(changed, leftMs, pauseText(pause)))) controls.ends(pause);
    else if (historyFull(run)) return;
  }
  progress.becomes('running');
}

/** False when the time is over. */
async function changedWithin(changed: () => boolean, ms: number, summary: string): Promise<boolean> {
  for (let left = ms; left > 0; left -= timerMsMax) {
    if (await condition(changed, Math.min(left, timerMsMax), { summary: bounded(summary) })) return true;
  }
  return changed();
}

/** Writes what is said to Postgres, in order, as long as the run lives. */
export async function keepPauses(
  source: string,
  plan: RunPlan,
  controls: Controls,
  progress: SyncProgress,
): Promise<never> {
  for (;;) {
    await condition(() => controls.unkept);
    await controls.keep(async (pause) => {
      if (pause !== null && progress.is('running')) progress.becomes('pausing', pauseText(pause));
      if (pause === null && progress.is('pausing')) progress.becomes('running');
      const { keepPause } = activitiesWith(plan.close, pause === null ? 'resumed' : pauseText(pause));
      // Where the database stays away, the run itself is paused all the same.
      await keepPause({ source, pause }).catch(() => undefined);
    });
  }
}
