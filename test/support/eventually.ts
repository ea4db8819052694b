// Waiting for what will be true: a condition asked again and again, with a bound. Tests never sleep.
import { until } from '../../src/local/until.js';

/** Resolves with the first answer that is neither null, false nor undefined; throws with `what` after the bound. */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  boundMs = 60_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const found = await until(async () => (await ask()) ?? null, boundMs, 25);
  if (found === null) throw new Error(`not within ${boundMs} ms: ${what}`);
  return found as NonNullable<Exclude<T, false>>;
}
