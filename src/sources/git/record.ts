// A raw record: one commit as git gave it, complete in itself, so that its events can be made again without git.
//   one line of JSON · the commit object · its changes · for a merge, the paths that differ from every parent · what was
//   read of the changed files (file-texts.ts) · its texts where it names an encoding (commit-texts.ts)
import { z } from 'zod';
import { RecordRejected } from '../../domain/source.js';

/** Additions and deletions are null where lines were not counted. */
const stats = z.strictObject({ files: z.int(), additions: z.int().nullable(), deletions: z.int().nullable() });

const header = z.strictObject({
  v: z.literal(1),
  id: z.string(),
  /** Bytes of the commit object here; null: it is missing or damaged. */
  commit: z.int().min(0).nullable(),
  /** Size of the commit object in git, where it is larger. */
  size: z.int().optional(),
  /** Bytes of the changes; null: nothing could be compared. */
  diff: z.int().min(0).nullable(),
  combined: z.int().min(0).nullable(),
  /** Absent where files were not read. */
  texts: z.int().min(0).optional(),
  /** Absent where the commit names no encoding. */
  converted: z.int().min(0).optional(),
  flags: z.array(z.string()).optional(),
  /** Lines were not counted, because the source does not want it. */
  uncounted: z.literal(true).optional(),
  /** Of a commit that could not be read when it was met (0), and when it was read again (1). All others have no versions. */
  version: z.int().min(0).optional(),
  /** Of a commit whose changes are spread over several records; the changes of the later parts belong to the first's event. */
  part: z.int().min(0).optional(),
  /** Where `diff` has not all changes: of the whole commit. */
  stats: stats.nullable().optional(),
});
export type Stats = z.infer<typeof stats>;

export interface CommitRecord {
  readonly id: string;
  readonly commit: Uint8Array | null;
  readonly size?: number | undefined;
  readonly diff: Uint8Array | null;
  readonly combined: Uint8Array | null;
  readonly texts?: Uint8Array | undefined;
  readonly converted?: Uint8Array | undefined;
  readonly uncounted?: true | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly version?: number | undefined;
  readonly part?: number | undefined;
  readonly stats?: Stats | null | undefined;
}

const lineFeed = 10;

export function encodeRecord({ commit, diff, combined, texts, converted, ...rest }: CommitRecord): Buffer {
  const own = { commit: length(commit), diff: length(diff), combined: length(combined) };
  const more = { texts: texts?.length, converted: converted?.length };
  const line = Buffer.from(`${JSON.stringify({ v: 1, ...rest, ...own, ...more })}\n`);
  return Buffer.concat([line, commit ?? empty, diff ?? empty, combined ?? empty, texts ?? empty, converted ?? empty]);
}

const empty = Buffer.alloc(0);
const length = (section: Uint8Array | null): number | null => section?.length ?? null;

export interface DecodedRecord extends CommitRecord {
  readonly commit: Buffer | null;
  readonly diff: Buffer | null;
  readonly combined: Buffer | null;
  readonly texts?: Buffer | undefined;
  readonly converted?: Buffer | undefined;
}

export function decodeRecord(record: Uint8Array): DecodedRecord {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const end = bytes.indexOf(lineFeed);
  const { v: _, texts, converted, ...head } = parsedHeader(bytes.toString('utf8', 0, end));
  let at = end + 1;
  const section = (length: number | null): Buffer | null => {
    if (length === null) return null;
    at += length;
    return bytes.subarray(at - length, at);
  };
  const own = { commit: section(head.commit), diff: section(head.diff), combined: section(head.combined) };
  const read = texts === undefined ? {} : { texts: section(texts)! };
  const decoded = { ...head, ...own, ...read, ...(converted === undefined ? {} : { converted: section(converted)! }) };
  if (at !== bytes.length)
    throw new RecordRejected('bad_record', `the record has ${bytes.length} bytes, its first line says ${at}`);
  return decoded;
}

function parsedHeader(line: string): z.infer<typeof header> {
  try {
    return header.parse(JSON.parse(line));
  } catch {
    throw new RecordRejected('bad_record', 'the record does not begin with the line of JSON that a git record has');
  }
}
