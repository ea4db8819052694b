// The record of a note, complete in itself like that of a commit: one line of JSON, then the tag object if there is one.
// And its event. Pure.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { EventDraft, Json, JsonObject } from '../../domain/event.js';
import { RecordRejected } from '../../domain/source.js';
import { limits } from '../../limits.js';
import { bytesOf, flagged, personData } from './events.js';
import { refBytes } from './origin.js';
import { isCommitNote, type CommitNote, type Note, type RefNote } from './ref-notes.js';
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
  data: z.record(z.string(), z.json()),
  tagObject: z.string().optional(),
  flags: z.array(z.string()).optional(),
});
const header = z.strictObject({
  note: z.union([commitNote, refNote]),
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
  const { note, seen, tag, size } = parsedHeader(bytes.toString('utf8', 0, end));
  if (end + 1 + (tag ?? 0) !== bytes.length) throw new RecordRejected('bad_record', `the record has ${bytes.length} bytes, its first line says ${end + 1 + (tag ?? 0)}`);
  if (isCommitNote(note as Note)) return [commitEvent(note as CommitNote, seen)];
  const parsed = tag === null ? null : parseTag(bytes.subarray(end + 1));
  return [refEvent(note as Told, seen, parsed, size !== undefined)];
}

type Told = RefNote & { readonly type: string; readonly number: number };

function parsedHeader(line: string): z.infer<typeof header> {
  try {
    return header.parse(JSON.parse(line));
  } catch {
    throw new RecordRejected('bad_record', 'the record does not begin with the line of JSON that a record of a ref has');
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
    data: { ...refData(ref), ...tagName(ref), sequence: number, from, to, ...(note.data as JsonObject), ...(type.startsWith('git.tag_') ? tagData(tag) : {}) },
    ...flagged([...flags, ...missing, ...(cut ? ['message_truncated'] : []), ...textFlags(ref, tag)]),
  };
}

/** The number tells a ref that goes back and forth, the rest two walks that numbered alike because one was lost. */
function refKey(number: number, ref: string, from: string | null, to: string | null): string {
  const key = `ref:${number}:${ref}:${from ?? ''}..${to ?? ''}`;
  return key.length <= limits.eventIdCharsMax ? key : `ref:${number}#${createHash('sha256').update(key).digest('hex')}`;
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
  return { name: tag.name, tagger: tag.tagger === null ? null : personData(tag.tagger), message: tag.message.text, ...bytesOf('messageBytes', tag.message) };
}

function textFlags(ref: string, tag: ParsedTag | null): string[] {
  const texts = [tag?.message, tag?.tagger?.name, tag?.tagger?.email];
  const name = refBytes(ref) === undefined ? undefined : textOf(refBytes(ref)!);
  const valid = [...texts, name].every((text) => text?.valid !== false);
  const time = tag?.tagger?.when.flag;
  return [...(valid ? [] : ['not_utf8']), ...(time === undefined ? [] : [time])];
}
