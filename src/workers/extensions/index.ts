// The extensions of a worker, each kind in a process of its own. When one ends or stands still, those it was asked about are
// asked again one at a time, in another process: so the event that did it is known, and it alone is put off or noted.
import { InvalidInput } from '../../domain/errors.js';
import { checkEventStages } from '../../domain/event-stage.js';
import { limits } from '../../limits.js';
import { putOff, type Ask, type Question } from '../../stages/own/ask-stage.js';
import type { EnrichedEvent } from '../../stages/enrichment/enriched-event.js';
import type { ProcessorElsewhere, ElsewhereRun } from '../../stages/enrich.js';
import { noTally, type PageToEnrich, type ProcessorTally } from '../../stages/enrichment/processor-run.js';
import { createSlots, type Slots } from '../../stages/own/slots.js';
import type { StageOutput } from '../../store/stage-outputs.js';
import { createHostProcess, HostGone, type HostProcess } from './host-process.js';
import type { DeclaredProcessor, DeclaredStage, Enriched, Work } from './messages.js';

/** Events of one page that end the process of a stage, or block it: after that the rest of the page is put off unasked. */
const stageFaultsMax = 10;
/** Of a page's enrichment, whose activity has a minute: each may take the 5 s of one that stands still. */
const enrichFaultsMax = 3;

export interface Extensions {
  /** Of the modules, those that have sources: their mappers run in the worker itself. */
  readonly sourceModules: readonly string[];
  readonly stages: readonly DeclaredStage[];
  readonly processors: readonly DeclaredProcessor[];
  /** What a page's questions to this stage are put to. */
  readonly asking: (stage: string) => Ask;
  readonly elsewhere: ProcessorElsewhere;
  end(): void;
}

/** Throws InvalidInput when a module cannot be loaded, or is none. */
export async function startExtensions(modules: readonly string[], tell: (line: string) => void): Promise<Extensions> {
  const forStages = createPair(modules, tell);
  const declared = await forStages.first.declaration().catch((error: Error) => {
    throw new InvalidInput('TRIBUTARY_EXTENSIONS', `${modules.join(', ')} ${error.message} while it was loaded`);
  });
  if (declared.kind === 'refused') throw new InvalidInput(declared.field, declared.message);
  checkEventStages(declared.stages as Parameters<typeof checkEventStages>[0]);
  const forProcessors = declared.processors.length === 0 ? undefined : createPair(modules, tell);
  if (declared.stages.length === 0) forStages.end();
  return {
    sourceModules: declared.sourceModules,
    stages: declared.stages,
    processors: declared.processors,
    asking: (stage) => asking(forStages, stage),
    elsewhere: {
      names: new Set(declared.processors.map(({ name }) => name)),
      open: (page, processors, budgetMs) => openPage(forProcessors!, page, processors, budgetMs),
    },
    end() {
      forStages.end();
      forProcessors?.end();
    },
  };
}

interface Pair {
  readonly first: HostProcess;
  /** Where suspects are asked again, one at a time. */
  alone<T>(work: (second: HostProcess) => Promise<T>): Promise<T>;
  end(): void;
}

function createPair(modules: readonly string[], tell: (line: string) => void): Pair {
  const [first, second] = [createHostProcess(modules, tell), createHostProcess(modules, tell)];
  const one: Slots = createSlots(1);
  let suspects = 0;
  return {
    first,
    async alone(work) {
      suspects += 1;
      try {
        return await one.run(() => work(second));
      } finally {
        // It is rarely needed, and takes 50 MB.
        if ((suspects -= 1) === 0) second.end();
      }
    },
    end() {
      first.end();
      second.end();
    },
  };
}

function asking(pair: Pair, stage: string): Ask {
  let faults = 0;
  return async (question, cancelled) => {
    const work: Work = { kind: 'ask', stage, question };
    const tooMany = (): StageOutput | undefined =>
      faults < stageFaultsMax
        ? undefined
        : putOff(question, `not asked: ${stage} ended or blocked its process ${stageFaultsMax} times on this page`);
    try {
      return tooMany() ?? revived(await pair.first.ask(work, cancelled));
    } catch (error) {
      if (!(error instanceof HostGone)) throw error;
    }
    return pair.alone(async (second) => tooMany() ?? askAlone(second, work, question, cancelled, () => (faults += 1)));
  };
}

async function askAlone(
  second: HostProcess,
  work: Extract<Work, { kind: 'ask' }>,
  question: Question,
  cancelled: AbortSignal,
  onFault: () => void,
): Promise<StageOutput> {
  try {
    return revived(await second.ask(work, cancelled));
  } catch (error) {
    if (!(error instanceof HostGone)) throw error;
    onFault();
    return putOff(question, `stage ${work.stage} ${error.message} when it was asked about this event`);
  }
}

function revived(result: unknown): StageOutput {
  const output = result as Omit<StageOutput, 'nextAt'> & { nextAt: string | null };
  return { ...output, nextAt: output.nextAt === null ? null : new Date(output.nextAt) };
}

function openPage(
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
