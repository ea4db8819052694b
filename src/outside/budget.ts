// What one credential may still ask, shared by all who use it. In memory: other workers are not seen, their calls are
// in what the vendor says remains. Vendors count kinds of calls apart (GitHub: core, search, GraphQL): each kind has a
// budget of its own.
import { WaitUntil } from '../domain/errors.js';
import type { Quota } from './rate-limit.js';

/** Asked before each call. */
export interface Budget {
  /** Resolves when it is this caller's turn. Throws WaitUntil when nothing is left, and the signal's reason. */
  enter(caller: string, signal: AbortSignal): Promise<Turn>;
}

export interface Turn {
  /**
   * To be called once, whatever came of the call. `limitedUntil`: nobody may ask before, in milliseconds since 1970.
   */
  done(quota?: Quota, limitedUntil?: number): void;
}

interface Waiting {
  serve(): void;
  fail(error: unknown): void;
}

interface State {
  free: number;
  /** Calls that may still begin before `resetAt`; undefined: nobody said. */
  left: number | undefined;
  resetAt: number;
  limitedUntil: number;
  /**
   * By caller, in the order of their turns: one who is served goes to the end, so many calls of one do not hold up
   * another.
   */
  readonly waiting: Map<string, Waiting[]>;
}

export function createBudget(atOnce: number, now: () => number = Date.now): Budget {
  const state: State = { free: atOnce, left: undefined, resetAt: 0, limitedUntil: 0, waiting: new Map() };
  const turn = (): Turn => {
    let open = true;
    return {
      done(quota, limitedUntil) {
        if (!open) return;
        open = false;
        state.free += 1;
        note(state, atOnce, quota, limitedUntil);
        serve(state, now());
      },
    };
  };
  return {
    async enter(caller, signal) {
      signal.throwIfAborted();
      if (state.free > 0 && state.waiting.size === 0) begin(state, now());
      else await queued(state, caller, signal);
      return turn();
    },
  };
}

/** Takes a place and one of the calls that are left. */
function begin(state: State, now: number): void {
  const until = blockedUntil(state, now);
  if (until !== undefined)
    throw new WaitUntil(
      'budget_spent',
      `the credential may not be used before ${new Date(until).toISOString()}`,
      new Date(until),
    );
  state.free -= 1;
  if (state.left !== undefined) state.left -= 1;
}

function blockedUntil(state: State, now: number): number | undefined {
  if (state.resetAt <= now) state.left = undefined;
  const until = Math.max(state.limitedUntil, state.left !== undefined && state.left <= 0 ? state.resetAt : 0);
  return until > now ? until : undefined;
}

/** The vendor has counted what is under way or not: the smaller number is safe. */
function note(state: State, atOnce: number, quota: Quota | undefined, limitedUntil = 0): void {
  state.limitedUntil = Math.max(state.limitedUntil, limitedUntil);
  if (quota?.remaining === undefined || quota.resetAt === undefined) return;
  const left = quota.remaining - (atOnce - state.free);
  // A later reset begins a new window; within one, answers overtake each other.
  state.left =
    state.left === undefined || quota.resetAt > state.resetAt + windowSlackMs ? left : Math.min(state.left, left);
  state.resetAt = Math.max(state.resetAt, quota.resetAt);
}

/** Resets are told in whole seconds, and moved to our clock by a Date that has whole seconds too. */
const windowSlackMs = 2_000;

async function queued({ waiting }: State, caller: string, signal: AbortSignal): Promise<void> {
  let leave = (): void => undefined;
  try {
    await new Promise<void>((serve, fail) => {
      const one = { serve, fail };
      leave = () => {
        const rest = (waiting.get(caller) ?? []).filter((other) => other !== one);
        if (rest.length === 0) waiting.delete(caller);
        else waiting.set(caller, rest);
        fail(signal.reason);
      };
      waiting.set(caller, [...(waiting.get(caller) ?? []), one]);
      signal.addEventListener('abort', leave, { once: true });
    });
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function serve(state: State, now: number): void {
  for (let next = nextOf(state.waiting, state.free); next !== undefined; next = nextOf(state.waiting, state.free)) {
    try {
      begin(state, now);
      next.serve();
    } catch (error) {
      next.fail(error);
    }
  }
}

function nextOf(waiting: State['waiting'], free: number): Waiting | undefined {
  const [entry] = waiting;
  if (entry === undefined || free <= 0) return undefined;
  const [caller, [next, ...rest]] = entry;
  waiting.delete(caller);
  if (rest.length > 0) waiting.set(caller, rest);
  return next;
}
