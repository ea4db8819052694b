// Paused: a run waits at no cost until somebody resumes or stops it, or its time is over. Postgres keeps the pause, so that
// it outlives the run: terminated, reset, or started again, a paused source stays paused.
import { condition } from '@temporalio/workflow';
import { pauseText } from '../domain/pause.js';
import type { RunPlan } from '../domain/plan.js';
import { activitiesWith } from './activity-proxies.js';
import type { Controls } from './controls.js';
import type { SyncProgress } from './sync-progress.js';

/** A timer for longer is set again: years of milliseconds are more than a timer takes. */
const timerMsMax = 30 * 24 * 3_600_000;

/** Returns when the source is not paused any more, or shall stop. */
export async function parked(controls: Controls, progress: SyncProgress): Promise<void> {
  while (controls.interruption === 'paused') {
    const pause = controls.pause!;
    progress.becomes('paused', pauseText(pause));
    const changed = () => controls.stopAsked || controls.pause !== pause;
    if (pause.until === null) await condition(changed);
    else if (!(await changedWithin(changed, Date.parse(pause.until) - Date.now()))) controls.say(null);
  }
  progress.becomes('running');
}

/** False when the time is over. */
async function changedWithin(changed: () => boolean, ms: number): Promise<boolean> {
  for (let left = ms; left > 0; left -= timerMsMax) {
    if (await condition(changed, Math.min(left, timerMsMax))) return true;
  }
  return changed();
}

/** Writes what is said to Postgres, in order, as long as the run lives. */
export async function keepPauses(source: string, plan: RunPlan, controls: Controls, progress: SyncProgress): Promise<never> {
  for (;;) {
    await condition(() => controls.unkept);
    const { pause } = controls;
    if (pause !== null && progress.isRunning) progress.becomes('pausing', pauseText(pause));
    const { keepPause } = activitiesWith(plan.close, pause === null ? 'resume' : 'pause');
    // Where the database stays away, the run itself is paused all the same.
    await keepPause({ source, pause }).catch(() => undefined);
    controls.keep(pause);
  }
}
