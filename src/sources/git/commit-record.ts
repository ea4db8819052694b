// What git answered about a commit, as one record: the changes that the source wants, with the stats of all.
import type { CommitObject } from './commit-objects.js';
import { combinedPaths, parseDiff, type RawEntry } from './diff-tokens.js';
import type { DiffAnswer, WantsPatch } from './diff-process.js';
import { matchesChange, type DiffRequest } from './diff-request.js';
import { countOwn, reducedDiff, statsOf } from './file-changes.js';
import { TextWriter } from './file-texts.js';
import type { FilePatch } from './patch-reader.js';
import { encodeRecord, type CommitRecord } from './record.js';
import type { CommitKind } from './walk-file.js';

export interface ReadRecord {
  readonly bytes: Buffer;
  readonly events: number;
}

export interface Answers {
  readonly kind: CommitKind;
  /** Null where nothing was asked: at the cut of a shallow history. */
  readonly changes: DiffAnswer | null;
  /** Null unless it is a merge. */
  readonly combined: DiffAnswer | null;
}

export type CommitParts = Pick<CommitRecord, 'id' | 'commit' | 'size' | 'converted' | 'version'>;

/** Which changes become events: of a merge those that differ from every parent, and of these those on wanted paths. */
export function wantsOf({ matches }: DiffRequest, combined: DiffAnswer | null): WantsPatch {
  const own = combined === null ? undefined : combinedPaths(combined.bytes ?? Buffer.alloc(0));
  return (entry) =>
    (own === undefined || own.has(entry.path.toString('latin1'))) &&
    (matches === undefined || matchesChange(matches, entry));
}

export function recordOf(request: DiffRequest, commit: CommitParts, answers: Answers): ReadRecord {
  const { changes, combined } = answers;
  const flags = flagsOf(answers);
  const merge = combined === null ? null : (combined.bytes ?? Buffer.alloc(0));
  const shared = {
    ...commit,
    combined: merge,
    ...(flags.length === 0 ? {} : { flags }),
    ...(request.depth === 'trees' ? { uncounted: true as const } : {}),
  };
  if (changes === null || changes.bytes === null) return { bytes: encodeRecord({ ...shared, diff: null }), events: 1 };
  const wants = wantsOf(request, combined);
  const texts = textsOf(request, changes.bytes, changes.patches, wants);
  const read = texts === undefined ? {} : { texts };
  if (request.matches === undefined) {
    const events = 1 + (merge === null ? changes.entries : countOwn(changes.bytes, merge));
    return { bytes: encodeRecord({ ...shared, diff: changes.bytes, ...read }), events };
  }
  const stats = statsOf(parseDiff(changes.bytes), flags, shared.uncounted);
  const diff = reducedDiff(changes.bytes, wants);
  return { bytes: encodeRecord({ ...shared, diff, ...read, stats }), events: 1 + parseDiff(diff).raw.length };
}

/** Of a commit that git cannot read: its object, where that much can be had. What it says in another encoding stays bytes. */
export function unreadRecord(id: string, object: CommitObject): ReadRecord {
  const shared = { id, commit: object.bytes, ...sizeOf(object), version: 0, flags: ['missing_object'] };
  return { bytes: encodeRecord({ ...shared, diff: null, combined: null }), events: 1 };
}

/** Where not all of the object is kept. */
export function sizeOf({ bytes, size }: CommitObject): { readonly size?: number } {
  return bytes !== null && size > bytes.length ? { size } : {};
}

function flagsOf({ kind, combined }: Answers): string[] {
  const flags = kind === 's' ? ['shallow_boundary'] : [];
  return combined?.problem === 'long' ? [...flags, 'files_truncated'] : flags;
}

/** Numbered as the raw entries are in the record, which without wanted paths has all of them. */
function textsOf(
  request: DiffRequest,
  diff: Buffer,
  patches: readonly FilePatch[] | undefined,
  wants: (entry: RawEntry) => boolean,
): Buffer | undefined {
  if (patches === undefined) return undefined;
  const writer = new TextWriter(request);
  const entries = parseDiff(diff).raw.map((entry, at) => ({ entry, patch: patches[at] })).filter(({ entry }) => request.matches === undefined || wants(entry)); // prettier-ignore
  return Buffer.concat(
    entries.map(({ entry, patch }, at) => (patch === undefined ? Buffer.alloc(0) : writer.encode(at, entry, patch))),
  );
}
