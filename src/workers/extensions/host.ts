// Process entry: the modules of TRIBUTARY_EXTENSIONS at work, in a process of its own, so that nothing it does (process.exit, an
// endless loop, all the memory there is, a rejected promise nobody waits for) is more than the failure of one event.
import { AsyncLocalStorage } from 'node:async_hooks';
import { InvalidInput } from '../../domain/errors.js';
import { thrownText } from '../../domain/thrown.js';
import { loadModules } from '../../extensions/module.js';
import { limits } from '../../limits.js';
import { askStage } from '../../stages/own/ask-stage.js';
import { EnrichedEvent } from '../../stages/enrichment/enriched-event.js';
import { createProcessorRun, noTally, type ProcessorRun } from '../../stages/enrichment/processor-run.js';
import type { Enriched, FromHost, Result, ToHost, Work } from './messages.js';

// Kept before the module is loaded, which may change them.
const send = process.send!.bind(process) as (message: FromHost) => boolean;
const exit = process.exit.bind(process);
/** What is being done: of a promise nobody waits for, that is all there is to tell where it comes from. */
const doing = new AsyncLocalStorage<string>();
const cancelling = new Map<number, AbortController>();

process.once('disconnect', () => exit(0));
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(
    event,
    (error: unknown) => void send({ kind: 'stray', at: doing.getStore() ?? null, error: thrownText(error) }),
  );
}

const modules = await load();
const [stages, processors] = [
  modules.flatMap((module) => module.stages),
  modules.flatMap((module) => module.processors),
];
send({
  kind: 'declared',
  sourceModules: modules.filter(({ sources }) => sources.length > 0).map(({ path }) => path),
  stages: stages.map(({ name, concurrency }) => ({ name, concurrency })),
  processors: processors.map(({ name, dependencies, timeoutMs }) => ({
    name,
    ...(dependencies && { dependencies }),
    ...(timeoutMs && { timeoutMs }),
  })),
});
process.on('message', (message: ToHost) => {
  if (message.kind === 'ping') send({ kind: 'pong' });
  else if (message.kind === 'cancel')
    cancelling.get(message.id)?.abort(new Error('nobody waits for the answer any more'));
  else void answer(message.id, message.work);
});

async function load() {
  try {
    return await loadModules(process.argv.slice(2));
  } catch (error) {
    const [field, message] =
      error instanceof InvalidInput
        ? [error.field, error.message.slice(error.field.length + 2)]
        : ['TRIBUTARY_EXTENSIONS', thrownText(error)];
    send({ kind: 'refused', field, message });
    return exit(1);
  }
}

async function answer(id: number, work: Work): Promise<void> {
  const cancelled = new AbortController();
  cancelling.set(id, cancelled);
  try {
    send({ kind: 'done', id, result: await (work.kind === 'ask' ? ask(work, cancelled.signal) : enrich(work, id)) });
  } catch (error) {
    if (!cancelled.signal.aborted) send({ kind: 'stray', at: null, error: thrownText(error) });
  } finally {
    cancelling.delete(id);
  }
}

function ask({ stage: name, question }: Extract<Work, { kind: 'ask' }>, cancelled: AbortSignal): Promise<Result> {
  const stage = stages.find((one) => one.name === name)!;
  const { source, id } = question.event;
  return doing.run(`stage ${name}, event ${id} of ${source}`, () => askStage(stage, question, cancelled));
}

type EnrichWork = Extract<Work, { kind: 'enrich' }>;

async function enrich(work: EnrichWork, id: number): Promise<Enriched> {
  const events = work.events.map((event) => new EnrichedEvent(event.hashed, event));
  const tallies: Enriched['tallies'][string][] = [];
  for (const one of work.processors) {
    if (work.careful) send({ kind: 'begin', id, name: one.name });
    const tally = one.without === undefined ? await runOne(work, one, events) : failAll(one.name, one.without, events);
    tallies.push(tally);
  }
  return {
    noted: events.map(({ noted }) => noted),
    tallies: Object.fromEntries(work.processors.map(({ name }, at) => [name, tallies[at]!])),
  };
}

async function runOne(
  work: EnrichWork,
  { name, wanted, spentMs }: EnrichWork['processors'][number],
  events: readonly EnrichedEvent[],
) {
  const processor = processors.find((one) => one.name === name)!;
  const { facts, budgetMs } = work;
  const page = { ...facts.page, fetchedAt: new Date(facts.page.fetchedAt) };
  const run: ProcessorRun = createProcessorRun(processor, { ...facts, page }, wanted, budgetMs);
  run.tally.ms = spentMs;
  await doing.run(`processor ${name}, page ${page.epoch}.${page.seq} of ${page.source}`, () => run.enrich(events));
  return { ...run.tally, ms: run.tally.ms - spentMs };
}

function failAll(name: string, why: string, events: readonly EnrichedEvent[]) {
  for (const event of events) event.fail(name, 'error', why.slice(0, limits.enrichErrorCharsMax));
  return { ...noTally(), failed: events.length };
}
