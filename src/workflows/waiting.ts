// Waits of a run: a durable timer at no cost. A stop, a pause or a poll ends it at once.
import { condition } from '@temporalio/workflow';
import { attentionPauseMs, waitText, type Wait } from '../domain/wait.js';
import type { OpenedRun } from '../activities/open-run.js';
import { activitiesWith, bounded } from './activity-proxies.js';
import type { Controls } from './controls.js';
import { causeOf, failureOf } from './failure-kind.js';
import type { SyncProgress } from './sync-progress.js';

type Run = Extract<OpenedRun, { kind: 'run' }>;

/** True when somebody said now: the wait is not over, and the origin is asked all the same. `over` ends it early, too. */
export async function waitedOut(
  wait: Wait,
  progress: SyncProgress,
  controls: Controls,
  over: () => boolean = () => false,
): Promise<boolean> {
  progress.becomes(wait.state, waitText(wait));
  // What was said before is about what is read already.
  controls.pollAsked = false;
  const changed = () => controls.pollAsked || controls.interruption !== undefined || over();
  const leftMs = Date.parse(wait.until) - Date.now();
  if (leftMs > 0) await condition(changed, leftMs, { summary: bounded(waitText(wait)) });
  if (controls.interruption === undefined) progress.becomes('running');
  return controls.pollAsked;
}

/**
 * A follower that needs attention tries again by itself, ever more rarely: an outage of an hour, or a token somebody renews,
 * must not be the end of it. Where Postgres cannot be told, it waits all the same.
 */
export async function waitForAttention(
  { source, plan }: Run,
  error: unknown,
  progress: SyncProgress,
  controls: Controls,
): Promise<void> {
  const { message } = failureOf(error);
  const code = (causeOf(error)?.details?.[0] as { readonly code?: string | null } | undefined)?.code ?? 'failed';
  progress.becomes('needs_attention', message);
  const { keepWait } = activitiesWith(plan.close, 'note when to try again');
  const unkept: Wait = {
    state: 'needs_attention',
    code,
    message,
    until: new Date(Date.now() + attentionPauseMs(1)).toISOString(),
  };
  const wait = await keepWait({ source, failure: { code, message } }).catch(() => unkept);
  await waitedOut(wait ?? unkept, progress, controls);
}
