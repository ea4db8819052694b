// Bounds of reading files of lines, each with its unit and reason.

const KIB = 1_024;
const MIB = 1_024 * KIB;

export const fileLimits = {
  /** Files of one source. Each costs a stat at every look, 5 µs, and a row. */
  filesMax: 10_000,
  /** Entries looked at for one pattern: a pattern that begins at / must not walk a disk. */
  entriesMax: 200_000,
  /** Folders that `**` goes down; honest trees of logs have five. */
  depthMax: 32,
  /** Bytes read at once, and the text of one chunk. With a carried line it stays below limits.chunkBytesMax. */
  blockBytes: 512 * KIB,
  /** Lines of one chunk: half a page, so that a file of empty lines keeps to the bounds of one. */
  chunkLinesMax: 10_000,
  /** Compressed bytes given to a decoder at once: a deflate stream can make 1,032 times as many of them, 16 MiB. */
  packedBytes: 16 * KIB,
  /** Bytes by which a file is known again: some lines of a log, each with its time. */
  printBytes: 1_024,
  /** A kept line; what is longer is cut, and the rest of it passed over in the memory of one block. */
  lineBytesMax: 256 * KIB,
  /** Text of a packed file from which on its ratio is looked at, and the ratio: logs reach 100, made-up ones 1,032. */
  bombBytes: 1_024 * MIB,
  bombRatio: 500,
  /** Memory that a zstd frame may ask for; the zstd program itself refuses more than this. */
  zstdWindowBytes: 128 * MIB,
  /** A last line without an end is given when nothing was written for so long; programs that buffer write more often. */
  unendedPatienceMs: 300_000,
  /** A kernel's times move in ticks of up to 10 ms: a file that was written within them may change and look as before. */
  tickMs: 20,
  /** Generations remembered; the oldest that no file holds are forgotten: ten years of a log that is rotated each hour. */
  generationsMax: 100_000,
  /** Problems told of one look. */
  problemsMax: 100,
} as const;
