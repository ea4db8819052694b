// A raw record: one change of one entry, as JSON. It has all that its event is made of, so mapping asks no disk.
import { z } from 'zod';

const version = z.object({
  print: z.string(),
  sha256: z.string().nullable(),
  /** Of a symbolic link. */
  target: z.string().optional(),
  unreadable: z.string().optional(),
});
/** What was known of an entry, or is. */
export type Version = z.infer<typeof version>;

const change = z.object({
  v: z.literal(1),
  event: z.enum(['created', 'modified', 'metadata_changed', 'renamed', 'deleted', 'type_changed']),
  key: z.string(),
  look: z.int(),
  born: z.int(),
  name: z.string(),
  first: z.boolean(),
  /** When the look was, Unix milliseconds: of what is gone nobody knows more. */
  seen: z.number(),
  now: version.optional(),
  was: version.optional(),
  from: z.string().optional(),
  paired: z.enum(['inode', 'contents']).optional(),
  text: z.string().optional(),
  base64: z.string().optional(),
  moving: z.literal(true).optional(),
});
export type Change = z.infer<typeof change>;

const rootChange = z.object({
  v: z.literal(1),
  event: z.enum(['root_vanished', 'root_back']),
  look: z.int(),
  seen: z.number(),
  same: z.boolean().optional(),
});
export type RootChange = z.infer<typeof rootChange>;

const record = z.discriminatedUnion('event', [rootChange, change]);

export function encodeRecord(given: Change | RootChange): Buffer {
  return Buffer.from(JSON.stringify(given));
}

export function decodeRecord(bytes: Uint8Array): Change | RootChange {
  return record.parse(JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()));
}
