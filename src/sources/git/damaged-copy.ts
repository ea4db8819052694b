// What we keep of an origin (the mirror, a walk) is a copy, and a copy may be damaged: a pack removed, a disk's bad
// block. That is never told of the origin. Whoever reads throws this; whoever asked mends the copy and reads on.
import type { GitFailure } from './git-failure.js';
import { isMissingObject } from './git-failure.js';
import { failureOr } from './git-process.js';

/**
 * object: one is missing or not what its name says. unknown: git ended in a way that damage explains. seal: a pack is not
 * as it was sealed. walk: the mirror is not in doubt.
 */
export type DamageKind = 'object' | 'unknown' | 'seal' | 'walk';

export class DamagedCopy extends Error {
  readonly kind: DamageKind;
  /** The commit that was being read. */
  readonly commit: string | undefined;

  constructor(found: string, kind: DamageKind, commit?: string) {
    super(found);
    this.name = 'DamagedCopy';
    this.kind = kind;
    this.commit = commit;
  }
}

/** Damage that was met while this commit was read: were the copy whole, it would be the commit that git cannot read. */
export function metAt(commit: string, error: unknown): unknown {
  return error instanceof DamagedCopy ? new DamagedCopy(error.message, error.kind, commit) : error;
}

export function missingInMirror(id: string): DamagedCopy {
  return new DamagedCopy(`${id} is missing or unreadable in the mirror`, 'object');
}

/**
 * What the end of a git process that read the mirror means. One that was killed, or was short of files or memory, says
 * nothing of objects; one that crashed may have crashed over what it read.
 */
export function readFailure(signal: AbortSignal, failure: GitFailure): Error {
  const error = failureOr(signal, failure);
  if (error !== failure || !failure.isItsOwn || failure.isShortage) return error;
  return new DamagedCopy(failure.message, isMissingObject(failure) ? 'object' : 'unknown');
}
