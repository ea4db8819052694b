// Stays with a running sync until it ends or the person leaves. A server that was killed is waited for: the supervisor
// starts it again, and the sync itself goes on without us.
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { Course } from '../../domain/course.js';
import type { SyncResult } from '../../domain/sync-result.js';
import type { Progress } from '../../workflows/messages.js';
import type { Setback } from './setback-text.js';
import { pendingOf } from './setbacks.js';
import type { StartedSync, SyncHandle } from './start-sync.js';

const progressEveryMs = 200;
/** Asking what is tried again costs the server a read, and a retry of interest lasts longer than this. */
const setbacksEveryMs = 2_000;
/** A query waits for a worker; without one, we would rather say so. */
const queryMsMax = 2_000;
/** The supervisor restarts a killed server within seconds. */
const reconnectMsMax = 60_000;
const reconnectEveryMs = 500;

export interface Watcher {
  progress(progress: Progress): void;
  /** Temporal does not answer, or no worker does. */
  silent(who: 'server' | 'worker', sinceMs: number): void;
  /** Something failed and is tried again, or waits for a worker; told again for as long as it is so. */
  setback(setback: Setback): void;
  /** What a look at the origin says of itself; null when none is under way any more, or it says nothing. */
  looks?(course: Course | null): void;
}

/** The result; `left` when the signal came first. Throws what the workflow failed with. */
export async function followSync(
  client: Client,
  { handle }: Pick<StartedSync, 'handle'>,
  watcher: Watcher,
  leave: AbortSignal,
): Promise<SyncResult | 'left'> {
  const ended = new AbortController();
  const link = newLink(watcher);
  // Not awaited: its last query may wait for a worker that is gone. It tells nothing more once we have ended.
  void watch(client, handle.workflowId, link, watcher, ended.signal);
  void watchSetbacks(client, handle.workflowId, watcher, ended.signal);
  try {
    return await Promise.race([resultOf(handle, link), leaving(leave)]);
  } finally {
    ended.abort();
  }
}

function leaving(leave: AbortSignal): Promise<'left'> {
  if (leave.aborted) return Promise.resolve('left');
  return new Promise((resolve) => leave.addEventListener('abort', () => resolve('left'), { once: true }));
}

interface Link {
  answered(): void;
  silent(who: 'server' | 'worker'): number;
}

function newLink(watcher: Watcher): Link {
  let since: number | undefined;
  return {
    answered: () => void (since = undefined),
    silent: (who) => {
      since ??= Date.now();
      watcher.silent(who, Date.now() - since);
      return Date.now() - since;
    },
  };
}

async function resultOf(handle: SyncHandle, link: Link): Promise<SyncResult> {
  for (;;) {
    try {
      return await handle.result();
    } catch (error) {
      if (!isLost(error) || link.silent('server') > reconnectMsMax) throw error;
      await sleep(reconnectEveryMs);
    }
  }
}

async function watch(
  client: Client,
  workflowId: string,
  link: Link,
  watcher: Watcher,
  ended: AbortSignal,
): Promise<void> {
  // Without a run id: the latest run answers, also after it continued as new.
  const handle = client.workflow.getHandle(workflowId);
  while (await pause(ended)) {
    try {
      const progress = await client.withDeadline(Date.now() + queryMsMax, () => handle.query<Progress>('progress'));
      link.answered();
      if (!ended.aborted) watcher.progress(progress);
    } catch (error) {
      if (!ended.aborted) link.silent(isUnavailable(error) ? 'server' : 'worker');
    }
  }
}

async function watchSetbacks(client: Client, workflowId: string, watcher: Watcher, ended: AbortSignal): Promise<void> {
  while (await pause(ended, setbacksEveryMs)) {
    const asked = client.withDeadline(Date.now() + queryMsMax, () => pendingOf(client, workflowId));
    // A server that does not answer is told by the query above.
    const { setbacks, course } = await asked.catch(() => ({ setbacks: [], course: null }));
    if (ended.aborted) return;
    watcher.looks?.(course);
    for (const setback of setbacks) watcher.setback(setback);
  }
}

/** False once it is over. */
async function pause(ended: AbortSignal, ms = progressEveryMs): Promise<boolean> {
  await sleep(ms, undefined, { signal: ended }).catch(() => undefined);
  return !ended.aborted;
}

/** gRPC: cancelled, unknown, deadline exceeded, internal, unavailable: what a killed server's connections end with. */
const lostCodes: readonly number[] = [1, 2, 4, 13, 14];

function isLost(error: unknown): boolean {
  const code = grpcCode(error);
  return code !== undefined && lostCodes.includes(code);
}

function isUnavailable(error: unknown): boolean {
  return grpcCode(error) === 14;
}

function grpcCode(error: unknown): number | undefined {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}
