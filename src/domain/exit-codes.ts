// The exit codes of every command and of the worker: the one table (docs/operating.md has it in words).
import { isEngineError, type AnyEngineError } from './errors.js';

export const exitCodes = {
  /** What was asked is done, or there was nothing to do. */
  fine: 0,
  /** It is not done: a server or an origin does not answer, the stack did not start, a check of this installation fails. */
  failed: 1,
  /** What was typed, or set in the environment, is wrong by itself: the same again gives the same. */
  wrongUse: 2,
  /** A person has to look: verify found something, a source needs attention, parts of it could not be read, a disk is full. */
  attention: 3,
} as const;

/** By the class of an error, never by its words. What is no error of the engine's is a failure. */
export function exitCodeOf(error: unknown): number {
  return isEngineError(error) ? exitCodeOfClass(error.next, error.code) : exitCodes.failed;
}

export function exitCodeOfClass(next: AnyEngineError['next'], code: string): number {
  if (next === 'refuse') return code === 'unreachable' ? exitCodes.failed : exitCodes.wrongUse;
  return next === 'attention' ? exitCodes.attention : exitCodes.failed;
}

/** As shells count a process that a signal ended: Ctrl-C is 130, SIGTERM 143. */
export function exitCodeOfSignal(signal: 'SIGINT' | 'SIGTERM'): number {
  return 128 + { SIGINT: 2, SIGTERM: 15 }[signal];
}
