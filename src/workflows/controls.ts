// What people have said to a run. Handlers only note it: what it means happens at the next page boundary.
import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  log,
  patched,
  setDefaultSignalHandler,
  setHandler,
} from '@temporalio/workflow';
import { batchProblem, type BatchChange } from '../domain/batch.js';
import { pauseOf, type Pause } from '../domain/pause.js';
import type { BatchPlan } from '../domain/plan.js';
import type { Pace } from '../domain/source-settings.js';
import { pauseSignal, pollSignal, resumeSignal, setBatchUpdate, stopSignal } from './messages.js';

/** Why reading ends before the end of the source. */
export type Interruption = 'stopped' | 'paused';

export class Controls {
  stopAsked = false;
  cancelled = false;
  pollAsked = false;
  /** The source needed attention before this run: whoever reads to its end tells Postgres that all is well. */
  attention = false;
  batch: BatchChange = {};
  /** The pace as it was set at the last look; undefined before the first look, and where that look knew no pace. */
  pace: Pace | undefined;
  /** Says each word to another workflow instead: a thin parent does not pause, its child does. */
  relay: ((name: string, input: unknown) => void) | undefined;
  /** The pause in force: what was said last, or what Postgres had when the run opened. */
  pause: Pause | null = null;
  /** What Postgres has. */
  private kept: Pause | null = null;
  private keeping = false;
  private said = false;
  private readonly interruptible: Scopes = new Set();
  private readonly stoppable: Scopes = new Set();
  private readonly pollable: Scopes = new Set();

  get interruption(): Interruption | undefined {
    if (this.stopAsked) return 'stopped';
    return this.pause === null ? undefined : 'paused';
  }

  /** Postgres does not know yet what was said last, or is being told something older: that may take effect after a new run opened. */
  get unkept(): boolean {
    return this.keeping || this.pause !== this.kept;
  }

  /** What Postgres had when the run opened; what was said to the run since is newer. */
  found(pause: Pause | null): void {
    this.kept = pause;
    if (!this.said) this.pause = pause;
  }

  /** Calls `write` with what was said last. */
  async keep(write: (pause: Pause | null) => Promise<void>): Promise<void> {
    const { pause } = this;
    this.keeping = true;
    await write(pause);
    this.keeping = false;
    this.kept = pause;
  }

  say(pause: Pause | null): void {
    this.said = true;
    this.pause = pause;
    this.cancel();
  }

  stop(): void {
    this.stopAsked = true;
    this.cancel();
  }

  /** A stop or a pause cancels the work, which may wait long; undefined when it did, also when that is over by now. */
  async unlessInterrupted<T>(work: () => Promise<T>): Promise<T | undefined> {
    return patched('interruptible') ? cancelledBy([this.interruptible], work) : work();
  }

  /** As `unlessInterrupted`; a poll cancels it, too. */
  async unlessAsked<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.pollAsked || this.interruption !== undefined) return undefined;
    return cancelledBy([this.interruptible, this.pollable], work);
  }

  /** A stop cancels it, a pause does not. */
  async unlessStopped<T>(work: () => Promise<T>): Promise<T | undefined> {
    return cancelledBy([this.stoppable], () => {
      const working = work();
      if (this.stopAsked) CancellationScope.current().cancel();
      return working;
    });
  }

  poll(): void {
    this.pollAsked = true;
    cancelAll(this.pollable);
  }

  private cancel(): void {
    if (this.interruption !== undefined) cancelAll(this.interruptible);
    if (this.stopAsked) cancelAll(this.stoppable);
  }

  /** Its time is over. Nothing is written: Postgres takes no notice of its row any more, and a newer one must stay. */
  ends(pause: Pause): void {
    if (this.pause !== pause) return;
    this.pause = null;
    this.kept = null;
  }

  batchOf(plan: BatchPlan): BatchPlan {
    return { ...plan, ...this.pace?.batch, ...this.batch } as BatchPlan;
  }
}

type Scopes = Set<CancellationScope>;

/** Undefined when it was cancelled, also when what cancelled it is over by now. */
async function cancelledBy<T>(sets: readonly Scopes[], work: () => Promise<T>): Promise<T | undefined> {
  const scope = new CancellationScope({ cancellable: true });
  for (const set of sets) set.add(scope);
  try {
    return await scope.run(work);
  } catch (error) {
    if (!scope.consideredCancelled || !isCancellation(error)) throw error;
    return undefined;
  } finally {
    for (const set of sets) set.delete(scope);
  }
}

function cancelAll(scopes: Scopes): void {
  for (const scope of scopes) scope.cancel();
}

const known = 'pause, resume, stop, poll';

export function listen(): Controls {
  const controls = new Controls();
  const on = (signal: typeof stopSignal, description: string, note: (input: unknown) => void) =>
    setHandler(
      signal,
      (input) => {
        note(input);
        controls.relay?.(signal.name, input);
      },
      { description },
    );
  on(stopSignal, 'End after the pages in flight are committed.', () => controls.stop());
  on(
    pauseSignal,
    'Wait at the next page boundary. Optional: {"reason":"…","until":"2026-01-31T12:00:00Z","by":"…"}.',
    (input) => controls.say(pauseOf(input)),
  );
  on(resumeSignal, 'End the pause.', () => controls.say(null));
  on(
    pollSignal,
    'The origin has something new: a followed source is looked at now, a sync looks once more before it ends.',
    () => controls.poll(),
  );
  setHandler(setBatchUpdate, (change) => (controls.batch = { ...controls.batch, ...change }) as Partial<BatchPlan>, {
    description: 'Size of pages from the next one on: {"events":5000,"bytes":1000000,"inFlight":2}, each optional.',
    validator: refuseBatch,
  });
  setDefaultSignalHandler((name) => log.warn(`unknown signal ${name} was ignored; known: ${known}`));
  CancellationScope.current().cancelRequested.catch(() => {
    controls.cancelled = true;
    controls.stop();
  });
  return controls;
}

function refuseBatch(change: unknown): void {
  const problem = batchProblem(change);
  if (problem !== null) throw ApplicationFailure.nonRetryable(problem, 'InvalidInput');
}
