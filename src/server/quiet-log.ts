// A log that nobody can fill by asking again and again: a line that was told is told again after a while, with how often it was meant.
import { LRUCache } from 'lru-cache';
import { serverLimits } from './limits.js';

export function createQuietLog(log: (line: string) => void): (line: string) => void {
  const told = new LRUCache<string, { readonly at: number; missed: number }>({ max: serverLimits.logLinesKnown });
  return (line) => {
    const before = told.get(line);
    const at = performance.now();
    if (before !== undefined && at - before.at < serverLimits.logAgainMs) {
      before.missed += 1;
      return;
    }
    told.set(line, { at, missed: 0 });
    log(before === undefined || before.missed === 0 ? line : `${line} (${before.missed} times more since it was told)`);
  };
}
