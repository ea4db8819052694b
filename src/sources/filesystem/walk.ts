// The tree in the order of its keys, one folder after the other: a folder comes where its name sorts, and what is in it where
// its name with a slash does (`a`, `a-b`, `a/x`). At most the names of the folders between here and the root are held.
import { closeSync, fstatSync, lstatSync, readSync, type BigIntStats } from 'node:fs';
import { stateKey } from '../../domain/state-key.js';
import { isPlainGlob, pathMatcher, type PathMatcher } from '../path-globs.js';
import { isIgnored, parseIgnoreFile, type IgnoreFile } from './gitignore.js';
import { treeLimits } from './limits.js';
import { codeOf, isGone, isPlain, isThere, namesIn, openInside, pathBytes } from './open-inside.js';
import { printOf } from './print.js';

export interface WalkRequest {
  /** Real, in latin1. */
  readonly root: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly gitignore: boolean;
  readonly oneDevice: boolean;
}

/** A part that was not read. */
export interface Unread {
  readonly key: string;
  readonly code: string;
  readonly detail: string;
}

/** Stands for all below a folder that could not be looked into: `key` is how its keys begin. */
export const unseen = '?';

export type Entry = readonly [key: string, print: string];

interface Folder {
  /** From the root, in latin1; '' is the root. */
  readonly path: string;
  readonly key: string;
  readonly parts: readonly string[];
  readonly device: bigint;
  readonly ignores: readonly IgnoreFile[];
}

interface Found {
  readonly name: string;
  /** What it sorts by, in latin1. */
  readonly sort: string;
  readonly key: string;
  readonly stats: BigIntStats;
  /** Undefined: the entry itself. */
  readonly below?: Folder;
}

export class Walk {
  readonly #request: WalkRequest;
  /** Undefined: everything. */
  readonly #wanted: PathMatcher | undefined;
  readonly #pruned: PathMatcher;
  readonly #tell: (unread: Unread) => void;

  constructor(request: WalkRequest, tell: (unread: Unread) => void) {
    this.#request = request;
    this.#wanted = pathMatcher(request.include, request.exclude);
    const prunes = request.exclude.flatMap((glob) =>
      isPlainGlob(glob) ? [glob] : glob.endsWith('/**') ? [glob.slice(0, -3)] : [],
    );
    // Without any it would be everything.
    this.#pruned = (prunes.length === 0 ? undefined : pathMatcher(prunes, [])) ?? (() => false);
    this.#tell = tell;
  }

  *entries(): Generator<Entry, void, void> {
    const device = lstatSync(pathBytes(this.#request.root), { bigint: true }).dev;
    const stack = [this.#within({ path: '', key: '', parts: [], device, ignores: [] })];
    for (let folder = stack.at(-1); folder !== undefined; folder = stack.at(-1)) {
      const { value, done } = folder.next();
      if (done === true) stack.pop();
      else if (Array.isArray(value)) yield value as unknown as Entry;
      else stack.push(this.#within(value as Folder));
    }
  }

  *#within(folder: Folder): Generator<Entry | Folder, void, void> {
    const found = this.#list(folder);
    if (found === undefined) {
      yield [folder.key === '' ? '' : `${folder.key}/`, unseen];
      return;
    }
    for (const { name, key, stats, below } of found) {
      if (below !== undefined) yield below;
      else if (this.#wanted?.(joined(folder.path, name)) ?? true)
        yield [key, printOf(stats, stats.dev !== folder.device)];
    }
  }

  /** Undefined: it could not be read. Nothing, when it is not there any more. */
  #list(folder: Folder): Found[] | undefined {
    const path = folder.path === '' ? this.#request.root : joined(this.#request.root, folder.path);
    let open: number | undefined;
    try {
      open = openInside(path, 'folder');
      const found = this.#read(folder, path, namesIn(open, path), fstatSync(open, { bigint: true }).dev);
      // Looked up by path, which is a third cheaper than by the open folder: when that moved, these were of another.
      return isThere(open, path) ? found : [];
    } catch (error) {
      if (isGone(error)) return [];
      this.#tell({ key: folder.key, code: 'folder_unreadable', detail: codeOf(error) });
      return undefined;
    } finally {
      if (open !== undefined) closeSync(open);
    }
  }

  #read(folder: Folder, inside: string, names: readonly string[], device: bigint): Found[] {
    const here = { ...folder, device, ignores: this.#ignores(folder, inside, names) };
    const found: Found[] = [];
    for (const name of names) this.#look(here, inside, name, found);
    return found.sort((one, other) => (one.sort < other.sort ? -1 : 1));
  }

  #look(folder: Folder, inside: string, name: string, found: Found[]): void {
    const stats = lstatSync(pathBytes(joined(inside, name)), { bigint: true, throwIfNoEntry: false });
    if (stats === undefined || this.#isIgnored(folder, name, stats)) return;
    const named = keyOf(name);
    const key = folder.key === '' ? named : `${folder.key}/${named}`;
    // A UTF-16 unit is at most three bytes.
    if (key.length * 3 > treeLimits.pathBytesMax && Buffer.byteLength(key) > treeLimits.pathBytesMax) {
      this.#tell({ key, code: 'path_too_long', detail: `more than ${treeLimits.pathBytesMax} bytes` });
      return;
    }
    // What is plain is its own bytes.
    const sort = named === name && isPlain(name) ? name : Buffer.from(named).toString('latin1');
    found.push({ name, sort, key, stats });
    if (!stats.isDirectory() || (this.#request.oneDevice && stats.dev !== folder.device)) return;
    const path = joined(folder.path, name);
    const below = { path, key, parts: [...folder.parts, name], device: stats.dev, ignores: folder.ignores };
    if (!this.#pruned(path)) found.push({ name, sort: `${sort}/`, key, stats, below });
  }

  #isIgnored({ ignores, parts }: Folder, name: string, stats: BigIntStats): boolean {
    if (!this.#request.gitignore) return false;
    return name === '.git' || (ignores.length > 0 && isIgnored(ignores, [...parts, name], stats.isDirectory()));
  }

  /** One that is there and cannot be read leaves its folder out: what it hides would be told as new. */
  #ignores(folder: Folder, inside: string, names: readonly string[]): readonly IgnoreFile[] {
    if (!this.#request.gitignore || !names.includes('.gitignore')) return folder.ignores;
    const path = joined(inside, '.gitignore');
    // git follows no link there either.
    if (lstatSync(pathBytes(path), { throwIfNoEntry: false })?.isFile() !== true) return folder.ignores;
    const text = readStart(path);
    if (text === undefined) return folder.ignores;
    const file = parseIgnoreFile(text, folder.parts.length);
    const key = folder.key === '' ? '.gitignore' : `${folder.key}/.gitignore`;
    for (const line of file.unreadable)
      this.#tell({ key, code: 'ignore_pattern', detail: Buffer.from(line.slice(0, 80), 'latin1').toString() });
    return [...folder.ignores, file];
  }
}

/** Undefined: it is gone meanwhile. */
function readStart(path: string): string | undefined {
  let file: number | undefined;
  try {
    file = openInside(path, 'file');
    const bytes = Buffer.alloc(treeLimits.ignoreFileBytesMax);
    let length = 0;
    for (let more = 1; more > 0 && length < bytes.length; length += more)
      more = readSync(file, bytes, length, bytes.length - length, null);
    return bytes.toString('latin1', 0, length);
  } catch (error) {
    if (!isGone(error)) throw error;
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function joined(path: string, name: string): string {
  if (name === '') return path;
  return path === '' ? name : path === '/' ? `/${name}` : `${path}/${name}`;
}

/** As text where its bytes are text. */
function keyOf(name: string): string {
  return isPlain(name) && !name.includes('\\x') ? name : stateKey(Buffer.from(name, 'latin1'));
}
