// The files a commit changed, from its record: raw entries with their line counts, for a merge only those that its
// own author made (they differ from every parent; the branch's commits carry the rest).
import { combinedPaths, parseDiff, type CountEntry, type Diff, type RawEntry } from './diff-tokens.js';
import type { DecodedRecord, Stats } from './record.js';

export interface FileChange {
  readonly entry: RawEntry;
  readonly counts: CountEntry | undefined;
}

export interface Changes {
  readonly stats: Stats | null;
  readonly files: readonly FileChange[];
}

export function changesOf({ diff, combined, flags, stats }: DecodedRecord): Changes {
  if (diff === null) return { stats: stats ?? null, files: [] };
  const parsed = parseDiff(diff);
  const counts = new Map(parsed.counts.map((entry) => [entry.path.toString('latin1'), entry]));
  const own = combined === null ? undefined : combinedPaths(combined);
  const files = parsed.raw
    .filter((entry) => own === undefined || own.has(entry.path.toString('latin1')))
    .map((entry) => ({ entry, counts: counts.get(entry.path.toString('latin1')) }));
  return { stats: stats === undefined ? statsOf(parsed, flags) : stats, files };
}

function statsOf({ raw, counts }: Diff, flags: readonly string[] = []): Stats | null {
  if (flags.includes('missing_object') && counts.length < raw.length) return null;
  const sum = (pick: (entry: CountEntry) => number | null): number => counts.reduce((total, entry) => total + (pick(entry) ?? 0), 0);
  return { files: counts.length, additions: sum((entry) => entry.additions), deletions: sum((entry) => entry.deletions) };
}

/** How many of a merge's changes are its own. */
export function countOwn(diff: Buffer, combined: Buffer): number {
  if (combined.length === 0) return 0;
  const own = combinedPaths(combined);
  return parseDiff(diff).raw.filter((entry) => own.has(entry.path.toString('latin1'))).length;
}
