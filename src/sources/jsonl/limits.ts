// Bounds of reading records, each with its unit and reason.

const KIB = 1_024;

export const jsonlLimits = {
  /** A line: a chunk of the engine. CloudEvents promises delivery of 64 KiB; a longer line than this is no event of a program. */
  lineBytesMax: 1_024 * KIB,
  /**
   * Lines that the quotes of one row of CSV join. A quote that is never closed swallows so much before it is taken for a sign
   * like any other, and each such row costs reading that much, half a millisecond.
   */
  rowBytesMax: 256 * KIB,
  /** A header goes with each of its rows; pages compress that away, memory does not. */
  headerBytesMax: 16 * KIB,
} as const;
