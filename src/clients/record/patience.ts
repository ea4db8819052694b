// A call of the door again where Postgres was away: it is safe to repeat, and whoever writes into our pipe waits meanwhile.
import { setTimeout as pause } from 'node:timers/promises';
import { isEngineError } from '../../domain/errors.js';

/** The pause after the first failure, doubled after each. */
const pauseMs = 200;
const pauseMsMax = 5_000;
/** As long as a sync's activities are tried again: an outage may end by itself. */
const patienceMs = 10 * 60_000;

/** What a person must mend is thrown at once. `told` hears of each failure. */
export async function patiently<T>(
  work: () => Promise<T>,
  told: (error: unknown) => void,
  leave: AbortSignal,
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error) || performance.now() > until || leave.aborted) throw error;
      told(error);
      await pause(Math.min(pauseMs * 2 ** tries, pauseMsMax), undefined, { signal: leave }).catch(() => undefined);
    }
  }
}

/** Without a class of ours: a connection that was lost, a statement that Postgres gave up. */
function mayPass(error: unknown): boolean {
  return !isEngineError(error) || error.next === 'retry' || error.next === 'wait';
}
