// Events and contexts for the tests of a stage or a processor: say what matters, the rest is made up.
import { canonicalJson } from '../domain/canonical-json.js';
import type { StagedEvent } from '../domain/event-stage.js';
import { priorities, type JsonObject } from '../domain/event.js';
import type { EnrichableEvent, ProcessorContext } from '../domain/processor.js';

/**
 * An event as a stage is shown it. What `given` leaves out: id `1` of the source `acme/api`, type `acme.note`, no subject, no
 * time, priority normal, empty data, the first attempt.
 *
 * @example
 * ```ts
 * import { fakeStagedEvent } from 'tributary-events/testing';
 *
 * const answer = await owner.process(fakeStagedEvent({ subject: 'renovate' }), {}, new AbortController().signal);
 * ```
 */
export function fakeStagedEvent(given: Partial<StagedEvent> = {}): StagedEvent {
  return { source: 'acme/api', ...attributes, data: {}, attempt: 1, ...given };
}

/**
 * An event as a processor is shown it: as `fakeStagedEvent` has it, with its data as canonical JSON, too.
 *
 * @example
 * ```ts
 * import { fakeEnrichableEvent, fakeProcessorContext } from 'tributary-events/testing';
 *
 * const noted = tickets.enrich(fakeEnrichableEvent({ data: { message: 'JIRA-12' } }), fakeProcessorContext());
 * ```
 */
export function fakeEnrichableEvent(given: Partial<Omit<EnrichableEvent, 'dataText'>> = {}): EnrichableEvent {
  const data: JsonObject = given.data ?? {};
  return { ...attributes, ...given, data, dataText: canonicalJson(data) };
}

/**
 * The page a processor's event came with: page 1 of the first run of a git source `acme/api`, fetched at the beginning of
 * 2026, with no results of other processors.
 *
 * @example
 * ```ts
 * import { fakeProcessorContext } from 'tributary-events/testing';
 *
 * const context = fakeProcessorContext({ results: { tickets: { keys: ['JIRA-12'] } } });
 * ```
 */
export function fakeProcessorContext(given: Partial<ProcessorContext> = {}): ProcessorContext {
  return {
    source: 'acme/api',
    sourceType: 'git',
    runId: 'run',
    epoch: 1,
    page: 1,
    fetchedAt: new Date('2026-01-01T00:00:00Z'),
    host: 'localhost',
    results: {},
    signal: new AbortController().signal,
    ...given,
  };
}

const attributes = {
  id: '1',
  type: 'acme.note',
  subject: null,
  time: null,
  priority: priorities.normal,
  flags: null,
} as const;
