// One processor at work on the events of a page: what it answers is noted under its name, what it fails at too; the event
// and the page go on. Answers that are promises have a time, and errors that may pass are tried again.
import { setTimeout as pause } from 'node:timers/promises';
import { isEngineError } from '../../domain/errors.js';
import { keptText } from '../../domain/event-context.js';
import type { JsonObject } from '../../domain/event.js';
import type { EnrichableEvent, Noted, Processor, ProcessorContext } from '../../domain/processor.js';
import type { PageFacts } from '../../domain/stage.js';
import { thrownText } from '../../domain/thrown.js';
import { limits } from '../../limits.js';
import { unsaid, type EnrichedEvent } from './enriched-event.js';

export interface ProcessorTally {
  /** Answered; also with nothing to note. */
  processed: number;
  /** It said it cannot, or a processor it needs noted nothing. */
  skipped: number;
  failed: number;
  retried: number;
  /** In the processor; while several promises are awaited, their time is counted once. */
  ms: number;
}

export const noTally = (): ProcessorTally => ({ processed: 0, skipped: 0, failed: 0, retried: 0, ms: 0 });

/** What all events of a page share. */
export interface PageToEnrich {
  readonly page: Pick<PageFacts, 'source' | 'epoch' | 'seq' | 'fetchedAt' | 'host'>;
  readonly sourceType: string;
  readonly runId: string;
}

export interface ProcessorRun {
  readonly tally: ProcessorTally;
  /** All events of a turn, at once where the processor awaits. Never throws. */
  enrich(events: readonly EnrichedEvent[]): Promise<void>;
}

/** `wanted`: other processors depend on it. `budgetMs`: what it may take of this page; later events fail at once. */
export function createProcessorRun(
  processor: Processor,
  facts: PageToEnrich,
  wanted: boolean,
  budgetMs: number,
): ProcessorRun {
  const tally = noTally();
  const run: Run = { processor, facts, wanted, tally };
  return {
    tally,
    async enrich(events) {
      if (tally.ms > budgetMs) return failAll(run, events, budgetMs);
      const start = performance.now();
      const waiting: Promise<void>[] = [];
      for (const event of events) {
        const answering = ask(run, event);
        if (answering !== undefined) waiting.push(answering);
      }
      if (waiting.length > 0) await Promise.all(waiting);
      tally.ms += performance.now() - start;
    },
  };
}

interface Run {
  readonly processor: Processor;
  readonly facts: PageToEnrich;
  readonly wanted: boolean;
  readonly tally: ProcessorTally;
}

/** A promise only when there is something to wait for: most processors answer at once, for 20,000 events a page. */
function ask(run: Run, event: EnrichedEvent): Promise<void> | undefined {
  const { processor } = run;
  try {
    if (!canRun(run, event)) return undefined;
    const attempt = new Attempt(run.facts, event);
    const answer = processor.enrich(event, attempt);
    if (isPromise(answer)) return settled(run, event, attempt, answer);
    note(run, event, answer);
  } catch (error) {
    if (isTransient(error)) return settled(run, event, new Attempt(run.facts, event), Promise.reject(error));
    fail(run, event, error);
  }
  return undefined;
}

/** Also one that is not the engine's own. */
function isPromise(answer: Noted | Promise<Noted>): answer is Promise<Noted> {
  return typeof answer === 'object' && answer !== null && typeof (answer as { then?: unknown }).then === 'function';
}

function canRun({ processor, tally }: Run, event: EnrichedEvent): boolean {
  const why = processor.dependencies === undefined ? undefined : event.unmet(processor);
  if (why === undefined && processor.canProcess(event)) return true;
  tally.skipped += 1;
  if (why !== undefined && why !== unsaid) event.fail(processor.name, 'skipped', why);
  return false;
}

/** Waits for the answer, and asks again while the error is one that may pass. */
async function settled(run: Run, event: EnrichedEvent, first: Attempt, given: Promise<Noted>): Promise<void> {
  let [attempt, answer] = [first, given];
  for (let tries = 1; ; tries++) {
    try {
      return note(run, event, await inTime(run.processor, attempt, answer));
    } catch (error) {
      if (!isTransient(error) || tries >= limits.enrichTriesMax) return fail(run, event, error);
    }
    run.tally.retried += 1;
    await pause(limits.enrichPauseMs * 2 ** (tries - 1));
    const next = new Attempt(run.facts, event);
    attempt = next;
    // In an async function, so that what it throws is an answer like any other.
    answer = (async () => run.processor.enrich(event, next))();
  }
}

/** An answer that comes late is not waited for and changes nothing. */
async function inTime(
  { timeoutMs = limits.enrichMs }: Processor,
  attempt: Attempt,
  answer: Promise<Noted>,
): Promise<Noted> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(attempt.abort(new Error(`no answer within ${timeoutMs} ms`))), timeoutMs);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function note({ processor, wanted, tally }: Run, event: EnrichedEvent, answer: Noted): void {
  if (answer !== null && answer !== undefined) {
    const text = keptText(answer, 'the result', limits.enrichResultCharsMax);
    event.note(processor.name, text, wanted ? (JSON.parse(text) as JsonObject) : undefined);
  }
  tally.processed += 1;
}

function fail({ processor, tally }: Run, event: EnrichedEvent, error: unknown): void {
  tally.failed += 1;
  event.fail(processor.name, 'error', thrownText(error, limits.enrichErrorCharsMax));
}

function failAll(run: Run, events: readonly EnrichedEvent[], budgetMs: number): void {
  for (const event of events)
    fail(run, event, new Error(`the page's ${budgetMs} ms for this processor were used up before this event`));
}

/** A module of the operator's need not import our class: it marks the error. */
function isTransient(error: unknown): boolean {
  try {
    return (
      (isEngineError(error) && error.next === 'retry') ||
      (typeof error === 'object' && error !== null && 'transient' in error && error.transient === true)
    );
  } catch {
    return false;
  }
}

/** What a processor is told with the event. A class for its signal, which hardly any processor looks at. */
class Attempt implements ProcessorContext {
  private readonly facts: PageToEnrich;
  private readonly event: EnrichableEvent & Pick<EnrichedEvent, 'results'>;
  private ending: AbortController | undefined;
  private end: Error | undefined;

  constructor(facts: PageToEnrich, event: EnrichedEvent) {
    this.facts = facts;
    this.event = event;
  }

  get source(): string {
    return this.facts.page.source;
  }

  get sourceType(): string {
    return this.facts.sourceType;
  }

  get runId(): string {
    return this.facts.runId;
  }

  get epoch(): number {
    return this.facts.page.epoch;
  }

  get page(): number {
    return this.facts.page.seq;
  }

  get fetchedAt(): Date {
    return this.facts.page.fetchedAt;
  }

  get host(): string {
    return this.facts.page.host;
  }

  get results(): Readonly<Record<string, JsonObject>> {
    return this.event.results;
  }

  get signal(): AbortSignal {
    this.ending ??= new AbortController();
    if (this.end !== undefined) this.ending.abort(this.end);
    return this.ending.signal;
  }

  abort(reason: Error): Error {
    this.end = reason;
    this.ending?.abort(reason);
    return reason;
  }
}
