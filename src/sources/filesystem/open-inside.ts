// Opens what lies below the root, and nothing else: a folder that somebody replaces by a link while we look must not lead us out.
// Linux says of an open file where it really is; elsewhere the last name alone is guarded, and the inode is compared.
import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readdirSync, readlinkSync } from 'node:fs';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
const knowsPlaces = existsSync('/proc/self/fd');

/** What is there now is not what was asked for: it moved while we looked. */
export class Moved extends Error {
  readonly code = 'ENOENT';
}

/** ASCII alone. */
export function isPlain(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- all that is ASCII
  return !/[^\x00-\x7f]/.test(name);
}

/** A path in latin1, as the file system takes it. */
export function pathBytes(path: string): string | Buffer {
  return isPlain(path) ? path : Buffer.from(path, 'latin1');
}

/** To be closed by the caller. Never waits for a writer, as a FIFO would make it. */
export function openInside(path: string, kind: 'folder' | 'file'): number {
  const file = openSync(pathBytes(path), O_RDONLY | O_NOFOLLOW | (kind === 'folder' ? O_DIRECTORY : O_NONBLOCK));
  try {
    if (!isThere(file, path)) throw new Moved(`${path} moved while it was opened`);
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Whether an open file or folder is where its path says, with no link on the way. */
export function isThere(file: number, path: string): boolean {
  if (knowsPlaces) return placeOf(file) === path;
  const [open, named] = [fstatSync(file, { bigint: true }), lstatSync(pathBytes(path), { bigint: true })];
  return open.ino === named.ino && open.dev === named.dev;
}

function placeOf(file: number): string {
  return readlinkSync(`/proc/self/fd/${file}`, 'latin1');
}

/** By the folder itself, wherever it is moved to meanwhile. */
export function namesIn(file: number, path: string): string[] {
  return readdirSync(knowsPlaces ? `/proc/self/fd/${file}` : pathBytes(path), 'latin1');
}

export function codeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' ? code : 'unknown';
}

/** It is not there, or not what it was. */
export function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(codeOf(error));
}
