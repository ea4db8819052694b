// enrich: processors in the order of their dependencies, over the events of a page (requirement D2). Pure, as they are:
// what they find out follows from the stored page, and times come from the page, not the clock.
import type { JsonObject } from '../domain/event.js';
import { checkProcessors, type Processor } from '../domain/processor.js';
import { inDependencyOrder, switchedOn } from '../domain/processor-order.js';
import type { Stage } from '../domain/stage.js';
import { nextTurn, turnItems } from '../domain/turns.js';
import { limits } from '../limits.js';
import { EnrichedEvent } from './enrichment/enriched-event.js';
import {
  createProcessorRun,
  noTally,
  type PageToEnrich,
  type ProcessorRun,
  type ProcessorTally,
} from './enrichment/processor-run.js';

export interface EnrichStage extends Stage {
  /** Of this worker since its start, by the processor's name. */
  tallies(): Readonly<Record<string, Readonly<ProcessorTally>>>;
}

/** Processors that run in another process. */
export interface ProcessorElsewhere {
  readonly names: ReadonlySet<string>;
  /** For one page; in this order. `budgetMs`: for each of them and the page. */
  open(
    page: PageToEnrich,
    processors: readonly { readonly name: string; readonly wanted: boolean }[],
    budgetMs: number,
  ): ElsewhereRun;
}

export interface ElsewhereRun {
  readonly tallies: ReadonlyMap<string, ProcessorTally>;
  /** All events of a turn. */
  enrich(events: readonly EnrichedEvent[]): Promise<void>;
}

/** `off`: names of processors that do not run, nor do those that need them. Throws InvalidInput that names the field. */
export function createEnrich(
  processors: readonly Processor[],
  off: readonly string[] = [],
  elsewhere?: ProcessorElsewhere,
): EnrichStage {
  checkProcessors(processors);
  const ordered = switchedOn(inDependencyOrder(processors), off);
  const wanted = new Set(ordered.flatMap(({ dependencies = [] }) => dependencies));
  const sums = new Map(ordered.map(({ name }) => [name, noTally()]));
  const budgetMs = Math.floor(limits.enrichPageMs / Math.max(1, ordered.length));
  return {
    name: 'enrich',
    kind: 'pure',
    tallies: () => Object.fromEntries(sums),
    async run(batch, { source, runId, cancelled }) {
      const facts = { page: batch.page, sourceType: source.type, runId };
      const here = ordered.filter(({ name }) => elsewhere?.names.has(name) !== true);
      const runs = here.map((processor) => ({
        name: processor.name,
        ...createProcessorRun(processor, facts, wanted.has(processor.name), budgetMs),
      }));
      const there = ordered
        .filter((processor) => !here.includes(processor))
        .map(({ name }) => ({ name, wanted: wanted.has(name) }));
      const away = there.length === 0 ? undefined : elsewhere!.open(facts, there, budgetMs);
      const enrichment = new Map<number, string>();
      for (let from = 0; from < batch.events.length; from += turnItems) {
        cancelled?.throwIfAborted();
        const events = batch.events.slice(from, from + turnItems).map((event) => new EnrichedEvent(event));
        await enrichTurn(away === undefined ? runs : [...runs, away], events, enrichment);
        await nextTurn();
      }
      const tallies = [...runs.map(({ name, tally }) => [name, tally] as const), ...(away?.tallies ?? [])];
      for (const [name, tally] of tallies) add(sums.get(name)!, tally);
      return {
        ...batch,
        enrichment,
        counted: { processors: Object.fromEntries(tallies.map(([name, tally]) => [name, shown(tally)])) },
      };
    },
  };
}

async function enrichTurn(
  runs: readonly Pick<ProcessorRun, 'enrich'>[],
  events: readonly EnrichedEvent[],
  enrichment: Map<number, string>,
): Promise<void> {
  for (const run of runs) await run.enrich(events);
  for (const event of events) {
    const text = event.enrichment;
    if (text !== null) enrichment.set(event.ordinal, text);
  }
}

function add(sum: ProcessorTally, tally: ProcessorTally): void {
  for (const key of Object.keys(tally) as (keyof ProcessorTally)[]) sum[key] += tally[key];
}

/** Times to a hundredth of a millisecond: more is noise, and it is stored. */
function shown(tally: ProcessorTally): JsonObject {
  return { ...tally, ms: Math.round(100 * tally.ms) / 100 };
}
