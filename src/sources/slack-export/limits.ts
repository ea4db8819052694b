// Bounds of reading an export, with unit and reason; those of all sources are in src/limits.ts.

const KIB = 1_024;
const MIB = 1_024 * KIB;

export const exportLimits = {
  /** Raw bytes and records of one chunk; a stopped reader reads at most these again. */
  chunkBytesMax: 768 * KIB,
  chunkRecordsMax: 2_000,
  /** Events of one chunk: a quarter of a page. */
  chunkEventsMax: 5_000,
  /** One message as it stands in its file; with its channel and names it stays under recordBytesMax. */
  elementBytesMax: 3 * MIB,
  /** Of a longer one, what its dead letter shows. */
  elementHeadBytes: KIB,
  /** One file of an export, unpacked: it is never held as a whole, but a stopped reader unpacks it from its beginning. */
  partBytesMax: 512 * MIB,
  /** A file up to this size, packed and unpacked, is read at once: three milliseconds of unpacking. */
  wholeBytesMax: MIB,
  /** How often its size a file may unpack to. Deflate ends at 1,032; messages of a bot that always says the same reach some 60. */
  ratioMax: 200,
  /** Small files may be all alike. */
  ratioFreeBytes: MIB,
  /** Files with messages or lists that are known at once, about 150 bytes each: ten years of 100 busy channels. */
  partsMax: 400_000,
  /** Entries of an archive looked at, attachments included: 46 bytes of it each, and some microseconds. */
  entriesMax: 5_000_000,
  /** Characters of a file's or folder's name; no file system takes more bytes. */
  nameCharsMax: 255,
  /** Members and channels whose names are known, about 100 bytes each. */
  namesMax: 200_000,
  /** Names that one record brings along: a message that mentions more people shows ids for the rest. */
  namesPerRecord: 100,
  /** Damaged files of one channel that its problem names; their number is always told. */
  brokenTold: 5,
  channelGlobsMax: 100,
  /** An export that nobody reads is forgotten; another look at it costs its directory, and its list of members. */
  rememberedMs: 600_000,
} as const;
