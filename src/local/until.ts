import { setTimeout as sleep } from 'node:timers/promises';

/** Asks `check` until it is neither null nor false or the time is up; then null. */
export async function until<T>(
  check: () => T | Promise<T>,
  boundMs: number,
  everyMs = 20,
): Promise<Exclude<T, null | false> | null> {
  const end = performance.now() + boundMs;
  for (;;) {
    const found = await check();
    if (found !== null && found !== false) return found as Exclude<T, null | false>;
    if (performance.now() >= end) return null;
    await sleep(everyMs);
  }
}
