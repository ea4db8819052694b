// What we keep of an origin (the mirror, a walk) is a copy, and a copy may be damaged: a pack removed, a disk's bad
// block. That is never told of the origin. Whoever reads throws this; whoever asked mends the copy and reads on.
import type { GitFailure } from './git-failure.js';
import { isMissingObject } from './git-failure.js';
import { failureOr } from './git-process.js';

/**
 * object: one is missing or not what its name says. unknown: git ended in a way that damage explains. walk: the
 * mirror is not in doubt.
 */
export type DamageKind = 'object' | 'unknown' | 'walk';

export class DamagedCopy extends Error {
  readonly kind: DamageKind;

  constructor(found: string, kind: DamageKind) {
    super(found);
    this.name = 'DamagedCopy';
    this.kind = kind;
  }
}

export function missingInMirror(id: string): DamagedCopy {
  return new DamagedCopy(`${id} is missing or unreadable in the mirror`, 'object');
}

/**
 * What it means that a git process which read the mirror ended so. Killed, or short of files or memory, it says
 * nothing of objects.
 */
export function readFailure(signal: AbortSignal, failure: GitFailure): Error {
  const error = failureOr(signal, failure);
  if (error !== failure || !failure.exit.startsWith('exit') || failure.isShortage) return error;
  return new DamagedCopy(failure.message, isMissingObject(failure) ? 'object' : 'unknown');
}
