// The package as others import it: what a source, a stage or a processor of one's own is made of. Light: no Temporal, no
// Postgres. docs/adding-a-source.md shows it at work.
export { z } from 'zod';
export type { Deletions } from './domain/deletions.js';
export type { CodeFields, EventFacts, EventFilters, EventType, EventView, ViewColumn } from './domain/catalogue.js';
export {
  EngineError,
  Fenced,
  InvalidInput,
  isEngineError,
  NeedsAttention,
  Transient,
  WaitUntil,
} from './domain/errors.js';
export { defineStage, type Answer, type EventStage, type StagedEvent } from './domain/event-stage.js';
export {
  priorities,
  type EventDraft,
  type Identity,
  type Json,
  type JsonObject,
  type Priority,
} from './domain/event.js';
export {
  defineProcessor,
  type EnrichableEvent,
  type Noted,
  type Processor,
  type ProcessorContext,
} from './domain/processor.js';
export { sourceIdFrom } from './domain/source-id.js';
export {
  defineSource,
  isRecordRejected,
  RecordRejected,
  type Chunk,
  type Mapping,
  type Prepared,
  type Problem,
  type RawRecord,
  type Source,
  type SourceContext,
  type SourceState,
  type StatePatch,
} from './domain/source.js';
export { defineStreams, type StreamChunk, type StreamContext, type StreamsDefinition } from './sources/streams.js';
