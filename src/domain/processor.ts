// The contract of an enrichment processor: what it finds out about an event is stored beside the event's data, under the
// processor's name (requirement D2). A processor is pure: its answer follows from the event and its page alone, because a
// page whose worker died is enriched again. Who must ask a service writes an event stage (docs/adding-a-stage.md).
import { limits } from '../limits.js';
import { InvalidInput } from './errors.js';
import type { JsonObject } from './event.js';

/** An event as a processor sees it. Nothing done to it changes what is stored. */
export interface EnrichableEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  /** RFC 3339 in UTC. */
  readonly time: string | null;
  readonly priority: number;
  readonly flags: readonly string[] | null;
  /** Canonical JSON. Looking for a name in it costs a tenth of parsing it. */
  readonly dataText: string;
  /** Parsed when first asked for, and shared by the processors: not to be changed. */
  readonly data: Readonly<JsonObject>;
}

/** Where an event came from, and what other processors noted of it. */
export interface ProcessorContext {
  readonly source: string;
  readonly sourceType: string;
  readonly runId: string;
  readonly epoch: number;
  /** Number of the page within the epoch. */
  readonly page: number;
  /** The only clock there is: when the page was fetched. */
  readonly fetchedAt: Date;
  /** Where it was fetched. */
  readonly host: string;
  /** What the dependencies noted of this event, by their names. */
  readonly results: Readonly<Record<string, JsonObject>>;
  /** Aborted when the time is up: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What is stored; nothing is an answer too. */
export type Noted = JsonObject | null | undefined;

/** Notes something about events, purely: from the event and its page alone (docs/enrichment.md). */
export interface Processor {
  /** Of lower case letters, digits, `_` and `-`: the key of its result in `enrichment`. */
  readonly name: string;
  /** It runs after these, and only for events of which all of them noted something. */
  readonly dependencies?: readonly string[];
  /** For an answer that is a promise; limits.enrichMs when not given. Code that never awaits is ended after some seconds, with its process. */
  readonly timeoutMs?: number;
  canProcess(event: EnrichableEvent): boolean;
  /**
   * Throwing fails this processor for this event and nothing else. An error that is `Transient`, or has a property
   * `transient: true`, is tried again, up to limits.enrichTriesMax.
   */
  enrich(event: EnrichableEvent, context: ProcessorContext): Noted | Promise<Noted>;
}

/**
 * Checks the form of a processor while it is written. What only shows when it is put together (a name that is taken, a
 * dependency that is not there) is an `InvalidInput` of the worker that loads it.
 *
 * @example
 * ```ts
 * import { defineProcessor } from 'tributary-events';
 *
 * export const processors = [
 *   defineProcessor({
 *     name: 'tickets',
 *     canProcess: (event) => event.type === 'git.commit',
 *     enrich(event) {
 *       const keys = String(event.data.message).match(/\b[A-Z]{2,10}-\d+\b/g);
 *       return keys === null ? null : { keys: [...keys] };
 *     },
 *   }),
 * ];
 * ```
 */
export function defineProcessor(processor: Processor): Processor {
  return processor;
}

const nameForm = /^[a-z][a-z0-9_-]{0,59}$/;
/** Other keys of `enrichment`: what event stages noted, and the embed stage. */
const reservedNames = ['context', 'embedding'];

/** Throws InvalidInput that names the processor and the field. */
export function checkProcessors(processors: readonly Processor[]): void {
  if (processors.length > limits.processorsMax) {
    throw new InvalidInput('processors', `are ${processors.length}, expected at most ${limits.processorsMax}`);
  }
  const taken = new Set(reservedNames);
  processors.forEach(({ name, timeoutMs = limits.enrichMs }, at) => {
    if (!nameForm.test(name))
      throw new InvalidInput(`processors.${at}.name`, `is ${JSON.stringify(name)}, expected ${nameForm.source}`);
    if (taken.has(name)) throw new InvalidInput(`processors.${at}.name`, `${name} is taken, expected another name`);
    if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > limits.enrichMsMax) {
      throw new InvalidInput(
        `processors.${at}.timeoutMs`,
        `is ${timeoutMs} for ${name}, expected 1 to ${limits.enrichMsMax}`,
      );
    }
    taken.add(name);
  });
}
