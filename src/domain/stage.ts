// The contract of a pipeline stage, and the page on its way through the stages.
//
// Each stage is its own activity type with its own retry policy. A stage is *pure* (its output can be computed again from
// the stored page: times come from the page, never the clock) or *recorded* (its output is stored before its activity
// completes). Only persist writes events.
import { limits } from '../limits.js';
import type { EventDraft, HashedEvent, JsonObject } from './event.js';
import type { Measures } from './measure.js';
import type { Counts, PageKey } from './page.js';
import type { RawRecord, Source, StatePatch } from './source.js';

/** What of a stored page the stages may know. */
export interface PageFacts extends PageKey {
  readonly fromDigest: string;
  readonly digest: string;
  readonly cursor: unknown;
  readonly statePatch: readonly StatePatch[] | null;
  /** Ingestion time of all its events. */
  readonly fetchedAt: Date;
  readonly host: string;
  /** The stage its events go on from, for a page of deferred events; null for what a source gave. */
  readonly resumeStage: string | null;
}

export interface ValidDraft {
  readonly draft: EventDraft;
  /** Position among the events of the page. */
  readonly ordinal: number;
  readonly record: RawRecord;
  /** Number among the events of its record. */
  readonly part: number;
}

/** A record or event that no retry can store. */
export interface DeadEvent {
  readonly ordinal: number;
  readonly stage: string;
  readonly code: string;
  readonly error: string;
  readonly event: Record<string, unknown> | null;
  readonly raw: Uint8Array | null;
}

/** An event put off: it comes back to this stage at `nextAt`, with its context. */
export interface PutOffEvent {
  readonly ordinal: number;
  readonly stage: string;
  readonly event: Record<string, unknown>;
  readonly context: Record<string, unknown>;
  /** Stages it has been through. */
  readonly processed: readonly string[];
  /** Times it has been put off, with this one. */
  readonly attempts: number;
  readonly nextAt: Date;
  readonly error: string | null;
}

/** A row of `deferred`, named by the page that put the event off. */
export interface DeferredKey {
  readonly epoch: number;
  readonly page: number;
  readonly ordinal: number;
}

/** What an event that was put off brings back. */
export interface Return {
  readonly attempts: number;
  readonly processed: readonly string[];
}

/** A page between two stages. Every event of it is in exactly one of: drafts/events, or a count or list below. */
export interface Batch {
  readonly page: PageFacts;
  readonly records: readonly RawRecord[];
  readonly drafts: readonly ValidDraft[];
  readonly events: readonly HashedEvent[];
  /** JSON text by ordinal, for events that have any. */
  readonly enrichment: ReadonlyMap<number, string>;
  readonly duplicate: number;
  readonly existing: number;
  readonly skippedKeys: readonly string[];
  readonly suppressed: number;
  readonly removed: number;
  readonly deferred: readonly PutOffEvent[];
  readonly dead: readonly DeadEvent[];
  /** What event stages noted, by ordinal. */
  readonly contexts: ReadonlyMap<number, JsonObject>;
  /** By ordinal, for events that were put off before. */
  readonly returned: ReadonlyMap<number, Return>;
  /** The rows of `deferred` this page takes back. */
  readonly redriven: readonly DeferredKey[];
  /** Names of the stages it has been through. */
  readonly processed: readonly string[];
  /** True when answers of it are in `stage_outputs`. */
  readonly recorded: boolean;
  /** Worker time spent on the page so far. */
  readonly processingMs: number;
  /** What each stage did so far. */
  readonly measures: Measures;
  /** What the stage just run counted of its own; it becomes part of its measure. */
  readonly counted?: JsonObject;
}

export function newBatch(page: PageFacts, records: readonly RawRecord[]): Batch {
  return {
    page,
    records,
    drafts: [],
    events: [],
    enrichment: new Map(),
    duplicate: 0,
    existing: 0,
    skippedKeys: [],
    suppressed: 0,
    removed: 0,
    deferred: [],
    dead: [],
    contexts: new Map(),
    returned: new Map(),
    redriven: [],
    processed: [],
    recorded: false,
    processingMs: 0,
    measures: {},
  };
}

export interface StageContext {
  readonly source: Source;
  readonly options: unknown;
  readonly runId: string;
  /** Aborted when nobody waits for the stage any more: its activity was cancelled, or the worker goes. */
  readonly cancelled?: AbortSignal;
}

export interface Stage {
  readonly name: string;
  readonly kind: 'pure' | 'recorded';
  run(batch: Batch, context: StageContext): Promise<Batch> | Batch;
}

/** Persist ends the pipeline: it gives counts, not a batch. */
export interface FinalStage {
  readonly name: 'persist';
  run(batch: Batch, context: StageContext): Promise<Counts>;
}

/**
 * A stage's answer for one event (requirement E3), as it is recorded: `context` is the whole map after the stage. Of
 * several answers remove wins over defer, and defer over advance; so an answer is one of them.
 */
export type SettledAnswer =
  | { readonly kind: 'advance'; readonly context?: JsonObject }
  | { readonly kind: 'remove' }
  | { readonly kind: 'defer'; readonly nextAt: Date; readonly context?: JsonObject; readonly error?: string };

/** Applies a stage's answers, one per event of the batch in order: the rest goes on, what is put off or removed is counted. */
export function settle(batch: Batch, stage: string, answers: readonly SettledAnswer[]): Batch {
  const events: HashedEvent[] = [];
  const contexts = new Map(batch.contexts);
  const deferred: PutOffEvent[] = [];
  const dead: DeadEvent[] = [];
  let removed = 0;
  batch.events.forEach((event, at) => {
    const answer = answers[at] ?? { kind: 'advance' };
    if (answer.kind === 'remove') removed += 1;
    else if (answer.kind === 'advance') {
      events.push(event);
      if (answer.context !== undefined) contexts.set(event.ordinal, answer.context);
    } else if (attemptsOf(batch, event) >= limits.deferredAttemptsMax) dead.push(givenUp(batch, event, stage, answer));
    else deferred.push(putOff(batch, event, stage, answer));
  });
  return { ...batch, events, contexts, removed: batch.removed + removed, deferred: [...batch.deferred, ...deferred], dead: [...batch.dead, ...dead] };
}

/** Times a stage has put the event off, with this one. */
function attemptsOf({ returned }: Batch, { ordinal }: HashedEvent): number {
  return (returned.get(ordinal)?.attempts ?? 0) + 1;
}

type Defer = Extract<SettledAnswer, { kind: 'defer' }>;

function putOff(batch: Batch, event: HashedEvent, stage: string, answer: Defer): PutOffEvent {
  const { ordinal, raw, ...rest } = event;
  const enrichment = batch.enrichment.get(ordinal) ?? null;
  return {
    ordinal,
    stage,
    event: { ...rest, raw: raw === null ? null : Buffer.from(raw).toString('base64'), enrichment },
    context: answer.context ?? batch.contexts.get(ordinal) ?? {},
    processed: [...(batch.returned.get(ordinal)?.processed ?? []), ...batch.processed],
    attempts: attemptsOf(batch, event),
    nextAt: answer.nextAt,
    error: answer.error ?? null,
  };
}

function givenUp(batch: Batch, event: HashedEvent, stage: string, { error }: Defer): DeadEvent {
  const { ordinal, id, type, subject, time, raw, dataText } = event;
  const why = `put off ${attemptsOf(batch, event)} times, the last time for: ${error ?? 'no reason given'}`;
  return { ordinal, stage, code: 'put_off_too_often', error: why, event: { id, type, subject, time }, raw: raw ?? Buffer.from(dataText) };
}
