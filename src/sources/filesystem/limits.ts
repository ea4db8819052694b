// Every bound of the filesystem source, with its unit and its reason; those of all sources are in src/limits.ts.

const KIB = 1_024;
const MIB = 1_024 * KIB;
const GIB = 1_024 * MIB;

export const treeLimits = {
  /** Bytes of a path as a key of state: longer keys are rows of another order (domain/bounded-key.ts), and the walk is merged with them in order. */
  pathBytesMax: 2_396,
  /** Entries in one message from the thread that walks: 100 messages for 100,000 files, 150 KiB each. */
  walkBatch: 1_000,
  /** Events in one chunk: what a stopped reader repeats. */
  chunkEvents: 256,
  /** Quiet changes of rows in one chunk: a copied tree has new inodes and nothing to tell. */
  chunkRows: 2_000,
  /** Bytes of files read before their events are given, unless one file has more: a second or two of a slow disk. */
  readBatchBytes: 64 * MIB,
  /** Bytes read at once. */
  readBytes: MIB,
  /** A file above the default is told without its hash: at 100 MB a second it takes ten seconds, and a fetch has five minutes. */
  hashBytesDefault: GIB,
  hashBytesMax: 16 * GIB,
  /** As JSON text, in the worst escaping (six bytes for one), they stay under limits.recordBytesMax. */
  contentBytesMax: 512 * KIB,
  contentBytesDefault: 64 * KIB,
  /** A .gitignore that is longer is no list a person wrote. */
  ignoreFileBytesMax: MIB,
  ignorePatternsMax: 10_000,
  /** A symbolic link's target as the kernel holds it. */
  targetBytesMax: 4_096,
  /** Parts of the tree that cannot be read and are told by name; their number is always told. */
  problemsTold: 100,
  /** Inodes of new entries that are held to pair renames: 100 bytes each. Beyond it a file that was copied and renamed in one look may be paired by contents. */
  pairedMax: 200_000,
  /** Folders asked about before a mass deletion is believed. */
  foldersAskedMax: 1_000,
  /** A file that changes all the time is read as it is after so long. */
  settleLongestMs: 60_000,
  /** The coarsest clock of a common file system (FAT has two seconds): what changed so shortly before it was read may change again unseen. */
  clockMs: 2_000,
  /** Threads that walk and read, over all sources of a worker; each takes 15 MiB while it is used. */
  threadsMax: 4,
  /** A folder of a million names takes a third of it. */
  threadMib: 512,
  /** A thread that does not come back from a disk, after those who asked have gone. */
  threadStuckMs: 30_000,
  /** One that nobody asked anything for so long is ended. */
  threadIdleMs: 10_000,
  /** Findings of a prepare are used by the read that follows it at once. */
  findingsAgeMs: 10_000,
  findingsKept: 8,
} as const;
