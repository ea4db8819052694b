// A full disk, said so that a person can act: where, and how much is left.
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transient } from '../../domain/errors.js';
import { GitFailure } from './git-failure.js';

/** EFBIG too: a limit on the size of files (ulimit -f) ends a write as a full disk does. */
const codes = ['ENOSPC', 'EDQUOT', 'EFBIG'];

export function isDiskFull(error: unknown): boolean {
  if (error instanceof GitFailure) return error.isDiskFull;
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Does the work, and says of a full disk where it is. */
export async function namingFullDisk<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Error && isDiskFull(error) ? await diskFull(directory, error) : error;
  }
}

/** Passes by itself when somebody makes room, so it is tried again. */
export async function diskFull(directory: string, error: Error): Promise<Transient> {
  const free = await freeBytes(directory);
  const freeMib = free === undefined ? '' : (free / 2 ** 20).toFixed(1);
  const left = freeMib === '' ? '' : `, ${freeMib} MiB are free now that what it left is removed`;
  const todo = 'make room there, or set TRIBUTARY_HOME to a larger disk: what was read until now is kept';
  return new Transient('disk_full', `no room to write in ${directory}${left}; ${todo} (${error.message})`);
}

/** Of the nearest directory that is there. */
async function freeBytes(directory: string): Promise<number | undefined> {
  for (let at = directory; ; at = dirname(at)) {
    const found = await statfs(at).catch(() => undefined);
    if (found !== undefined) return found.bavail * found.bsize;
    if (at === dirname(at)) return undefined;
  }
}
