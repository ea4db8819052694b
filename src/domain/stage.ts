// The contract of a pipeline stage, and the page on its way through the stages.
//
// Each stage is its own activity type with its own retry policy. A stage is *pure* (its output can be computed again from
// the stored page: times come from the page, never the clock) or *recorded* (its output is stored before its activity
// completes). Only persist writes events.
import type { EventDraft, HashedEvent, JsonObject } from './event.js';
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
  readonly nextAt: Date;
  readonly error: string | null;
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
  /** Worker time spent on the page so far. */
  readonly processingMs: number;
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
    processingMs: 0,
  };
}

export interface StageContext {
  readonly source: Source;
  readonly options: unknown;
  readonly runId: string;
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

/** A stage's answer for one event (requirement E3). Remove wins over defer, defer over advance. */
export type Answer =
  | { readonly kind: 'advance' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'defer'; readonly nextAt: Date; readonly context?: JsonObject; readonly error?: string };

/** Applies a stage's answers, one per event of the batch in order: the rest goes on, what is put off or removed is counted. */
export function settle(batch: Batch, stage: string, answers: readonly Answer[]): Batch {
  const events: HashedEvent[] = [];
  const deferred: PutOffEvent[] = [];
  let removed = 0;
  batch.events.forEach((event, at) => {
    const answer = answers[at] ?? { kind: 'advance' };
    if (answer.kind === 'advance') events.push(event);
    else if (answer.kind === 'remove') removed += 1;
    else deferred.push(putOff(event, stage, answer));
  });
  return { ...batch, events, removed: batch.removed + removed, deferred: [...batch.deferred, ...deferred] };
}

function putOff(event: HashedEvent, stage: string, answer: Extract<Answer, { kind: 'defer' }>): PutOffEvent {
  const { raw, ...rest } = event;
  return {
    ordinal: event.ordinal,
    stage,
    event: { ...rest, raw: raw === null ? null : Buffer.from(raw).toString('base64') },
    context: answer.context ?? {},
    nextAt: answer.nextAt,
    error: answer.error ?? null,
  };
}
