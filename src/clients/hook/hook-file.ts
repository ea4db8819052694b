// One hook of a repository: ours, somebody else's, or none. Ours takes the place of what was there and keeps it beside
// itself; at no moment is there no hook where there was one.
import {
  accessSync,
  chmodSync,
  constants,
  linkSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { InvalidInput } from '../../domain/errors.js';
import { limits } from '../../limits.js';
import { keptSuffix, parseHook, type HookName, type InstalledHook } from './script.js';

export interface HookFile {
  readonly name: HookName;
  readonly path: string;
  /** `changed`: ours, and somebody edited it since. */
  readonly state: 'absent' | 'installed' | 'changed' | 'other';
  /** Where it is ours. */
  readonly ours: InstalledHook | null;
  /** Its text; empty where there is none or it is no file of a hook's size. */
  readonly text: string;
  /** Whether the hook that was there before is kept. */
  readonly kept: boolean;
}

export type Change = 'installed' | 'chained' | 'updated' | 'unchanged' | 'removed' | 'restored';

export function inspectHook(directory: string, name: HookName): HookFile {
  const path = join(directory, name);
  const kept = isThere(path + keptSuffix);
  if (!isThere(path)) return { name, path, state: 'absent', ours: null, text: '', kept };
  const text = readHook(path);
  // We write files, so a link is never ours, wherever it leads.
  const ours = lstatSync(path).isFile() ? parseHook(text) : null;
  return { name, path, state: ours === null ? 'other' : ours.changed ? 'changed' : 'installed', ours, text, kept };
}

export const changedText =
  'is ours, but was edited; move your lines to a hook of your own and delete it, then try again';

/** Throws what stands in the way, before anything is written. */
export function checkInstall({ path, state, kept }: HookFile): void {
  if (state === 'changed') throw new InvalidInput('hook', `${JSON.stringify(path)} ${changedText}`);
  if (state !== 'other') return;
  if (lstatSync(path).isDirectory())
    throw new InvalidInput('hook', `${JSON.stringify(path)} is a directory, expected a hook; move it away`);
  if (kept) {
    throw new InvalidInput(
      'hook',
      `${JSON.stringify(path)} is not ours, and ${JSON.stringify(path + keptSuffix)} keeps an earlier hook; decide which of them to keep, delete the other, then try again`,
    );
  }
}

export function installHook({ path, state, text }: HookFile, script: string): Change {
  if (state === 'installed' && text === script && isExecutable(path)) return 'unchanged';
  const fresh = `${path}.tributary-${process.pid}`;
  // Exclusive: follows no link somebody put there.
  writeFileSync(fresh, script, { flag: 'wx', mode: 0o777 });
  try {
    makeExecutable(fresh);
    if (state === 'other') keep(path);
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  return state === 'absent' ? 'installed' : state === 'other' ? 'chained' : 'updated';
}

/** Null where nothing is ours to remove. */
export function removeHook({ path, state, kept }: HookFile): Change | null {
  if (state === 'other' || state === 'changed' || (state === 'absent' && !kept)) return null;
  if (kept) renameSync(path + keptSuffix, path);
  else rmSync(path);
  return kept ? 'restored' : 'removed';
}

/** A second name for the same file, or the same link again: what was there stays there until ours replaces it in one step. */
function keep(path: string): void {
  const kept = path + keptSuffix;
  if (lstatSync(path).isSymbolicLink()) return symlinkSync(readlinkSync(path), kept);
  try {
    linkSync(path, kept);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    // FAT and some network file systems have no second names.
    renameSync(path, kept);
  }
}

function readHook(path: string): string {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= limits.hookBytesMax ? readFileSync(path, 'utf8') : '';
  } catch {
    // A link that leads nowhere.
    return '';
  }
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whoever the umask lets read it may run it, as git does with its own. */
function makeExecutable(path: string): void {
  const { mode } = statSync(path);
  chmodSync(path, (mode & 0o755) | ((mode & 0o444) >> 2) | 0o100);
}
