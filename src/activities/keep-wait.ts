// keepWait: a follower that needs attention notes when it tries again, or that all is well again. And what an origin said about
// when to come back, noted by the activity it was said to.
import type { WaitUntil } from '../domain/errors.js';
import { NeedsAttention } from '../domain/errors.js';
import { attentionPauseMs, waitMsMax, type Wait } from '../domain/wait.js';
import type { Pool } from '../store/pool.js';
import { countAttention, deleteWait, saveWait } from '../store/waits.js';

export interface KeepWaitInput {
  readonly source: string;
  /** Null: the source was read to its end. */
  readonly failure: { readonly code: string; readonly message: string } | null;
}

export async function keepWait(pool: Pool, { source, failure }: KeepWaitInput): Promise<Wait | null> {
  if (failure === null) return deleteWait(pool, source);
  const pauseMs = attentionPauseMs((await countAttention(pool, source)) + 1);
  const wait: Wait = { state: 'needs_attention', ...failure, until: new Date(Date.now() + pauseMs).toISOString() };
  await saveWait(pool, source, wait);
  return wait;
}

/** A row before the activity answers: were the answer lost, its next attempt must not ask early. Throws NeedsAttention when it is too far away. */
export async function noteWait(pool: Pool, source: string, { code, message, until, waitMs }: WaitUntil): Promise<Wait> {
  if (waitMs > waitMsMax) {
    throw new NeedsAttention(
      'wait_too_long',
      `${message}: the origin says to come back in more than 31 days, which no quota asks for; look at what it says`,
    );
  }
  const wait: Wait = { state: 'rate_limited', code, message, until: until.toISOString() };
  await saveWait(pool, source, wait);
  return wait;
}
