// A part of the stack that ended by itself and was started again: what it was, and what a person can do about it.
import type { PartStatus } from '../../local/stack.js';
import { amount, bytes, duration } from '../terminal/figures.js';

/** How Node ends when its heap is full: V8 aborts the process. Nothing else of ours aborts a worker. */
const heapFull = 'signal SIGABRT';

/** A line for each that ended; a page that ended the worker is tried again smaller, then alone. */
export function partEndLines(parts: readonly PartStatus[], memoryBytes: number): string[] {
  return parts.flatMap(({ name, ends }) => {
    if (ends === null) return [];
    const ago = duration(Date.now() - Date.parse(ends.at));
    const times = ends.times === 1 ? 'once' : amount(ends.times, 'time');
    const full = name === 'worker' && ends.how === heapFull;
    const why = full ? `it ran out of memory; it has ${bytes(memoryBytes)}, TRIBUTARY_MEMORY gives it more` : ends.how;
    return [`${name} ended by itself ${times} and was started again, the last time ${ago} ago: ${why}`];
  });
}
