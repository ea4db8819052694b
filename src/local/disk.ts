// A disk that is full: the place, and what is free there, are all that helps.
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { NeedsAttention } from '../domain/errors.js';

const MIB = 1024 * 1024;
/** PostgreSQL writes its log of changes in files of this size, and ends when it cannot make the next. */
const logFileBytes = 16 * MIB;
/** Below this a start fails or the next page does: one file of its log, one of Temporal's, and room for the rows of a page. */
export const startBytesMin = 4 * logFileBytes;

/** Null where nobody can tell. */
export function freeBytes(path: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return dirname(path) === path ? null : freeBytes(dirname(path));
  }
}

export function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** `what` is what cannot be done for it. */
export function diskFull(path: string, what: string): NeedsAttention {
  return new NeedsAttention('disk_full', diskFullText(path, what));
}

export function diskFullText(path: string, what: string): string {
  const free = freeBytes(path);
  const left = free === null ? 'no room' : `${(free / MIB).toFixed(1)} MiB free`;
  return `the disk of ${path} is full (${left}): ${what}; make room there, ${startBytesMin / MIB} MiB at least`;
}
