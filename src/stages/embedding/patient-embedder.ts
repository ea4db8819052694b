// An embedding endpoint with bounded patience: a few tries, then rest, because events are stored without their vectors
// rather than wait for minutes. Temporal retries what must happen; a vector need not, and can be made later.
import { setTimeout as pause } from 'node:timers/promises';
import { isEngineError, isWait } from '../../domain/errors.js';
import { limits } from '../../limits.js';
import { InputRefused, isVector, type Vector } from './embedding-answer.js';
import type { EmbeddingEndpoint } from './embedding-endpoint.js';

export interface PatientEmbedder {
  /** One vector a text, in order, or why there is none. Throws only when `cancelled`. */
  embed(texts: readonly string[], cancelled: AbortSignal): Promise<readonly (Vector | Error)[]>;
}

/** In milliseconds, but for the tries. */
export interface Patience {
  readonly callMs: number;
  readonly batchMs: number;
  readonly tries: number;
  readonly pauseMs: number;
  readonly restMs: number;
}

const usualPatience: Patience = {
  callMs: limits.embedCallMs,
  batchMs: limits.embedPatienceMs,
  tries: limits.embedTriesMax,
  pauseMs: limits.embedPauseMs,
  restMs: limits.embedRestMs,
};

/** The endpoint failed; while it rests nobody asks it. */
interface Rest {
  until: number;
  failures: number;
  reason: Error;
}

export function createPatientEmbedder(endpoint: EmbeddingEndpoint, given: Partial<Patience> = {}): PatientEmbedder {
  const patience = { ...usualPatience, ...given };
  const rest: Rest = { until: 0, failures: 0, reason: new Error('the embedder rests') };
  return {
    async embed(texts, cancelled) {
      const vectors = await eachOrHalves(
        { endpoint, patience, rest, cancelled, until: Date.now() + patience.batchMs },
        texts,
      );
      // It refused every single one of several: not the texts are wrong.
      if (texts.length > 1 && vectors.every((vector) => vector instanceof InputRefused))
        begin(rest, vectors[0] as InputRefused, patience);
      else if (vectors.some(isVector)) rest.failures = 0;
      return vectors;
    },
  };
}

interface Asking {
  readonly endpoint: EmbeddingEndpoint;
  readonly patience: Patience;
  readonly rest: Rest;
  readonly cancelled: AbortSignal;
  /** When patience ends. */
  readonly until: number;
}

/** What the endpoint refuses is halved until the text that it chokes on stands alone; what it gave till then is kept. */
async function eachOrHalves(asking: Asking, texts: readonly string[]): Promise<readonly (Vector | Error)[]> {
  const { rest, cancelled } = asking;
  if (Date.now() < rest.until) return texts.map(() => rest.reason);
  try {
    return await inSeveralTries(asking, texts);
  } catch (error) {
    cancelled.throwIfAborted();
    const reason = error instanceof Error ? error : new Error(String(error));
    if (!(reason instanceof InputRefused)) begin(rest, reason, asking.patience);
    if (!(reason instanceof InputRefused) || texts.length === 1) return texts.map(() => reason);
    const middle = texts.length >> 1;
    const first = await eachOrHalves(asking, texts.slice(0, middle));
    return [...first, ...(await eachOrHalves(asking, texts.slice(middle)))];
  }
}

/** Twice as long after each failure, so that an endpoint that is gone for good costs ever less. */
function begin(rest: Rest, reason: Error, { restMs }: Patience): void {
  // Calls that were under way when it began fail together.
  if (Date.now() < rest.until) return;
  const asked = isWait(reason) ? reason.waitMs : 0;
  const own = Math.min(limits.embedRestMsMax, restMs * 2 ** rest.failures);
  Object.assign(rest, { until: Date.now() + Math.max(asked, own), failures: rest.failures + 1, reason });
}

async function inSeveralTries(
  { endpoint, patience, cancelled, until }: Asking,
  texts: readonly string[],
): Promise<readonly (Vector | Error)[]> {
  for (let tries = 1; ; tries++) {
    const callMs = Math.max(1, Math.min(patience.callMs, until - Date.now()));
    try {
      return await endpoint.embed(texts, cancelled, callMs);
    } catch (error) {
      const pauseMs = pauseAfter(error, patience.pauseMs * 4 ** (tries - 1));
      if (cancelled.aborted || tries >= patience.tries || Date.now() + pauseMs >= until) throw error;
      await pause(pauseMs, undefined, { signal: cancelled });
    }
  }
}

/** Infinity: trying again cannot help. */
function pauseAfter(error: unknown, usualMs: number): number {
  if (isWait(error)) return error.waitMs;
  return isEngineError(error) && error.next === 'retry' ? usualMs : Number.POSITIVE_INFINITY;
}
