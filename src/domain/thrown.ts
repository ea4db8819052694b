// What was thrown, as text. Code that is not ours throws anything: an object without a prototype, an error whose `message`
// throws, a revoked proxy, a symbol, a string of a gigabyte. Asking it for text must not be the next failure.
import { limits } from '../limits.js';

/** Never throws; bounded, and text that Postgres holds. */
export function thrownText(thrown: unknown, charsMax: number = limits.errorCharsMax): string {
  try {
    return storableText(told(thrown), charsMax);
  } catch {
    return `something was thrown that cannot be shown (${typeof thrown})`;
  }
}

/** The message of whatever has one; an error of another realm or process has too. */
function told(thrown: unknown): string {
  const message = typeof thrown === 'object' && thrown !== null ? (thrown as { message?: unknown }).message : undefined;
  return String(message ?? thrown);
}

/** Bounded, and without what Postgres' text does not hold: NUL and halves of surrogate pairs. */
export function storableText(text: string, charsMax: number): string {
  return text.slice(0, charsMax).toWellFormed().replaceAll('\0', '\uFFFD');
}
