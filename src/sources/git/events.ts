// A record to its events: one `git.commit`, and a `git.file_change` for each file. Pure; raise `mapperVersion` with it, and `identityVersion` with its keys.
import { createHash } from 'node:crypto';
import type { EventDraft, Identity, JsonObject } from '../../domain/event.js';
import { limits } from '../../limits.js';
import { parseCommit, subjectOf, type ParsedCommit, type Person } from './commit-parser.js';
import type { RawEntry } from './diff-tokens.js';
import { changesOf, type FileChange } from './file-changes.js';
import type { FileText } from './file-texts.js';
import { languageOf } from './language.js';
import { convertedTexts } from './commit-texts.js';
import { decodeRecord, type DecodedRecord, type Stats } from './record.js';
import { textOf, type Text } from './text.js';
import { trailersOf } from './trailers.js';

export function toEvents(record: Uint8Array): readonly EventDraft[] {
  const decoded = decodeRecord(record);
  const converted = decoded.converted === undefined ? undefined : convertedTexts(decoded.converted);
  const commit = decoded.commit === null ? null : parseCommit(decoded.commit, decoded.size !== undefined, converted);
  const { stats, files } = changesOf(decoded);
  const time = commit?.committer?.when.time ?? undefined;
  const changes = files.map((file) => fileEvent(decoded, file, time));
  return (decoded.part ?? 0) > 0 ? changes : [commitEvent(decoded, commit, stats, time), ...changes];
}

function commitEvent(
  record: DecodedRecord,
  commit: ParsedCommit | null,
  stats: Stats | null,
  time: string | undefined,
): EventDraft {
  const { id } = record;
  const data: JsonObject =
    commit === null
      ? { ...nothingKnown, sha: id }
      : { sha: id, ...commitData(commit), stats: stats === null ? null : { ...stats } };
  return {
    type: 'git.commit',
    identity: identityOf(id, record),
    subject: id,
    ...(time === undefined ? {} : { time }),
    data,
    ...flagged([
      ...(record.flags ?? []),
      ...(record.size === undefined ? [] : ['message_truncated']),
      ...commitFlags(commit),
    ]),
  };
}

/** What could not be read when it was met has a second version once it is read again; nothing else of git ever changes. */
function identityOf(key: string, { version }: Pick<DecodedRecord, 'version'>): Identity {
  return version === undefined ? { kind: 'immutable', key } : { kind: 'versioned', key, version: String(version) };
}

/** iconv's longest name has 22. */
const encodingCharsMax = 100;

const nothingKnown = {
  tree: null,
  parents: [],
  author: null,
  committer: null,
  subject: null,
  message: null,
  stats: null,
};

function commitData({ tree, parents, author, committer, message, encoding }: ParsedCommit): JsonObject {
  const trailers = trailersOf(message.text);
  return {
    tree,
    parents: [...parents],
    author: personData(author),
    committer: personData(committer),
    subject: subjectOf(message.text).slice(0, limits.eventSubjectCharsMax).toWellFormed(),
    message: message.text,
    ...bytesOf('messageBytes', message),
    ...(encoding === undefined ? {} : { encoding: encoding.slice(0, encodingCharsMax).toWellFormed() }),
    ...(trailers.length === 0 ? {} : { trailers }),
  };
}

export function personData(person: Person | null): JsonObject {
  if (person === null) return { name: null, email: null, time: null };
  const { name, email, when } = person;
  return {
    name: name?.text ?? null,
    ...bytesOf('nameBytes', name),
    email: email?.text ?? null,
    ...bytesOf('emailBytes', email),
    time: when.time,
  };
}

export function bytesOf(field: string, text: Text | null): JsonObject {
  return text?.bytes === undefined ? {} : { [field]: text.bytes };
}

function commitFlags(commit: ParsedCommit | null): string[] {
  if (commit === null) return [];
  const people = [commit.author, commit.committer];
  const texts = [commit.message, ...people.flatMap((person) => [person?.name, person?.email])];
  const times = people.map((person) => (person === null ? 'time_out_of_range' : person.when.flag));
  return [...textFlags(texts), ...times.filter((flag) => flag !== undefined)];
}

/** Whenever a text is not its bytes, one of these says so. */
function textFlags(texts: readonly (Text | null | undefined)[]): string[] {
  const converted = texts.some((text) => text?.converted === true);
  return [...(texts.some((text) => text?.valid === false) ? ['not_utf8'] : []), ...(converted ? ['converted'] : [])];
}

export function flagged(flags: readonly string[]): { flags?: readonly string[] } {
  return flags.length === 0 ? {} : { flags: [...new Set(flags)] };
}

const changeNames: Readonly<Record<string, string>> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  R: 'renamed',
  C: 'copied',
  T: 'type_changed',
};

function fileEvent(
  { id, combined, flags = [], uncounted, version }: DecodedRecord,
  { entry, counts, text }: FileChange,
  time: string | undefined,
): EventDraft {
  const path = textOf(entry.path);
  const oldPath = entry.oldPath === null ? null : textOf(entry.oldPath);
  const patch = text?.patch === undefined ? null : textOf(text.patch);
  const valid = path.valid && oldPath?.valid !== false && patch?.valid !== false;
  return {
    type: 'git.file_change',
    identity: identityOf(fileKey(id, entry.path, path), { version }),
    subject: path.text.slice(0, limits.eventSubjectCharsMax).toWellFormed(),
    ...(time === undefined ? {} : { time }),
    data: {
      commit: id,
      path: path.text,
      ...bytesOf('pathBytes', path),
      ...(oldPath === null ? {} : { oldPath: oldPath.text, ...bytesOf('oldPathBytes', oldPath) }),
      change: changeNames[entry.status] ?? 'modified',
      additions: counts?.additions ?? null,
      deletions: counts?.deletions ?? null,
      binary: counts === undefined ? null : counts.additions === null,
      mode: entry.status === 'D' ? entry.oldMode : entry.mode,
      ...submoduleOf(entry),
      language: languageOf(path.text),
      ...(patch === null ? {} : { patch: patch.text, ...bytesOf('patchBytes', patch) }),
      ...textData(text),
      ...(combined === null ? {} : { merge: true }),
    },
    ...flagged([
      ...flags.filter((flag) => flag === 'missing_object' && counts === undefined && uncounted === undefined),
      ...(valid ? [] : ['not_utf8']),
    ]),
  };
}

/** The commits of the other repository that a submodule stood on and stands on. */
function submoduleOf({ oldMode, mode, oldId, id }: RawEntry): JsonObject {
  if (oldMode !== gitlink && mode !== gitlink) return {};
  return { submodule: { old: oldMode === gitlink ? oldId : null, new: mode === gitlink ? id : null } };
}

const gitlink = '160000';

function textData(text: FileText | undefined): JsonObject {
  if (text === undefined) return {};
  const { cut, symbols, moreSymbols, lfs } = text;
  return {
    ...(cut === undefined ? {} : { patchTruncated: true, patchSize: cut.bytes, patchSha256: cut.sha256 }),
    ...(symbols === undefined ? {} : { symbols }),
    ...(moreSymbols === undefined ? {} : { symbolsTruncated: true }),
    ...(lfs === undefined ? {} : { lfs }),
  };
}

/** Longer ones have had a hash from the first version on, and keep it: it is what tells events apart. */
export const keyCharsMax = 1_024;

/** `#` and not `:` before a hash: a path may look like one. */
function fileKey(id: string, bytes: Buffer, { text, valid }: Text): string {
  const key = `${id}:${text}`;
  if (valid && key.length <= keyCharsMax) return key;
  return `${id}#${createHash('sha256').update(bytes).digest('hex')}`;
}
