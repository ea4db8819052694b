// Every bound of the engine, with its unit and the reason for the number. Imports nothing.

const KIB = 1024;
const MIB = 1024 * KIB;

export const limits = {
  // Pages. A page costs about 150 ms of worker and server CPU in activities whatever its size, so it is large (design §4.11).
  /** Events in one page, after mapping. */
  pageEventsMax: 20_000,
  /** Raw bytes in one page, before compression. */
  pageBytesMax: 8 * MIB,
  /** Time spent fetching one page before it is closed with what it has, so that a slow source still checkpoints. */
  pageFetchMs: 1_000,
  /** Pages fetched but not committed, per run: 3 × 8 MiB stays under the 24 MiB raw in flight of design §4.11. */
  pagesInFlightMax: 4,
  /** Raw bytes of pages in flight, per run. */
  rawInFlightBytesMax: 24 * MIB,
  /** One raw record; a source keeps its records below it. */
  recordBytesMax: 4 * MIB,
  /** Raw bytes a source yields in one chunk; a page is made of whole chunks. */
  chunkBytesMax: MIB,
  /** Decoded pages kept in the worker between stages; a miss reads the stored page again. */
  pageCacheEntries: 16,
  /** Open readers (a git process, an open file) kept between pages, over all sources of the worker. */
  readersMax: 8,
  /** A reader nobody asked for this long is closed. */
  readerIdleMs: 60_000,

  // Events.
  /** Canonical JSON of one event's data. Above it the event is a dead letter, not a blocked page. */
  eventDataBytesMax: 4 * MIB,
  /** CloudEvents id; Postgres refuses index rows above 2,704 bytes and the primary key holds source and id. */
  eventIdCharsMax: 1_024,
  eventTypeCharsMax: 200,
  eventSubjectCharsMax: 4_096,
  /** Nesting of data: V8 and jsonb overflow between 5,000 and 10,000, no honest event comes near 100. */
  eventDepthMax: 100,

  // Event stages.
  /** Stages named in one input. */
  stagesMax: 50,
  /** JSON of one event's context: it is written after every stage. */
  eventContextCharsMax: 64 * KIB,
  /** A stage that has not answered for an event by then is told so and the event put off; the others go on. */
  eventAnswerMs: 60_000,
  /** Answers written in one statement, and how long an answer may wait for it: what a killed worker asks for again. */
  answersPerWrite: 1_000,
  answerWaitMs: 250,

  // Sources.
  sourceIdCharsMax: 120,
  /** Any one string in a source's options. */
  optionCharsMax: 4_096,
  /** JSON of the workflow's argument; no payload of ours passes 16 KiB. */
  inputBytesMax: 16 * KIB,
  /** JSON of a cursor. Larger state belongs in source_state rows. */
  cursorBytesMax: 16 * KIB,

  // Deduplication.
  /** Hashes remembered per worker (requirement P2). */
  recentHashesMax: 5_000,

  // Workflow history: the server suggests continue-as-new at 4,096 events and 4 MiB; stop fetching well before.
  historyEventsMax: 3_000,
  historyBytesMax: 2.5 * MIB,
  /** Search attributes are written at most this often; each upsert is a history event. */
  searchAttributeEveryMs: 10_000,
  /** Pages fetched ahead of the server's suggested history size are impossible: 9 activities × 3 events + tasks. */
  pageHistoryEventsMax: 60,

  // Failures.
  /** Attempts of an activity that make no progress before the source needs attention: about ten minutes of an outage. */
  attemptsWithoutProgressMax: 30,
  /** An error's text as it is stored and shown; Temporal truncates at 4 KiB. */
  errorCharsMax: 2_000,
  /** Attempts of a deferred event before it is a dead letter (design §4.5). */
  deferredAttemptsMax: 10,
  /** The pause after a failed attempt, four times as long after each, up to an hour: ten attempts span three hours. */
  deferredPauseMs: 1_000,
  deferredPauseMsMax: 3_600_000,

  // Postgres.
  /** Statement and idle-in-transaction timeouts: below start-to-close, so a killed peer costs under 30 s. */
  statementTimeoutMs: 10_000,
  poolConnectionsMax: 10,
  connectTimeoutMs: 5_000,
  /** Raw pages are kept this long after their commit. */
  rawRetentionDays: 7,
  /** Monthly partitions of events made ahead of time. */
  partitionMonthsAhead: 2,
  /** Rows removed in one retention statement. */
  retentionBatchRows: 500,
  /** Numbers commits that a dead committer left unnumbered. */
  commitSweepMs: 1_000,
  /** NOTIFY is sent at most this often; inside data transactions it cost 35–41 % of commits. */
  notifyEveryMs: 5,

  // Git.
  /** Bytes of a commit object kept in a record; as JSON text, in the worst escaping, it must stay under eventDataBytesMax. */
  gitCommitBytesMax: 512 * KIB,
  /** Bytes of one commit's diff in one record; a longer diff is read in parts. With the commit it stays under recordBytesMax. */
  gitDiffBytesMax: 2 * MIB,
  /** Changed files in one part of a long diff: half a page of events. */
  gitPartFiles: 10_000,
  /** Commits in one chunk: a stopped reader repeats at most these. */
  gitChunkCommits: 256,
  /** Diff processes per reader: line counts are the cost (1 ms a commit of git.git), and the worker needs a core too. */
  gitDiffProcesses: 2,
  /** Commits sent to one diff process before the next gets its turn; with larger turns the others wait, with smaller ones they share no blobs. */
  gitTurnCommits: 32,
  /** Commits asked for ahead of the one being read; a multiple of the turns of all processes. */
  gitAheadCommits: 512,
  /** Bytes read ahead of each git process before it is made to wait. */
  gitAheadBytes: 2 * MIB,
  /** Refs followed; their tips are rows of source_state. */
  gitRefsMax: 100_000,
  gitRefGlobsMax: 50,
  /** Files compared for inexact renames in one commit; git's own default since 2.34, fixed here so that it never moves. */
  gitRenameFilesMax: 1_000,
  gitRenamePercent: 50,
  /** Parents of a merge that is compared with all of them: git holds as many trees at once, and 10,000 of 100,000 entries took 16 GB. Linux has 66. */
  gitParentsMax: 100,
  /** Path globs in each of include and exclude; every changed path is held against all of them. */
  gitPathGlobsMax: 100,
  gitPathGlobCharsMax: 1_000,
  /** Bytes kept of one file's patch: what people read; 1 to 7 of a thousand changes in git.git have more. */
  gitPatchFileBytesMax: 64 * KIB,
  /** Bytes of patches kept of one commit; with its message and its list of changes it stays under recordBytesMax. */
  gitPatchCommitBytesMax: MIB,
  /** Symbols of one changed file; a new file may declare thousands. */
  gitSymbolsMax: 100,
  /** Collected output of one short git command: 1,000,000 refs of 60 bytes. */
  gitOutputBytesMax: 64 * MIB,
  /** The end of a process's error output is what says why it failed. */
  gitErrorBytesMax: 4 * KIB,
  gitTrailersMax: 100,
  gitTrailerCharsMax: 1_000,
  /** A git server that sends less than 1,000 bytes a second for this long has stalled. */
  gitStallSeconds: 60,
  gitConnectSeconds: 15,
} as const;
