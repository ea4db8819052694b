// Process entry: the modules of TRIBUTARY_EXTENSIONS at work, in a process of its own, so that nothing it does (process.exit, an
// endless loop, all the memory there is, a rejected promise nobody waits for) is more than the failure of one event.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createCatalogue } from '../../domain/catalogue.js';
import { InvalidInput } from '../../domain/errors.js';
import type { Processor } from '../../domain/processor.js';
import { thrownText } from '../../domain/thrown.js';
import { nextTurn } from '../../domain/turns.js';
import { loadModules, type ExtensionModule } from '../../extensions/module.js';
import { limits } from '../../limits.js';
import { builtInSources } from '../../sources/index.js';
import { mapRecord } from '../../stages/mapping/map-record.js';
import { createCode } from '../../stages/processors/code.js';
import { askStage } from '../../stages/own/ask-stage.js';
import { EnrichedEvent } from '../../stages/enrichment/enriched-event.js';
import { createProcessorRun, noTally, type ProcessorRun } from '../../stages/enrichment/processor-run.js';
import { charsOf, mappedText, type MappedText } from './mapped-text.js';
import type { Enriched, FromHost, MappedTexts, Result, ToHost, Work } from './messages.js';
import { recordsOf } from './records-text.js';

// Kept before the module is loaded, which may change them; and what it says itself is no answer of ours.
const send = process.send!.bind(process) as (message: FromHost, written?: () => void) => boolean;
const exit = process.exit.bind(process);
delete process.send;
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

const { modules, code } = await load();
const sources = modules.flatMap((module) => module.sources);
const stages = modules.flatMap((module) => module.stages);
const processors = [...code, ...modules.flatMap((module) => module.processors)];
send({
  kind: 'declared',
  sourceModules: modules.filter((module) => module.sources.length > 0).map(({ path }) => path),
  sourceTypes: sources.map(({ type }) => type),
  stages: stages.map(({ name, concurrency }) => ({ name, concurrency })),
  processors: processors.map(({ name, dependencies, timeoutMs }) => ({
    name,
    ...(dependencies && { dependencies }),
    ...(timeoutMs && { timeoutMs }),
  })),
  runsCode: code.length > 0,
});
process.on('message', (message: ToHost) => {
  if (message.kind === 'ping') send({ kind: 'pong' });
  else if (message.kind === 'cancel')
    cancelling.get(message.id)?.abort(new Error('nobody waits for the answer any more'));
  else void answer(message.id, message.work);
});

async function load() {
  try {
    const loaded = await loadModules(process.argv.slice(2));
    return { modules: loaded, code: codeOf(loaded) };
  } catch (error) {
    const [field, message] =
      error instanceof InvalidInput
        ? [error.field, error.message.slice(error.field.length + 2)]
        : ['TRIBUTARY_EXTENSIONS', thrownText(error)];
    send({ kind: 'refused', field, message });
    return exit(1);
  }
}

/** Where event types of these sources have a function for it, nothing of them may run in the worker. */
function codeOf(loaded: readonly ExtensionModule[]): readonly Processor[] {
  const own = loaded.flatMap((module) => module.sources);
  const any = own.some(({ events = [] }) => events.some(({ code: fields }) => fields !== undefined));
  return any ? [createCode(createCatalogue([...builtInSources, ...own]))] : [];
}

async function answer(id: number, work: Work): Promise<void> {
  const cancelled = new AbortController();
  cancelling.set(id, cancelled);
  try {
    send({ kind: 'done', id, result: await resultOf(work, id, cancelled.signal) });
  } catch (error) {
    if (!cancelled.signal.aborted) send({ kind: 'failed', id, error: thrownText(error) });
  } finally {
    cancelling.delete(id);
  }
}

function resultOf(work: Work, id: number, cancelled: AbortSignal): Promise<Result> {
  if (work.kind === 'map') return map(work, id, cancelled);
  return work.kind === 'ask' ? ask(work, cancelled) : enrich(work, id);
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

type MapWork = Extract<Work, { kind: 'map' }>;

/** Text of one answer; the rest is asked for again. */
const answerCharsMax = 4 * 1_024 * 1_024;
/**
 * After this long whoever waits for a sign of life is given one: a mapper that takes long is not one that never
 * returns.
 */
const turnMs = 100;

async function map(
  { page, type, options, records, careful }: MapWork,
  id: number,
  cancelled: AbortSignal,
): Promise<MappedTexts> {
  const source = sources.find((one) => one.type === type)!;
  const [mapped, known] = [[] as MappedText[], source.options.parse(options)];
  let [chars, since] = [0, performance.now()];
  for (const whole of recordsOf(records)) {
    if (careful) await told({ kind: 'begin', id, name: String(mapped.length) });
    const text = doing.run(`mapper ${type}, page ${page}`, () => mappedText(mapRecord(source, whole, known)));
    mapped.push(text);
    if ((chars += charsOf(text)) > answerCharsMax) break;
    if (performance.now() - since < turnMs) continue;
    await nextTurn();
    cancelled.throwIfAborted();
    since = performance.now();
  }
  return { mapped };
}

/** Once the kernel has it, so that it is heard whatever happens then. */
async function told(message: FromHost): Promise<void> {
  await new Promise<void>((resolve) => send(message, () => resolve()));
}
