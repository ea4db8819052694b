// The package as others import it: a client and a worker for programs, and what a source, a stage or a processor of one's own
// is made of. Light: Temporal and Postgres are loaded by `connect` and `startWorker` when they are called.
export { z } from 'zod';
export { connect, type ConnectOptions, type Tributary } from './clients/library/connect.js';
export type { EventListing, EventPage, EventQuery } from './clients/library/event-listing.js';
export type { Paused, PauseRequest, Resumed } from './clients/library/pausing.js';
export type {
  GivenCloudEvent,
  GivenEvent,
  Recorded,
  RecordOptions,
  RecordVerdict,
} from './clients/library/recording.js';
export type { ResultOptions, RunningSync, SourceToSync, SyncSettings } from './clients/library/running-sync.js';
export type { SourceStatus, Status, WorkerStatus } from './clients/library/status.js';
export type { Deletions, SecondLook } from './domain/deletions.js';
export type { CodeFields, EventFacts, EventFilters, EventType, EventView, ViewColumn } from './domain/catalogue.js';
export {
  EngineError,
  type AnyEngineError,
  Fenced,
  InvalidInput,
  isEngineError,
  NeedsAttention,
  Transient,
  WaitUntil,
} from './domain/errors.js';
export type { Course } from './domain/course.js';
export { defineStage, type Answer, type EventStage, type StagedEvent } from './domain/event-stage.js';
export {
  priorities,
  type EventDraft,
  type Identity,
  type VersionedIdentity,
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
export type { PipedRecord, PipedRecords } from './domain/piped.js';
export { sourceIdFrom } from './domain/source-id.js';
export type { Audited, Covered } from './domain/audit.js';
export type { SourceState, StatePatch, StateRange, StateRow } from './domain/source-state.js';
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
  type ToldProblem,
} from './domain/source.js';
export { defineStreams, type StreamChunk, type StreamContext, type StreamsDefinition } from './sources/streams.js';
export type { Changed } from './domain/source-revision.js';
export type { Pause } from './domain/pause.js';
export type { SyncOutcome, SyncResult } from './domain/sync-result.js';
export type { Counts } from './domain/page.js';
export type { StreamsStanding, ToldStream } from './domain/streams.js';
export type { SyncState } from './domain/sync-state.js';
export type { VersionOrder } from './domain/version-order.js';
export type { Wait } from './domain/wait.js';
export type { Places } from './places.js';
export type { CloudEvent } from './queries/cloud-event.js';
export { startWorker, type RunningWorker, type StartWorkerOptions } from './workers/own-worker.js';
export type { Progress } from './workflows/messages.js';
