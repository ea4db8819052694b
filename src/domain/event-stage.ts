// The contract of a stage that answers for each event: what a team adds between enrich and persist (requirements E2–E4).
// Its answers are recorded before its activity completes, so that no event is shown to it again once it has answered.
//
// The page is the stage's input buffer: it is bounded in events and bytes (src/limits.ts), and pages in flight are few.
import { InvalidInput } from './errors.js';
import type { JsonObject } from './event.js';
import { configuredStages, stageNames } from './sync-input.js';

/** An event as a stage sees it. */
export interface StagedEvent {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  /** RFC 3339 in UTC. */
  readonly time: string | null;
  readonly priority: number;
  readonly flags: readonly string[] | null;
  readonly data: JsonObject;
  /** 1 the first time; one more each time it comes back. */
  readonly attempt: number;
}

/**
 * advance: the event goes on and is not shown to this stage again. remove: it is dropped, and counted. defer: it comes
 * back at `nextAt`, or after `afterMs`, or, with neither, after a pause that grows with each attempt. `context` is laid
 * over the event's context, which later stages see, also after a deferral.
 */
export type Answer =
  | { readonly kind: 'advance'; readonly context?: JsonObject }
  | { readonly kind: 'remove' }
  | {
      readonly kind: 'defer';
      readonly nextAt?: Date;
      readonly afterMs?: number;
      readonly context?: JsonObject;
      readonly error?: string;
    };

/** A stage of your own: it sees each new event once, and answers for it (docs/adding-a-stage.md). */
export interface EventStage {
  /** Of lower case letters, digits and hyphens: its activity type in Temporal, and its name in the input's `stages`. */
  readonly name: string;
  /** Events at once, over all pages and sources of a worker. */
  readonly concurrency: number;
  /**
   * Answers for one event. Throwing defers the event, and no other; `signal` is aborted when nobody waits any more. A
   * worker that dies between the answer and its record, a quarter of a second, asks again, and so it does when another
   * event ended the process they were in: make effects repeatable.
   */
  process(event: StagedEvent, context: JsonObject, signal: AbortSignal): Promise<Answer>;
}

/**
 * Checks the form of a stage while it is written. A name that is taken, or a `concurrency` below 1, is an `InvalidInput` of
 * the worker that loads it.
 *
 * @example
 * ```ts
 * import { defineStage } from 'tributary-events';
 *
 * export const stages = [
 *   defineStage({
 *     name: 'quiet',
 *     concurrency: 8,
 *     process: async (event) => (event.subject === 'renovate' ? { kind: 'remove' } : { kind: 'advance' }),
 *   }),
 * ];
 * ```
 */
export function defineStage(stage: EventStage): EventStage {
  return stage;
}

const nameForm = /^[a-z][a-z0-9-]{0,59}$/;

/** Throws InvalidInput that names the stage and the field. */
export function checkEventStages(stages: readonly EventStage[]): void {
  const taken = new Set<string>([...stageNames, ...configuredStages]);
  stages.forEach(({ name, concurrency }, at) => {
    if (!nameForm.test(name))
      throw new InvalidInput(`stages.${at}.name`, `is ${JSON.stringify(name)}, expected ${nameForm.source}`);
    if (taken.has(name))
      throw new InvalidInput(`stages.${at}.name`, `there is a stage ${name} already, expected another name`);
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw new InvalidInput(
        `stages.${at}.concurrency`,
        `is ${concurrency} for stage ${name}, expected a whole number of at least 1`,
      );
    }
    taken.add(name);
  });
}
