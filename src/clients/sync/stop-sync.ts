// The end of a running sync at a page boundary, whoever asks for it: one signal, and what it ended with.
import type { Client } from '@temporalio/client';
import type { Pool } from '../../store/pool.js';
import { followSync, type Watcher } from './follow-sync.js';
import { findRunning, type StartedSync } from './start-sync.js';
import { endOfFailure, endOfResult, type SyncEnd } from './sync-end.js';

/** Pages in flight commit within seconds; longer means that something is away, and the signal waits for it. */
const waitMsMax = 60_000;

/** `left`: it was told and has not ended yet. Undefined: no sync of this source runs. */
export async function stopSync(
  client: Client,
  pool: Pool,
  source: string,
  watcher: Watcher,
): Promise<SyncEnd | 'left' | undefined> {
  const running = await findRunning(client, source);
  if (running === undefined) return undefined;
  await client.workflow.getHandle(running.handle.workflowId).signal('stop');
  return endOf(client, pool, source, running, watcher, AbortSignal.timeout(waitMsMax));
}

/** How a sync ended, also when its workflow failed; `left` when the signal came first. */
export async function endOf(
  client: Client,
  pool: Pool,
  source: string,
  { runId, firstRunId, handle }: Pick<StartedSync, 'handle' | 'runId' | 'firstRunId'>,
  watcher: Watcher,
  leave: AbortSignal,
): Promise<SyncEnd | 'left'> {
  try {
    const result = await followSync(client, { handle }, watcher, leave);
    return result === 'left' ? 'left' : endOfResult(result);
  } catch (error) {
    return await endOfFailure(error, pool, { source, runId, firstRunId });
  }
}
