// Event stages that do what a test says and count how often each event was shown to them.
import type { Answer, EventStage, StagedEvent } from '../../src/domain/event-stage.js';
import type { JsonObject } from '../../src/domain/event.js';

export interface CountingStage extends EventStage {
  /** Times each event was shown, by its id. */
  readonly shown: ReadonlyMap<string, number>;
  /** Most events at once. */
  readonly peak: () => number;
}

export type Rule = (event: StagedEvent, context: JsonObject, signal: AbortSignal) => Answer | Promise<Answer>;

export const advance: Answer = { kind: 'advance' };

export function countingStage(name: string, rule: Rule = () => advance, concurrency = 4): CountingStage {
  const shown = new Map<string, number>();
  let [atOnce, peak] = [0, 0];
  return {
    name,
    concurrency,
    shown,
    peak: () => peak,
    async process(event, context, signal) {
      shown.set(event.id, (shown.get(event.id) ?? 0) + 1);
      peak = Math.max(peak, (atOnce += 1));
      try {
        return await rule(event, context, signal);
      } finally {
        atOnce -= 1;
      }
    },
  };
}

/** How many events were shown how many times: `{ 3: 10 }` is ten events, three times each. */
export function timesShown({ shown }: CountingStage): Record<number, number> {
  const times: Record<number, number> = {};
  for (const count of shown.values()) times[count] = (times[count] ?? 0) + 1;
  return times;
}
