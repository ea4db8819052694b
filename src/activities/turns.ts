// Turns at being read, over all sources of a worker: of a thousand that start at once some are read and the others wait in line.
// Were all begun together, each would hold what it began for as long as all take, and tasks of the first would queue up behind
// the starts of the last (docs/decisions/0010-turns.md).

export interface Turns {
  /** Takes a turn, unless all are taken or others wait for one. True, too, for a source that has its turn. */
  take(source: string): boolean;
  /** Resolves when the source has its turn; rejects with the reason of `cancelled`. */
  line(source: string, cancelled: AbortSignal): Promise<void>;
  /** It was read to its end, or its run ended. */
  end(source: string): void;
  /** Sources in line. */
  readonly waiting: number;
}

export interface TurnsBounds {
  /** Sources that are read at once. */
  readonly atOnce: number;
  /** What is read for longer counts no more: a large source holds up nobody who comes after it for longer than this. */
  readonly lapseMs: number;
}

/**
 * Two cores are busy with ten sources. What is open at once should stay in the cache of workflows, and a source that waits for
 * its origin leaves its part to others.
 */
export const usualTurns: TurnsBounds = { atOnce: 40, lapseMs: 30_000 };

export function createTurns({ atOnce, lapseMs }: TurnsBounds = usualTurns): Turns {
  const taken = new Map<string, NodeJS.Timeout>();
  const inLine = new Map<() => void, string>();
  const give = (source: string): void => {
    clearTimeout(taken.get(source));
    taken.set(source, setTimeout(() => end(source), lapseMs).unref());
  };
  const serve = (): void => {
    for (const [served, source] of inLine) {
      if (taken.size >= atOnce) return;
      inLine.delete(served);
      give(source);
      served();
    }
  };
  const end = (source: string): void => {
    clearTimeout(taken.get(source));
    if (taken.delete(source)) serve();
  };
  return {
    end,
    get waiting() {
      return inLine.size;
    },
    take(source) {
      if (taken.has(source)) return true;
      if (inLine.size > 0 || taken.size >= atOnce) return false;
      give(source);
      return true;
    },
    async line(source, cancelled) {
      cancelled.throwIfAborted();
      if (this.take(source)) return;
      await new Promise<void>((resolve, reject) => {
        const abort = () => {
          inLine.delete(served);
          reject(cancelled.reason as Error);
        };
        const served = () => {
          cancelled.removeEventListener('abort', abort);
          resolve();
        };
        cancelled.addEventListener('abort', abort, { once: true });
        inLine.set(served, source);
      });
    },
  };
}
