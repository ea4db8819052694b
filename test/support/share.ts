// Long matrices, shared between two suites: `npm test` tries some of their cases, `npm run test:long` all the others. A file
// that imports this is in both: vitest.long.config.ts looks for it.
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** `npm test` does not say. */
    suite?: 'long';
  }
}

/** Of the cases so many evenly over the list, or all others. */
export function share<T>(cases: readonly T[], usual: number): T[] {
  const places = new Set(Array.from({ length: usual }, (_, at) => Math.floor(((at + 0.5) * cases.length) / usual)));
  return chosen(cases, (_, at) => places.has(at));
}

/** Those that `npm test` tries, or all others. */
export function chosen<T>(cases: readonly T[], isUsual: (one: T, at: number) => boolean): T[] {
  return cases.filter((one, at) => isUsual(one, at) === (inject('suite') === undefined));
}

/** How often a property is tried. */
export function tries(usual: number, long: number): number {
  return inject('suite') === undefined ? usual : long;
}
