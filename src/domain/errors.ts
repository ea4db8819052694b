// Errors are classes by what the engine does next, so that nothing ever matches on a message.
// Each message says what was found, what was expected and what to do. `code` is stable and machine-readable.

/** Global, so that an error is known whichever copy of this package made it: an extension may bring its own. */
const brand = Symbol.for('tributary.error');

/** Base of every error the engine understands; anything else is treated as transient and retried. */
export abstract class EngineError extends Error {
  abstract readonly next: 'refuse' | 'retry' | 'wait' | 'attention' | 'stop';
  readonly [brand] = true;
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/**
 * What the caller named cannot be used: refused at once, nothing stored. `field` is a dotted path. Wrong use (exit code 2),
 * but for the code `unreachable`: then it may be right, and does not answer (exit code 1).
 */
export class InvalidInput extends EngineError {
  readonly next = 'refuse';
  readonly field: string;

  constructor(field: string, message: string, options: { cause?: unknown; code?: 'unreachable' } = {}) {
    super(options.code ?? 'invalid_input', `${field}: ${message}`, options);
    this.field = field;
  }
}

/** The outside failed in a way that may pass by itself: the activity is retried by its policy. */
export class Transient extends EngineError {
  readonly next = 'retry';
}

/**
 * The origin told us when to come back: a status with a wake-up time, not a failure. `until` is a moment of our
 * clock.
 */
export class WaitUntil extends EngineError {
  readonly next = 'wait';
  readonly until: Date;

  constructor(code: string, message: string, until: Date) {
    super(code, message);
    this.until = until;
  }

  /** From now; an error may be looked at long after it was made. */
  get waitMs(): number {
    return Math.max(0, this.until.getTime() - Date.now());
  }
}

/** Retrying cannot help; a person must act (permission, a vanished repository, a corrupt object). */
export class NeedsAttention extends EngineError {
  readonly next = 'attention';
}

/** Another run holds the source: this one writes nothing more. */
export class Fenced extends EngineError {
  readonly next = 'stop';

  constructor(message: string) {
    super('fenced', message);
  }
}

/** Any error of the engine: what comes next (`next`) says what else it has. */
export type AnyEngineError = InvalidInput | Transient | WaitUntil | NeedsAttention | Fenced;

/**
 * Whether the engine knows what comes next after this error (`next`). By brand and not by class: an error of another copy of
 * this package is one, too, and so is that of a subclass.
 *
 * @example
 * ```ts
 * try {
 *   await tributary.sync('acme/api');
 * } catch (error) {
 *   if (isEngineError(error) && error.next === 'refuse') console.error(`wrong: ${error.message}`);
 *   else throw error;
 * }
 * ```
 */
export function isEngineError(error: unknown): error is AnyEngineError {
  return typeof error === 'object' && error !== null && brand in error;
}

export function isWait(error: unknown): error is WaitUntil {
  return isEngineError(error) && error.next === 'wait';
}
