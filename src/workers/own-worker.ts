// A worker inside a program of somebody else.
import type { EventStage } from '../domain/event-stage.js';
import type { Processor } from '../domain/processor.js';
import type { Source } from '../domain/source.js';
import { configOf, type Places } from '../places.js';

/**
 * What a worker is made of. All workers of one task queue must have the same sources, stages and processors: whichever of
 * them is free does the next step.
 */
export interface StartWorkerOptions extends Places {
  /** Source types beside the built-in ones. All of their code runs in this process, mappers too. */
  readonly sources?: readonly Source[] | undefined;
  /** Between `enrich` and `embed`, in this order. They run in this process: what they do to it, they do to the worker. */
  readonly stages?: readonly EventStage[] | undefined;
  /** Beside the built-in ones; in this process, too. */
  readonly processors?: readonly Processor[] | undefined;
  /** Gets lines for whoever runs it: a view that could not be made, what an extension's process wrote. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/** A worker that polls. */
export interface RunningWorker {
  /** Resolves when it has ended, for whatever reason, and everything it held is closed; rejects when it failed. */
  readonly finished: Promise<void>;
  /** Takes nothing new, gives what is at work up to 40 s to end, and resolves as `finished` does. What was cut off is done elsewhere. */
  stop(): Promise<void>;
}

/**
 * Starts a worker in this process and resolves when it polls. It makes the tables first, or brings them up to date. Needs a
 * database and a Temporal of yours, by `options` or by `DATABASE_URL` and `TEMPORAL_ADDRESS`; modules that
 * `TRIBUTARY_EXTENSIONS` names are loaded, too, in processes of their own. SIGINT and SIGTERM end it in order.
 *
 * Throws `InvalidInput` for an option or a variable that is wrong (two stages of one name, processors that cannot be put in
 * order), `NeedsAttention` for a database that may lose commits (`fsync` off). One program, one worker: a second one
 * in the same process shares its memory and brings no speed.
 *
 * @example
 * ```ts
 * import { defineStage, startWorker } from 'tributary-events';
 *
 * const quiet = defineStage({
 *   name: 'quiet',
 *   concurrency: 8,
 *   process: async (event) => (event.subject === 'renovate' ? { kind: 'remove' } : { kind: 'advance' }),
 * });
 * const worker = await startWorker({ stages: [quiet] });
 * await worker.finished;
 * ```
 */
export async function startWorker(options: StartWorkerOptions = {}): Promise<RunningWorker> {
  const { sources, stages, processors, onNote = () => undefined } = options;
  const config = configOf(options);
  const { startConfiguredWorker } = await import('./configured-worker.js');
  const worker = await startConfiguredWorker(config, { sources, stages, processors }, onNote);
  const stop = (): Promise<void> => {
    worker.shutdown();
    return worker.finished;
  };
  return { finished: worker.finished, stop };
}
