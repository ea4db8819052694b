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
  /** Open readers (a git process, an open file) kept between pages, over all sources of the worker. */
  readersMax: 32,
  /** A reader nobody asked for this long is closed. */
  readerIdleMs: 60_000,

  // Events.
  /** Canonical JSON of one event's data. Above it the event is a dead letter, not a blocked page. */
  eventDataBytesMax: 4 * MIB,
  /** An event's id, a key of state. Postgres refuses index rows above 2,704 bytes; source, time and a hash go with it. */
  keyBytesMax: 2_400,
  eventTypeCharsMax: 200,
  eventSubjectCharsMax: 4_096,
  /** Nesting of data: V8 and jsonb overflow between 5,000 and 10,000, no honest event comes near 100. */
  eventDepthMax: 100,

  // Event stages.
  /** Stages named in one input. */
  stagesMax: 50,
  /** JSON of one event's context: it is written after every stage. */
  eventContextCharsMax: 64 * KIB,
  /** A stage that has not answered for an event by then is told so and the event deferred; the others go on. */
  eventAnswerMs: 60_000,
  /** Answers written in one statement, and how long an answer may wait for it: what a killed worker asks for again. */
  answersPerWrite: 1_000,
  answerWaitMs: 250,

  // Enrichment.
  /** Processors of a worker; each looks at every event. */
  processorsMax: 50,
  /** An answer of a processor that is a promise; what it waits for is on this machine. */
  enrichMs: 1_000,
  enrichMsMax: 10_000,
  /** Attempts at an event while the error is one that may pass, and the pause after the first, doubled after each. */
  enrichTriesMax: 3,
  enrichPauseMs: 50,
  /** All processors on one page: half of the activity's minute, so that one that hangs costs its results and not the page. */
  enrichPageMs: 30_000,
  /** JSON of one processor's result; it is stored with each event. */
  enrichResultCharsMax: 16 * KIB,
  /** A failure is stored with each event it strikes. */
  enrichErrorCharsMax: 200,

  // Embeddings.
  /** Text of one event: the usual 8,192 tokens of a model, at one character a token in the worst of languages. */
  embedTextCharsMax: 8_000,
  /** Texts and characters in one call: the smallest bound of a common server (32 texts), and a tenth of OpenAI's tokens. */
  embedBatchTexts: 32,
  embedBatchCharsMax: 64_000,
  /** Calls at once, over all pages of a worker. */
  embedCallsMax: 4,
  /** 32 vectors of 16,000 numbers, each 22 characters, and as much again. */
  embedAnswerBytesMax: 24 * MIB,
  /** pgvector stores no longer ones. */
  embedDimensionsMax: 16_000,
  /** One call, from connecting to its last byte: 32 texts take a small machine three seconds. */
  embedCallMs: 15_000,
  /** All tries of one batch: a page waits no longer for an endpoint that fails. */
  embedPatienceMs: 30_000,
  embedTriesMax: 3,
  /** The pause after a failed try, four times as long after each. */
  embedPauseMs: 500,
  /** After that nobody asks the endpoint for a while, twice as long after each failure: it costs a fleeting page half its time at first. */
  embedRestMs: 30_000,
  embedRestMsMax: 600_000,
  /** A Retry-After is heeded up to this. */
  embedWaitMsMax: 3_600_000,
  /** A secret in a file. */
  secretBytesMax: 16 * KIB,

  // Sources.
  sourceIdCharsMax: 120,
  /** Any one string in a source's options. */
  optionCharsMax: 4_096,
  /** JSON of the workflow's argument; no payload of ours passes 16 KiB. */
  inputBytesMax: 16 * KIB,
  /** tributary.yaml: some thousands of sources; YAML of this size is read in a third of a second. */
  configFileBytesMax: MIB,
  /** Aliases in it, also those that an alias brings with it: ten lines of ten each are a thousand million. */
  configFileAliasesMax: 100,
  /** JSON of a cursor. Larger state belongs in source_state rows. */
  cursorBytesMax: 16 * KIB,

  /** A followed source is looked at this often where nobody says otherwise. */
  pollIntervalMs: 60_000,
  /** Each look costs two activities, about 50 ms of CPU. */
  pollIntervalMsMin: 100,
  pollIntervalMsMax: 7 * 24 * 3_600_000,
  /** More often than this is following: a start costs a workflow, a look costs two activities. */
  scheduleEveryMsMin: 1_000,
  /** Who writes more has mistaken the unit. */
  scheduleEveryMsMax: 366 * 24 * 3_600_000,
  /** Any age or time to come that a person types: beyond it a moment leaves what Postgres and calendars have. */
  spanMsMax: 36_500 * 24 * 3_600_000,
  /** Ticks missed for longer than this are not made up for. Temporal's default is a year. */
  scheduleCatchupMs: 3_600_000,

  // The door: events that programs give.
  /** Events in one call, one transaction: half a page, half a second. */
  doorEventsMax: 10_000,
  /** Bytes of them: as much as pages in flight of one run. */
  doorBytesMax: 16 * MIB,
  /** What the workers are set up with is asked again after this long; they say every five seconds that they are there. */
  doorWorkersMs: 5_000,

  // Deduplication.
  /** Hashes remembered per worker (requirement P2). */
  recentHashesMax: 5_000,

  // Workflow history: the server suggests continue-as-new at 4,096 events and 4 MiB; stop fetching well before.
  historyEventsMax: 3_000,
  historyBytesMax: 2.5 * MIB,
  /** What stands beside a workflow, an activity or a timer in the Temporal UI. The server takes 400 bytes and fails the task above it. */
  summaryCharsMax: 100,
  /** Milliseconds for the try of closing beside the workflow task: it takes 10, and must end well within the task's 10 s. */
  closeBesideMs: 4_000,
  /** Search attributes are written at most this often; each upsert is a history event. */
  searchAttributeEveryMs: 10_000,
  /** Pages fetched ahead of the server's suggested history size are impossible: 9 activities × 3 events + tasks. */
  pageHistoryEventsMax: 60,

  // Failures.
  /** Attempts of an activity that make no progress before the source needs attention: about ten minutes of an outage. */
  attemptsWithoutProgressMax: 30,
  /** Events stored incomplete that one look asks for, tells and tries to read again: some milliseconds each. */
  incompleteMax: 1_000,
  /** An error's text as it is stored and shown; Temporal truncates at 4 KiB. */
  errorCharsMax: 2_000,
  /** Attempts of a deferred event before it is a dead letter (design §4.5). */
  deferredAttemptsMax: 10,
  /** The pause after a failed attempt, four times as long after each, up to an hour: ten attempts span three hours. */
  deferredPauseMs: 1_000,
  deferredPauseMsMax: 3_600_000,

  /** Bytes of an event, a context or a record shown at once; all of it is a word away. */
  shownBytesMax: 4_000,
  /** Keys of dead letters in one command line. */
  letterKeysMax: 1_000,
  /** Why a person decided so. */
  reasonCharsMax: 500,
  /** Dead letters decided in one transaction: it holds the source's lock, for about 100 ms. */
  letterBatchRows: 1_000,

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

  // Searching events.
  /** Indexes made from catalogues: each costs 0.2 µs of every insert of any event, 5 µs together, a tenth of an insert. */
  eventIndexesMax: 24,
  /** A lock that keeps writers waiting is not waited for longer: they have it back before their own bound. */
  indexLockMs: 3_000,
  /** Events looked at, newest first, before matches are taken for rare: 5 to 15 ms, also where checking one means looking up another. */
  searchWalkRows: 3_000,
  searchWalkCostlyRows: 1_000,
  /** Counted one by one, 0.2 s; above it types and priorities are told from a sample of this many. */
  statisticsCountedEvents: 200_000,
  statisticsSampleEvents: 100_000,
  statisticsDaysMax: 3_650,
  /** Runs listed, the latest first. */
  statisticsRuns: 20,
  /** Words people type; a longer text is a mistake. */
  searchTextCharsMax: 1_000,
  /** A pattern with wildcards; a plain path may be as long as an option. */
  searchPathCharsMax: 500,
  /** A question of `doctor` or of a shell's completion; who waits longer than this has left. */
  quickAnswerMs: 3_000,
  /** Free disk under which `doctor` warns (Postgres keeps up to 1 GiB of log) or fails. */
  diskBytesRoomy: 10_240 * MIB,
  diskBytesMin: 1_024 * MIB,

  /** Lines of one log shown at once; the file itself has all. */
  logLinesMax: 10_000,

  // The commit hook.
  /** A hook of somebody else's is read up to this size, to see whose it is. */
  hookBytesMax: MIB,
  /** One question to git about where its hooks are: milliseconds, unless a network file system is away. */
  hookGitMs: 10_000,
  /** The hook's log; the one before it is kept, so it takes twice this. */
  hookLogBytesMax: 64 * KIB,
  /** The hook's signal takes a second; one that a server never answers is given up. */
  nudgeMs: 60_000,
  /** With --start: as long as a stack may take that has to build its Temporal first. */
  nudgeStartMs: 25 * 60_000,
  /** A lock this old was left by a killed process whose number another has now. Longer than nudgeMs. */
  hookLockMinutes: 5,
} as const;
