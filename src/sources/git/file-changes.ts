// The files a commit changed, from its record: raw entries with their line counts, for a merge only those that its
// own author made (they differ from every parent; the branch's commits carry the rest).
import { combinedPaths, entryEnd, parseDiff, type CountEntry, type Diff, type RawEntry } from './diff-tokens.js';
import { decodeTexts, type FileText } from './file-texts.js';
import type { DecodedRecord, Stats } from './record.js';

export interface FileChange {
  readonly entry: RawEntry;
  readonly counts: CountEntry | undefined;
  readonly text: FileText | undefined;
}

export interface Changes {
  readonly stats: Stats | null;
  readonly files: readonly FileChange[];
}

export function changesOf({ diff, combined, flags, stats, texts, uncounted }: DecodedRecord): Changes {
  if (diff === null) return { stats: stats ?? null, files: [] };
  const parsed = parseDiff(diff);
  const counts = new Map(parsed.counts.map((entry) => [entry.path.toString('latin1'), entry]));
  const own = combined === null ? undefined : combinedPaths(combined);
  const read = texts === undefined ? undefined : decodeTexts(texts);
  const files = parsed.raw
    .map((entry, at) => ({ entry, counts: counts.get(entry.path.toString('latin1')), text: read?.get(at) }))
    .filter(({ entry }) => own === undefined || own.has(entry.path.toString('latin1')));
  return { stats: stats === undefined ? statsOf(parsed, flags, uncounted) : stats, files };
}

export function statsOf({ raw, counts }: Diff, flags: readonly string[] = [], uncounted = false): Stats | null {
  if (uncounted) return { files: raw.length, additions: null, deletions: null };
  if (flags.includes('missing_object') && counts.length < raw.length) return null;
  const sum = (pick: (entry: CountEntry) => number | null): number =>
    counts.reduce((total, entry) => total + (pick(entry) ?? 0), 0);
  return {
    files: counts.length,
    additions: sum((entry) => entry.additions),
    deletions: sum((entry) => entry.deletions),
  };
}

/** Only the changes that are wanted, in the form git printed them. */
export function reducedDiff(diff: Buffer, wants: (entry: RawEntry) => boolean): Buffer {
  const [entries, counts]: [Buffer[], Buffer[]] = [[], []];
  const { raw } = parseDiff(diff);
  const wanted = new Set(raw.filter(wants).map(({ path }) => path.toString('latin1')));
  for (let start = 0, end; start < diff.length; start = end) {
    end = entryEnd(diff, start);
    const bytes = diff.subarray(start, end);
    const { raw: [entry], counts: [count] } = parseDiff(bytes); // prettier-ignore
    if (wanted.has((entry ?? count)!.path.toString('latin1'))) (entry === undefined ? counts : entries).push(bytes);
  }
  return Buffer.concat([...entries, ...counts]);
}

/**
 * Takes out of the paths that a merge changed itself what this change from the first parent tells. What stays is told by
 * none: a file that a branch moved or copied and the merge deleted is there only as where the branch's file came from.
 */
export function takeTold(untold: Set<string>, own: ReadonlySet<string>, { path, oldPath, status }: RawEntry): void {
  const name = path.toString('latin1');
  if (!own.has(name)) return;
  untold.delete(name);
  if (status === 'R') untold.delete(oldPath!.toString('latin1'));
}

export function hasUntold(diff: Buffer, combined: Buffer): boolean {
  if (combined.length === 0) return false;
  const own = combinedPaths(combined);
  const untold = new Set(own);
  for (const entry of parseDiff(diff).raw) takeTold(untold, own, entry);
  return untold.size > 0;
}

/** How many of a merge's changes are its own. */
export function countOwn(diff: Buffer, combined: Buffer): number {
  if (combined.length === 0) return 0;
  const own = combinedPaths(combined);
  return parseDiff(diff).raw.filter((entry) => own.has(entry.path.toString('latin1'))).length;
}
