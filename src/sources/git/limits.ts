// Every bound of the git source, with its unit and its reason; those of all sources are in src/limits.ts.

const KIB = 1_024;
const MIB = 1_024 * KIB;

export const gitLimits = {
  /** Bytes of a commit object kept in a record; as JSON text, in the worst escaping, it must stay under eventDataBytesMax. */
  commitBytesMax: 512 * KIB,
  /** Bytes of one commit's diff in one record; a longer diff is read in parts. With the commit it stays under recordBytesMax. */
  diffBytesMax: 2 * MIB,
  /** Changed files in one part of a long diff: half a page of events. */
  partFiles: 10_000,
  /** Commits in one chunk: a stopped reader repeats at most these. */
  chunkCommits: 256,
  /** Diff processes per reader: line counts are the cost (1 ms a commit of git.git), and the worker needs a core too. */
  diffProcesses: 2,
  /** Commits sent to one diff process before the next gets its turn; with larger turns the others wait, with smaller ones they share no blobs. */
  turnCommits: 32,
  /** Commits asked for ahead of the one being read; a multiple of the turns of all processes. */
  aheadCommits: 512,
  /** Bytes read ahead of each git process before it is made to wait. */
  aheadBytes: 2 * MIB,
  /** Refs followed; their tips are rows of source_state. */
  refsMax: 100_000,
  refGlobsMax: 50,
  /** A ref name as part of a key; Postgres refuses index rows above 2,704 bytes, and a character may be three. */
  refKeyCharsMax: 700,
  /** Rows of source_state in one chunk: as many as records of refs fit. */
  chunkRowsMax: 5_000,
  /** Commits that one rewrite lists on either side, and compares by their patches (about 5 ms each); their number is always told. */
  rewriteCommitsMax: 1_000,
  /** Rewrites of one walk that are looked into, up to a second each; when a tool rewrote every branch, the rest is told without. */
  rewritesDescribed: 100,
  /** Patch bytes of either side of a rewrite that are compared: some seconds of git. */
  patchIdBytesMax: 64 * MIB,
  /** Files compared for inexact renames in one commit; git's own default since 2.34, fixed here so that it never moves. */
  renameFilesMax: 1_000,
  renamePercent: 50,
  /** Parents of a merge that is compared with all of them: git holds as many trees at once, and 10,000 of 100,000 entries took 16 GB. Linux has 66. */
  parentsMax: 100,
  /** Path globs in each of include and exclude; every changed path is held against all of them. */
  pathGlobsMax: 100,
  pathGlobCharsMax: 1_000,
  /** Bytes kept of one file's patch: what people read; 1 to 7 of a thousand changes in git.git have more. */
  patchFileBytesMax: 64 * KIB,
  /** Bytes of patches kept of one commit; with its message and its list of changes it stays under recordBytesMax. */
  patchCommitBytesMax: MIB,
  /** Symbols of one changed file; a new file may declare thousands. */
  symbolsMax: 100,
  /** Collected output of one short git command: 1,000,000 refs of 60 bytes. */
  outputBytesMax: 64 * MIB,
  /** The end of a process's error output is what says why it failed. */
  errorBytesMax: 4 * KIB,
  /** Packs of a mirror before small ones are merged: a look stats each, 2 µs a file. */
  packsMax: 50,
  trailersMax: 100,
  trailerCharsMax: 1_000,
  /** A git server that sends less than 1,000 bytes a second for this long has stalled. */
  stallSeconds: 60,
  connectSeconds: 15,
} as const;
