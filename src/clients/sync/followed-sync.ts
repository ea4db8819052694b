// A sync that does not end because its source is followed: whoever asks for a sync of it gets a look now.
import type { Client } from '@temporalio/client';
import { until } from '../../local/until.js';
import type { Progress } from '../../workflows/messages.js';
import { followSync, type Watcher } from './follow-sync.js';
import type { StartedSync } from './start-sync.js';

/** A worker that is away is waited for; then the sync is joined like any other, and says so. */
const knownMsMax = 10_000;

export async function isFollowed(client: Client, { handle }: StartedSync): Promise<boolean> {
  // Before it has its source, a run does not know how it is to read it.
  const known = await until(
    async () => {
      const progress = await progressOf(client, handle.workflowId);
      return progress !== undefined && progress.epoch > 0 ? progress : null;
    },
    knownMsMax,
    100,
  );
  return known?.mode === 'follow';
}

/**
 * Returns what the run tells after the look has ended; undefined when the person left, or the run ended or waits for
 * something.
 */
export async function lookNow(
  client: Client,
  started: StartedSync,
  watcher: Watcher,
  leave: AbortSignal,
): Promise<Progress | undefined> {
  const { workflowId } = started.handle;
  const before = await progressOf(client, workflowId);
  await client.workflow.getHandle(workflowId).signal('poll');
  const looked = new AbortController();
  let last: Progress | undefined;
  const seen = (progress: Progress) => {
    watcher.progress(progress);
    if (standsStill(progress) && !isOldNews(progress, before)) {
      last = progress;
      looked.abort();
    }
    if (progress.nextPollAt === null || !isLater(progress, before)) return;
    last = progress;
    looked.abort();
  };
  await followSync(client, started, { ...watcher, progress: seen }, AbortSignal.any([leave, looked.signal]));
  return last;
}

/** The run will not look by itself soon: who waits for its look is told why. */
export function standsStill({ state }: Progress): boolean {
  return state === 'paused' || state === 'needs_attention';
}

/** The run needed attention before it was asked to look, and has not looked since. */
function isOldNews({ state, epoch }: Progress, before: Progress | undefined): boolean {
  return state === 'needs_attention' && before?.state === 'needs_attention' && before.epoch === epoch;
}

/**
 * One look more than when the run was asked; two more where a look was under way then, which may have missed the
 * newest.
 */
function isLater({ epoch, polls }: Progress, before: Progress | undefined): boolean {
  if (before === undefined || epoch !== before.epoch) return true;
  return polls > before.polls + (before.nextPollAt === null ? 1 : 0);
}

/** Undefined when nobody answers: then it is followed like any other. */
function progressOf(client: Client, workflowId: string): Promise<Progress | undefined> {
  const answerMsMax = 2_000;
  return client
    .withDeadline(Date.now() + answerMsMax, () => client.workflow.getHandle(workflowId).query<Progress>('progress'))
    .catch(() => undefined);
}
