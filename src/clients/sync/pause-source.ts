// A pause, whoever says it: the row first, so that no run can begin without seeing it; then the word to the run there is.
import type { Client } from '@temporalio/client';
import type { Pause } from '../../domain/pause.js';
import { deletePause, savePause } from '../../store/pauses.js';
import type { Pool } from '../../store/pool.js';
import type { Progress } from '../../workflows/messages.js';
import { knownSource } from '../sources/known-source.js';
import { followSync, type Watcher } from './follow-sync.js';
import { findRunning, type StartedSync } from './start-sync.js';

/** Pages in flight commit within seconds; longer means that something is away, and the signal waits for it. */
const waitMsMax = 60_000;

/** From now on no run of it begins, also while Temporal is away. Throws InvalidInput for a source that is not there. */
export async function keepPause(pool: Pool, source: string, pause: Pause): Promise<void> {
  await knownSource(pool, source, 'id');
  await savePause(pool, source, pause);
}

/** The last progress seen of the run that was told: paused, unless it ended first or something is away. Null: none runs. */
export async function pauseRun(
  client: Client,
  source: string,
  pause: Pause,
  watcher: Watcher,
): Promise<Progress | undefined | null> {
  const running = await findRunning(client, source);
  if (running === undefined) return null;
  await client.workflow.getHandle(running.handle.workflowId).signal('pause', pause);
  return untilPaused(client, running, watcher);
}

async function untilPaused(client: Client, running: StartedSync, watcher: Watcher): Promise<Progress | undefined> {
  const reached = new AbortController();
  let last: Progress | undefined;
  const watching = {
    ...watcher,
    progress(progress: Progress) {
      watcher.progress(progress);
      last = progress;
      if (progress.state === 'paused') reached.abort();
    },
  };
  try {
    await followSync(client, running, watching, AbortSignal.any([reached.signal, AbortSignal.timeout(waitMsMax)]));
  } catch {
    // It failed by itself: the pause stands, and the failure is told by whoever asked for the sync.
  }
  return last;
}

/** Whether it was paused until now. Throws InvalidInput for a source that is not there. */
export async function endPause(pool: Pool, source: string): Promise<boolean> {
  await knownSource(pool, source, 'id');
  return deletePause(pool, source);
}

/** Whether a sync of it runs; it goes on. Also without a row: a run may have been told and have no database to write to. */
export async function resumeRun(client: Client, source: string): Promise<boolean> {
  const running = await findRunning(client, source);
  if (running !== undefined) await client.workflow.getHandle(running.handle.workflowId).signal('resume');
  return running !== undefined;
}
