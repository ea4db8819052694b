// Long loops in turns. The worker is one thread: a page's 20,000 events in one go would keep the answers of Postgres
// waiting for 300 ms, and the transaction that waits for them is what limits the speed.
import { setImmediate } from 'node:timers/promises';

/** Items a turn: 2 to 3 ms of stage work. */
export const turnItems = 256;

export async function inTurns<T>(items: readonly T[], work: (item: T, at: number) => void): Promise<void> {
  for (let from = 0; from < items.length; from += turnItems) {
    const to = Math.min(from + turnItems, items.length);
    for (let at = from; at < to; at++) work(items[at]!, at);
    await nextTurn();
  }
}

/** Lets everything that waits have its turn. */
export async function nextTurn(): Promise<void> {
  await setImmediate();
}
