// The followers that wait on this worker: each is looked at when its time comes, some at once, the rest in turn.
import { setTimeout as sleep } from 'node:timers/promises';
import { createSlots } from '../stages/own/slots.js';
import { listDueStages, type DueStage } from '../store/deferred.js';
import type { Pool } from '../store/pool.js';

export interface Watched {
  readonly source: string;
  /** Event stages that take back what they deferred. */
  readonly stages: readonly string[];
  /** True when there is something to read. The signal aborts what takes too long. */
  look(signal: AbortSignal): Promise<boolean>;
  readonly firstMs: number;
  readonly intervalMs: number;
}

export interface NewsWatch {
  /** Returns when there is something to read; throws when it is cancelled. */
  until(watched: Watched, cancelled: AbortSignal): Promise<void>;
  /**
   * The source is being read, or its run ends: nobody waits for its news any more. Its activity would learn of that with its
   * next heartbeat alone, and look until then.
   */
  end(source: string): void;
}

/** Looks at once: each may be a process (git ls-remote) or a connection. */
const looksAtOnceMax = 16;
/** A look that takes longer says nothing; prepare, which may take longer, is asked instead. */
const lookMsMax = 60_000;
/** One question to Postgres for all followers: is anything due that was deferred, or redriven? */
const dueEveryMs = 1_000;
/** By then an activity that was ended here is cancelled; if it is not, it returns, and the run looks for itself. */
const endedMsMax = 60_000;

export function createNewsWatch(pool: Pool): NewsWatch {
  const slots = createSlots(looksAtOnceMax);
  const waiting = new Map<string, { readonly watched: Watched; readonly ended: AbortController }>();
  const due = createDueStages(pool, () => [...waiting.keys()]);
  const end = (source: string) => waiting.get(source)?.ended.abort();

  const look = async (watched: Watched, ended: AbortSignal): Promise<boolean> => {
    for (let ms = watched.firstMs; ; ms = watched.intervalMs) {
      await sleep(Math.max(0, ms), undefined, { signal: ended });
      if (due.has(watched)) return true;
      if (await slots.run(() => bounded((signal) => watched.look(signal), ended))) return true;
      ended.throwIfAborted();
    }
  };

  return {
    end,
    async until(watched, cancelled) {
      end(watched.source);
      const entry = { watched, ended: new AbortController() };
      const { ended } = entry;
      const onCancel = () => ended.abort();
      cancelled.addEventListener('abort', onCancel, { once: true });
      waiting.set(watched.source, entry);
      due.run();
      try {
        cancelled.throwIfAborted();
        await look(watched, ended.signal);
      } catch (error) {
        if (!ended.signal.aborted) throw error;
        cancelled.throwIfAborted();
        await sleep(endedMsMax, undefined, { signal: cancelled });
      } finally {
        cancelled.removeEventListener('abort', onCancel);
        if (waiting.get(watched.source) === entry) waiting.delete(watched.source);
      }
    },
  };
}

/** True, too, when the look takes too long; throws when it is ended. */
async function bounded(look: Watched['look'], ended: AbortSignal): Promise<boolean> {
  ended.throwIfAborted();
  const aborting = new AbortController();
  const abort = () => aborting.abort();
  const overdue = setTimeout(abort, lookMsMax);
  ended.addEventListener('abort', abort, { once: true });
  try {
    const aborted = new Promise<true>((resolve) =>
      aborting.signal.addEventListener('abort', () => resolve(true), { once: true }),
    );
    return await Promise.race([look(aborting.signal), aborted]);
  } finally {
    clearTimeout(overdue);
    ended.removeEventListener('abort', abort);
  }
}

function createDueStages(pool: Pool, sources: () => readonly string[]) {
  let rows: readonly DueStage[] = [];
  let running = false;
  const sweep = async (): Promise<void> => {
    running = true;
    while (sources().length > 0) {
      await sleep(dueEveryMs, undefined, { ref: false });
      // Postgres may be away for a moment: what is due then is due later, too.
      rows = await listDueStages(pool, sources()).catch(() => []);
    }
    running = false;
  };
  return {
    run: () => (running ? undefined : void sweep()),
    has: ({ source, stages }: Watched) =>
      rows.some((row) => row.source === source && (row.stage === null || stages.includes(row.stage))),
  };
}
