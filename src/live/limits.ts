// Bounds of the live stream, each with its unit and reason. A reader has one batch in memory, and behind the window what one read gave.

const KIB = 1024;
const MIB = 1024 * KIB;

export const liveLimits = {
  /** Events of a batch, and bytes of them: what is held for a reader that does not read. Larger than the largest event. */
  feedBatchEvents: 100,
  feedBatchBytes: 256 * KIB,
  /** Events of one read behind the window: it walks over the page, 20 ms for 20,000 events. */
  feedPastEvents: 500,
  /** Such reads at once, over all readers of a process: each takes a session for milliseconds. */
  feedPastReads: 2,
  /** One read at the head. */
  feedReadEvents: 1_000,
  feedReadBytes: MIB,
  /** What readers that keep up share: half of the largest page. Whoever falls behind it reads and writes each event for itself. */
  feedWindowEvents: 10_000,
  feedWindowBytes: 8 * MIB,
  /** Commits looked at in one read; most have many events. */
  feedCommitsMax: 500,
  /** The reading at the head waits so long for readers that would fall behind the window with the next batch. */
  feedPaceMs: 500,
  /** A look without a word: where words do not come (a pooler), events are late by as much. */
  feedLookMs: 250,
  /** After a failed read, and before the next try to listen. */
  feedPauseMs: 1_000,
  feedListenAgainMs: 1_000,
  /** Data and enrichment of one event as clients get them; the rest of the event is bounded by itself. */
  streamDataBytesMax: 64 * KIB,
  streamEnrichmentBytesMax: 16 * KIB,
  /** Clients of one process (requirement D6). */
  streamClientsMax: 50,
  /** What they wait before they come back, with the stream lost and with no place. */
  streamRetryMs: 2_000,
  streamBusySeconds: 5,
  /** Silence after which a client hears that the stream is there: under the 30 s and more after which proxies close one. */
  streamHeartbeatMs: 15_000,
  /** A client that takes nothing for so long is dropped; then it may still take what was written for it. */
  streamStallMs: 10_000,
  streamGoodbyeMs: 5_000,
} as const;
