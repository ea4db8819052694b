// A disk that is full: the place, and what is free there, are all that helps.
import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { NeedsAttention } from '../domain/errors.js';

const MIB = 1024 * 1024;
/**
 * PostgreSQL ends in a panic when it cannot make the next file of its log (16 MiB), so it is stopped in order before that: below
 * this, which is room for its last checkpoint and for what Temporal writes meanwhile. At full speed a second takes about as much.
 */
export const stopBytesMin = 64 * MIB;
/** It starts above twice as much, or it would be stopped again at once. */
export const startBytesMin = 2 * stopBytesMin;

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

/** `what` is what cannot be done for want of room. */
export function diskFull(path: string, what: string, free = freeBytes(path)): NeedsAttention {
  return new NeedsAttention('disk_full', diskFullText(path, what, free));
}

export function diskFullText(path: string, what: string, free = freeBytes(path)): string {
  const left = free === null ? 'no room' : `${(free / MIB).toFixed(1)} MiB free`;
  return `the disk of ${path} is full (${left}): ${what}; make room there, at least ${startBytesMin / MIB} MiB`;
}
