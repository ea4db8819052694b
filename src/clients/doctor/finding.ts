// One line of `doctor`: what was looked at, what was found, and one sentence of what to do where it is not as it should be.

export interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** Null when there is nothing to do. */
  readonly advice: string | null;
}

export function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found, advice: null };
}

/** Works, or will when it is needed, but not as well as it could. */
export function warn(check: string, found: string, advice: string): Finding {
  return { check, state: 'warn', found, advice };
}

export function fail(check: string, found: string, advice: string): Finding {
  return { check, state: 'fail', found, advice };
}
