// The contract of a pipeline stage, and the page on its way through the stages.
//
// Each stage is its own activity type with its own retry policy. A stage is *pure* (its output can be computed again from
// the stored page: times come from the page, never the clock) or *recorded* (its output is stored before its activity
// completes). Only persist writes events.
import { limits } from '../limits.js';
import type { EventDraft, HashedEvent, JsonObject } from './event.js';
import type { Measures } from './measure.js';
import type { Counts, PageKey, QueuedPage } from './page.js';
import type { PriorityRule } from './priority.js';
import type { StatePatch } from './source-state.js';
import type { RawRecord, Source, StreamRun } from './source.js';

/** What of a stored page the stages may know. */
export interface PageFacts extends PageKey {
  readonly fromDigest: string;
  readonly digest: string;
  readonly cursor: unknown;
  readonly statePatch: readonly StatePatch[] | null;
  /** Ingestion time of all its events. */
  readonly fetchedAt: Date;
  readonly host: string;
  /** Null for what a source gave. */
  readonly queued: QueuedPage | null;
  /** Of its records, in order; null where the source has no streams. */
  readonly streams?: readonly StreamRun[] | null;
}

export interface ValidDraft {
  readonly draft: EventDraft;
  /** Position among the events of the page. */
  readonly ordinal: number;
  readonly record: RawRecord;
  /** Number among the events of its record. */
  readonly part: number;
  /** Of the record; none where its source has none. */
  readonly stream?: string | null;
}

/** A record or event that no retry can store. */
export interface DeadEvent {
  readonly ordinal: number;
  readonly stage: string;
  readonly code: string;
  readonly error: string;
  /** All of it, where it died in an event stage: it comes back to that stage. */
  readonly event: Record<string, unknown> | null;
  /** The record, where it died in validate or hash; in persist, the event as JSON text. */
  readonly raw: Uint8Array | null;
  /** Its number among the events of its record; undefined when the record as a whole was refused. */
  readonly part?: number;
  /** Ordinal of the dead event that has the record's bytes, where `raw` is null. */
  readonly holder?: number;
  readonly context?: Record<string, unknown>;
  /** Stages it has been through. */
  readonly processed?: readonly string[];
}

/** An event deferred: it comes back to this stage at `nextAt`, with its context. */
export interface PutOffEvent {
  readonly ordinal: number;
  readonly stage: string;
  readonly event: Record<string, unknown>;
  readonly context: Record<string, unknown>;
  /** Stages it has been through. */
  readonly processed: readonly string[];
  /** Times it has been deferred, with this one. */
  readonly attempts: number;
  readonly nextAt: Date;
  readonly error: string | null;
}

/** A row of `deferred`, named by the page that deferred the event. */
export interface DeferredKey {
  readonly epoch: number;
  readonly page: number;
  readonly ordinal: number;
}

/** What an event that was deferred brings back. */
export interface Return {
  readonly attempts: number;
  readonly processed: readonly string[];
  /** The dead letter it was, if it ever was one. */
  readonly letter?: EarlierLetter | null;
}

export interface EarlierLetter {
  /** Times it has died. */
  readonly deaths: number;
  /** epoch.page.ordinal */
  readonly key: string;
}

/** Why a record is in a page of redriven ones. */
export interface RecordOrigin {
  /** The event of the record that comes back; null: all of them. */
  readonly part: number | null;
  readonly letter: EarlierLetter;
  /** Of the record; none where its source has none. */
  readonly stream?: string | null;
}

/** A page between two stages. Every event of it is in exactly one of: drafts/events, or a count or list below. */
export interface Batch {
  readonly page: PageFacts;
  readonly records: readonly RawRecord[];
  /** Beside each record, in a page of redriven ones; else empty. */
  readonly origins: readonly RecordOrigin[];
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
  /** By ordinal, for events that were deferred before. */
  readonly returned: ReadonlyMap<number, Return>;
  /** The rows its commit takes out of its queue. */
  readonly queueKeys: readonly string[];
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
    origins: [],
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
    queueKeys: [],
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
  /** Of the source's settings; without them the default ones hold. */
  readonly priorityRules?: readonly PriorityRule[] | undefined;
  /** Of the run, by now; undefined where nobody knows. */
  readonly workedMs?: number | undefined;
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

/** Applies a stage's answers, one per event of the batch in order: the rest goes on, what is deferred or removed is counted. */
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
  return {
    ...batch,
    events,
    contexts,
    removed: batch.removed + removed,
    deferred: [...batch.deferred, ...deferred],
    dead: [...batch.dead, ...dead],
  };
}

/** Times a stage has put the event off, with this one. */
function attemptsOf({ returned }: Batch, { ordinal }: HashedEvent): number {
  return (returned.get(ordinal)?.attempts ?? 0) + 1;
}

type Defer = Extract<SettledAnswer, { kind: 'defer' }>;

function putOff(batch: Batch, event: HashedEvent, stage: string, answer: Defer): PutOffEvent {
  return {
    ...keptWith(batch, event, stage, answer),
    attempts: attemptsOf(batch, event),
    nextAt: answer.nextAt,
    error: answer.error ?? null,
  };
}

function givenUp(batch: Batch, event: HashedEvent, stage: string, answer: Defer): DeadEvent {
  const why = `deferred ${attemptsOf(batch, event)} times, the last time for: ${answer.error ?? 'no reason given'}`;
  return {
    ...keptWith(batch, event, stage, answer),
    code: 'put_off_too_often',
    error: why,
    raw: event.raw ?? Buffer.from(event.dataText),
  };
}

/** What the stage needs to take the event back. */
function keptWith(batch: Batch, event: HashedEvent, stage: string, answer: Defer) {
  const { ordinal } = event;
  return {
    ordinal,
    stage,
    event: jsonOfEvent(event, batch.enrichment.get(ordinal) ?? null),
    context: answer.context ?? batch.contexts.get(ordinal) ?? {},
    processed: [...(batch.returned.get(ordinal)?.processed ?? []), ...batch.processed],
  };
}

/** An event as JSON holds it, its bytes in base64. */
export function jsonOfEvent(event: HashedEvent, enrichment: string | null): Record<string, unknown> {
  const { ordinal: _, raw, ...rest } = event;
  return { ...rest, raw: raw === null ? null : Buffer.from(raw).toString('base64'), enrichment };
}
