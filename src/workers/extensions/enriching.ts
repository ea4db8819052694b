// Processors at work in another process. When it ends or stands still, the events of the turn are enriched again one at a
// time, so that the one that did it is known: with it alone the failure is noted.
import { limits } from '../../limits.js';
import type { EnrichedEvent } from '../../stages/enrichment/enriched-event.js';
import type { ElsewhereRun } from '../../stages/enrich.js';
import { noTally, type PageToEnrich, type ProcessorTally } from '../../stages/enrichment/processor-run.js';
import { HostGone, type HostProcess } from './host-process.js';
import type { Enriched } from './messages.js';
import type { Pair } from './pair.js';

/** Of a page's enrichment, whose activity has a minute: each may take the 5 s of one that stands still. */
const enrichFaultsMax = 3;

export function enriching(
  pair: Pair,
  { page, ...facts }: PageToEnrich,
  processors: readonly { name: string; wanted: boolean }[],
  budgetMs: number,
): ElsewhereRun {
  const { source, epoch, seq, fetchedAt, host } = page;
  const shared = { ...facts, page: { source, epoch, seq, host, fetchedAt: fetchedAt.toISOString() } };
  const tallies = new Map(processors.map(({ name }) => [name, noTally()]));
  const failed = new Map<string, number>();
  const ask = async (
    process: HostProcess,
    events: readonly EnrichedEvent[],
    without: ReadonlyMap<string, string>,
    careful: boolean,
  ): Promise<void> => {
    const wanted = processors.map(({ name, wanted: needed }) => ({
      name,
      wanted: needed,
      spentMs: tallies.get(name)!.ms,
      without: without.get(name),
    }));
    const result = await process.ask({
      kind: 'enrich',
      facts: shared,
      processors: wanted,
      budgetMs,
      events: events.map(({ question }) => question),
      careful,
    });
    const { noted, tallies: more } = result as Enriched;
    events.forEach((event, at) => event.append(noted[at]!));
    for (const [name, tally] of Object.entries(more)) add(tallies.get(name)!, tally);
  };
  const faults = (): number => [...failed.values()].reduce((sum, count) => sum + count, 0);
  const failRest = (events: readonly EnrichedEvent[]): void => {
    const why = `not run: ${[...failed.keys()].join(', ')} ended or blocked its process ${enrichFaultsMax} times on this page`;
    for (const event of events) for (const { name } of processors) event.fail(name, 'error', why);
    for (const tally of tallies.values()) tally.failed += events.length;
  };
  const oneByOne = async (second: HostProcess, events: readonly EnrichedEvent[]): Promise<void> => {
    for (const [at, event] of events.entries()) {
      const without = new Map<string, string>();
      for (let asked = false; !asked;) {
        // What this event is known to have done is noted with it.
        if (faults() >= enrichFaultsMax && without.size === 0) return failRest(events.slice(at));
        asked = await ask(second, [event], without, true).then(
          () => true,
          (error: unknown) => {
            if (!(error instanceof HostGone)) throw error;
            const name = error.begun ?? processors[0]!.name;
            failed.set(name, (failed.get(name) ?? 0) + 1);
            without.set(name, `processor ${name} ${error.message} at this event`.slice(0, limits.enrichErrorCharsMax));
            return false;
          },
        );
      }
    }
  };
  return {
    tallies,
    async enrich(events) {
      if (faults() >= enrichFaultsMax) return failRest(events);
      try {
        return await ask(pair.first, events, new Map(), false);
      } catch (error) {
        if (!(error instanceof HostGone)) throw error;
      }
      return pair.alone((second) => oneByOne(second, events));
    },
  };
}

function add(sum: ProcessorTally, tally: ProcessorTally): void {
  for (const key of Object.keys(tally) as (keyof ProcessorTally)[]) sum[key] += tally[key];
}
