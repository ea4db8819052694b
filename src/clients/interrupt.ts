// Ctrl-C and SIGTERM. A command with nothing to say ends at once; one that leaves work behind says so first. Either way its exit
// code is the one that shells know a signal by.
import { exitCodeOfSignal } from '../domain/exit-codes.js';

let leaving: AbortController | undefined;
let lastWords: (() => void) | undefined;
let by: 'SIGINT' | 'SIGTERM' | undefined;

/** For the process of a command, once. */
export function endAtInterrupt(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Nobody wants to say anything, or it was said once and takes too long.
      if (leaving === undefined || leaving.signal.aborted) {
        lastWords?.();
        process.exit(exitCodeOfSignal(signal));
      }
      by = signal;
      leaving.abort();
    });
  }
}

/** For a command that wants to end by itself: aborted by the first signal, and the second ends it at once. */
export function onInterrupt(): AbortSignal {
  leaving ??= new AbortController();
  return leaving.signal;
}

/** For a prompt that gets Ctrl-C as a key. Not a signal: it would come too late for a process with nothing left to wait for. */
export function interrupt(): void {
  process.emit('SIGINT', 'SIGINT');
}

/** What is said when a signal ends the command, until the function that is returned is called. */
export function sayAtInterrupt(say: () => void): () => void {
  lastWords = say;
  return () => (lastWords = undefined);
}

/** Of a command that is over: what it found, unless a signal ended it before. */
export function exitCodeUnlessLeft(exitCode: number): number {
  return by === undefined ? exitCode : exitCodeOfSignal(by);
}
