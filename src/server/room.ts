// Room for what is under way, so that memory is bounded whoever asks and however often: bytes of bodies over all requests, and
// requests by caller. Nobody waits for room here: who finds none is told when to come back.
import { serverLimits } from './limits.js';
import { notNow, Problem } from './problem.js';

export interface Room {
  /** Throws Problem 503 where there is none. */
  take(bytes: number): void;
  give(bytes: number): void;
}

export function createRoom(bytesMax: number): Room {
  let taken = 0;
  return {
    take(bytes) {
      if (taken + bytes > bytesMax)
        throw notNow('no_room', 'the bodies of other requests take all the room there is; give it again');
      taken += bytes;
    },
    give(bytes) {
      taken -= bytes;
    },
  };
}

export interface Admission {
  /** Returns what ends the request's stay. Throws Problem 429 or 503. */
  enter(caller: string): () => void;
}

export function createAdmission(
  requestsMax: number = serverLimits.requestsMax,
  ofCallerMax: number = serverLimits.requestsOfCallerMax,
): Admission {
  const by = new Map<string, number>();
  let all = 0;
  return {
    enter(caller) {
      const own = by.get(caller) ?? 0;
      if (own >= ofCallerMax) throw tooMany(ofCallerMax);
      if (all >= requestsMax) throw notNow('busy', `${all} requests are at work, as many as may be; give it again`);
      all += 1;
      by.set(caller, own + 1);
      return () => {
        all -= 1;
        const left = by.get(caller)! - 1;
        if (left === 0) by.delete(caller);
        else by.set(caller, left);
      };
    },
  };
}

function tooMany(ofCallerMax: number): Problem {
  return new Problem({
    status: 429,
    code: 'too_many_requests',
    detail: `${ofCallerMax} requests of this caller are at work, as many as may be; wait for some, or give more events in each`,
    retryAfterSeconds: serverLimits.retrySeconds,
  });
}
