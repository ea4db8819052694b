// A file that may be read: a regular one, and nothing that waits or acts when it is opened.
import { constants, type BigIntStats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';

/** A file that is not read, and why; it concerns this file alone. */
export class FileRefused extends Error {
  readonly code: string;
  /** Empty where it is about no single file. */
  readonly path: string;

  constructor(code: string, message: string, path = '') {
    super(message);
    this.name = 'FileRefused';
    [this.code, this.path] = [code, path];
  }
}

/** How a file looks from outside. Times are nanoseconds. */
export interface FileFacts {
  readonly ino: string;
  readonly size: number;
  readonly modified: string;
  /** Of the inode: it moves with every write, and nobody can set it. */
  readonly changed: string;
}

/** Follows links. Undefined: there is nothing of this name. Throws FileRefused. */
export async function regularFile(path: string): Promise<FileFacts | undefined> {
  try {
    return factsOf(path, await stat(path, { bigint: true }));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw refusal(path, error);
  }
}

/**
 * Undefined: it is gone. Throws FileRefused. What it is was asked before it is opened, since opening a tape winds it; and
 * after, since it may be another by then. O_NONBLOCK: a FIFO without a writer would wait for one for ever.
 */
export async function openRegular(path: string): Promise<{ file: FileHandle; facts: FileFacts } | undefined> {
  if ((await regularFile(path)) === undefined) return undefined;
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw refusal(path, error);
  }
  try {
    return { file, facts: factsOf(path, await file.stat({ bigint: true })) };
  } catch (error) {
    await file.close();
    throw refusal(path, error);
  }
}

function factsOf(path: string, found: BigIntStats): FileFacts {
  if (!found.isFile()) {
    throw new FileRefused('not_a_file', `${path} is ${kindOf(found)}, expected a regular file; name another`, path);
  }
  return {
    ino: String(found.ino),
    size: Number(found.size),
    modified: String(found.mtimeNs),
    changed: String(found.ctimeNs),
  };
}

function kindOf(found: BigIntStats): string {
  if (found.isDirectory()) return 'a directory';
  if (found.isFIFO()) return 'a FIFO';
  if (found.isSocket()) return 'a socket';
  return found.isCharacterDevice() || found.isBlockDevice() ? 'a device' : 'no regular file';
}

export function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : '';
}

const refusals: Readonly<Record<string, readonly [code: string, what: string]>> = {
  EACCES: ['no_permission', 'may not be read by the user that runs the worker; give it the right to'],
  EPERM: ['no_permission', 'may not be read by the user that runs the worker; give it the right to'],
  ELOOP: ['link_loop', 'is a link that leads to itself; remove it'],
  ENAMETOOLONG: ['name_too_long', 'has a name that is longer than the file system takes; shorten it'],
  ENXIO: ['not_a_file', 'is a socket or a device without a driver, expected a regular file; name another'],
};

/** What is not known here stays as it is: too many open files, or a disk that fails, is tried again. */
function refusal(path: string, error: unknown): unknown {
  const [code, what] = refusals[codeOf(error)] ?? [];
  return code === undefined ? error : new FileRefused(code, `${path} ${what}`, path);
}
