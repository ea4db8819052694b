// The contents of one entry, read once: hash, and the bytes where they are wanted and few. What it looked like is taken of the
// open file before and after; when that differs somebody was writing, and nothing is said of it.
import { closeSync, fstatSync, lstatSync, readlinkSync, readSync } from 'node:fs';
import * as crypto from 'node:crypto';
import { stateKey, stateKeyBytes } from '../../domain/state-key.js';
import { treeLimits } from './limits.js';
import { codeOf, isGone, openInside, pathBytes } from './open-inside.js';
import { printOf } from './print.js';

export interface ReadRequest {
  /** Real, in latin1. */
  readonly root: string;
  readonly hashBytes: number;
  /** Files of at most so many bytes are given whole; 0: none. */
  readonly contentBytes: number;
}

export interface Contents {
  readonly print: string;
  /** Null: it has more bytes than are read, or cannot be read. Of a symbolic link: of where it points. */
  readonly sha256: string | null;
  /** As a key has it. */
  readonly target?: string;
  readonly bytes?: Uint8Array;
  readonly unreadable?: string;
  /** Somebody wrote while it was read. */
  readonly moving?: true;
}

/** Null: it is gone, or something else. */
export function readContents(request: ReadRequest, key: string, isLink: boolean): Contents | null {
  const path = fullPath(request.root, key);
  try {
    return isLink ? readLink(path) : readFile(request, path);
  } catch (error) {
    if (isGone(error)) return null;
    return unreadable(path, codeOf(error));
  }
}

export function fullPath(root: string, key: string): string {
  return `${root === '/' ? '' : root}/${stateKeyBytes(key).toString('latin1')}`;
}

function unreadable(path: string, code: string): Contents | null {
  const stats = lstatSync(pathBytes(path), { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : { print: printOf(stats), sha256: null, unreadable: code };
}

/** The folder is not proved to be inside: a link's own words lead nowhere, they are only told. */
function readLink(path: string): Contents | null {
  const stats = lstatSync(pathBytes(path), { bigint: true });
  if (!stats.isSymbolicLink()) return null;
  const target = readlinkSync(pathBytes(path), 'buffer').subarray(0, treeLimits.targetBytesMax);
  return { print: printOf(stats), sha256: crypto.hash('sha256', target, 'hex'), target: stateKey(target) };
}

function readFile({ hashBytes, contentBytes }: ReadRequest, path: string): Contents | null {
  const file = openInside(path, 'file');
  try {
    const stats = fstatSync(file, { bigint: true });
    if (!stats.isFile()) return null;
    const print = printOf(stats);
    if (stats.size > BigInt(hashBytes)) return { print, sha256: null };
    const size = Number(stats.size);
    const read = size <= treeLimits.readBytes ? readWhole(file, size) : readParts(file);
    const moved = read.length !== size || printOf(fstatSync(file, { bigint: true })) !== print;
    const contents = { print, sha256: read.sha256, ...(moved ? { moving: true as const } : {}) };
    return size <= contentBytes && contentBytes > 0 && read.bytes !== undefined
      ? { ...contents, bytes: read.bytes }
      : contents;
  } finally {
    closeSync(file);
  }
}

interface Read {
  readonly length: number;
  readonly sha256: string;
  readonly bytes?: Uint8Array;
}

/** One byte more is asked for, so that growth shows. */
const buffer = Buffer.alloc(treeLimits.readBytes + 1);

function readWhole(file: number, size: number): Read {
  let length = 0;
  for (let more = 1; more > 0 && length <= size; length += more)
    more = readSync(file, buffer, length, size + 1 - length, null);
  const bytes = buffer.subarray(0, length);
  return { length, sha256: crypto.hash('sha256', bytes, 'hex'), bytes: Uint8Array.from(bytes) };
}

function readParts(file: number): Read {
  const hash = crypto.createHash('sha256');
  let length = 0;
  for (;;) {
    const more = readSync(file, buffer, 0, treeLimits.readBytes, null);
    if (more === 0) return { length, sha256: hash.digest('hex') };
    hash.update(buffer.subarray(0, more));
    length += more;
  }
}
