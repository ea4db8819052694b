// The record of a note, complete in itself like that of a commit: one line of JSON, then the tag object if there is one.
// And its event. Pure.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { EventDraft, Json, JsonObject } from '../../domain/event.js';
import { RecordRejected } from '../../domain/source.js';
import { limits } from '../../limits.js';
import { bytesOf, flagged, keyCharsMax, personData } from './events.js';
import { refBytes } from './origin.js';
import type { CommitNote, Note } from './ref-notes.js';
import { parseTag, type ParsedTag } from './tag-parser.js';
import { textOf } from './text.js';

const commitNote = z.strictObject({ commit: z.string(), reachable: z.boolean(), ref: z.string(), number: z.int() });
const refNote = z.object({
  type: z.string(),
  number: z.int(),
  ref: z.string(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  branch: z.strictObject({ from: z.string().nullable(), to: z.string().nullable() }).optional(),
  // What is valid JSON is valid here; checking it piece by piece would cost more than all else.
  data: z.custom<JsonObject>((data) => typeof data === 'object' && data !== null),
  tagObject: z.string().optional(),
  flags: z.array(z.string()).optional(),
});
type Told = z.infer<typeof refNote>;

const header = z.strictObject({
  note: z.unknown(),
  v: z.literal(1),
  /** When the tips were asked for. */
  seen: z.string(),
  /** Bytes of the tag object here; null: there is none, or it is missing. */
  tag: z.int().min(0).nullable(),
  /** Size of the tag object in git, where it is larger. */
  size: z.int().optional(),
});

/** No record of a commit begins like this. */
const beginning = Buffer.from('{"note":');
const lineFeed = 10;

export interface TagObject {
  readonly bytes: Buffer | null;
  readonly size: number;
}

export function encodeNote(note: Note, seen: string, tag: TagObject | undefined): Buffer {
  const bytes = tag?.bytes ?? null;
  const size = bytes !== null && tag!.size > bytes.length ? { size: tag!.size } : {};
  const line = JSON.stringify({ note, v: 1, seen, tag: bytes?.length ?? null, ...size });
  return Buffer.concat([Buffer.from(`${line}\n`), bytes ?? Buffer.alloc(0)]);
}

export function isNoteRecord(record: Uint8Array): boolean {
  return beginning.equals(record.subarray(0, beginning.length));
}

export function noteEvents(record: Uint8Array): readonly EventDraft[] {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const end = bytes.indexOf(lineFeed);
  const { note, seen, tag, cut } = parsedHeader(bytes.toString('utf8', 0, end));
  const size = end + 1 + (tag ?? 0);
  if (size !== bytes.length)
    throw new RecordRejected('bad_record', `the record has ${bytes.length} bytes, its first line says ${size}`);
  if ('commit' in note) return [commitEvent(note, seen)];
  return [refEvent(note, seen, tag === null ? null : parseTag(bytes.subarray(end + 1)), cut)];
}

interface Header {
  readonly note: CommitNote | Told;
  readonly seen: string;
  readonly tag: number | null;
  /** The tag object is longer than what is here. */
  readonly cut: boolean;
}

function parsedHeader(line: string): Header {
  try {
    const { note, seen, tag, size } = header.parse(JSON.parse(line));
    const isCommit = typeof note === 'object' && note !== null && 'commit' in note;
    return { note: isCommit ? commitNote.parse(note) : refNote.parse(note), seen, tag, cut: size !== undefined };
  } catch {
    throw new RecordRejected(
      'bad_record',
      'the record does not begin with the line of JSON that a record of a ref has',
    );
  }
}

function commitEvent({ commit, reachable, ref, number }: CommitNote, seen: string): EventDraft {
  const word = reachable ? 'reachable' : 'unreachable';
  return {
    type: `git.commit_${word}`,
    identity: { kind: 'immutable', key: `${word}:${number}:${commit}` },
    subject: commit,
    time: seen,
    data: { commit, ...refData(ref), sequence: number, since: seen },
  };
}

function refEvent(note: Told, seen: string, tag: ParsedTag | null, cut: boolean): EventDraft {
  const { type, ref, number, branch, tagObject, flags = [] } = note;
  // The default branch is a name, all else are objects.
  const { from, to } = type === 'git.default_branch_changed' ? branch! : note;
  const missing = tagObject !== undefined && tag === null ? ['missing_object'] : [];
  return {
    type,
    identity: { kind: 'immutable', key: refKey(number, ref, from, to) },
    subject: ref.slice(0, limits.eventSubjectCharsMax).toWellFormed(),
    time: seen,
    data: {
      ...refData(ref),
      ...tagName(ref),
      sequence: number,
      from,
      to,
      ...note.data,
      ...(type.startsWith('git.tag_') ? tagData(tag) : {}),
    },
    ...flagged([...flags, ...missing, ...(cut ? ['message_truncated'] : []), ...textFlags(ref, tag)]),
  };
}

/** The number tells a ref that goes back and forth, the rest two walks that numbered alike because one was lost. */
function refKey(number: number, ref: string, from: string | null, to: string | null): string {
  const key = `ref:${number}:${ref}:${from ?? ''}..${to ?? ''}`;
  return key.length <= keyCharsMax ? key : `ref:${number}#${createHash('sha256').update(key).digest('hex')}`;
}

function refData(ref: string): JsonObject {
  const bytes = refBytes(ref);
  return bytes === undefined ? { ref } : { ref, refBytes: bytes.toString('base64') };
}

function tagName(ref: string): Record<string, Json> {
  return ref.startsWith('refs/tags/') ? { tag: ref.slice('refs/tags/'.length) } : {};
}

function tagData(tag: ParsedTag | null): JsonObject {
  if (tag === null) return { tagger: null, message: null };
  const tagger = tag.tagger === null ? null : personData(tag.tagger);
  const name = { name: tag.name?.text ?? null, ...bytesOf('nameBytes', tag.name) };
  return { ...name, tagger, message: tag.message.text, ...bytesOf('messageBytes', tag.message) };
}

function textFlags(ref: string, tag: ParsedTag | null): string[] {
  const texts = [tag?.name, tag?.message, tag?.tagger?.name, tag?.tagger?.email];
  const name = refBytes(ref) === undefined ? undefined : textOf(refBytes(ref)!);
  const valid = [...texts, name].every((text) => text?.valid !== false);
  const time = tag?.tagger?.when.flag;
  return [...(valid ? [] : ['not_utf8']), ...(time === undefined ? [] : [time])];
}
