// An export as it is now, remembered between chunks: streams take turns and are opened again with each, and the directory of
// an archive of 100,000 files takes half a second.
import { stat } from 'node:fs/promises';
import { LRUCache } from 'lru-cache';
import { NeedsAttention } from '../../domain/errors.js';
import { stateOfParts, type ExportFiles, type Part } from './export-files.js';
import { folderFiles } from './folder-files.js';
import { exportLimits } from './limits.js';
import { readLists, type Conversation, type Lists } from './lists.js';
import { isRefusedBySystem, isSystem } from './system-errors.js';
import { zipFiles } from './zip-files.js';

/** A conversation with its days. */
export interface Channel extends Conversation {
  readonly parts: readonly Part[];
  /** Another conversation would have the same folder. */
  readonly isDoubtful: boolean;
}

export interface KnownExport extends Pick<Lists, 'names' | 'teams'> {
  readonly files: ExportFiles;
  /** By id; those that have messages. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** Folders with days that no list names. */
  readonly strays: readonly string[];
  /** Of all files: differs when any of them changed. */
  readonly stamp: string;
}

const known = new LRUCache<string, KnownExport>({
  maxSize: exportLimits.partsMax + exportLimits.namesMax,
  sizeCalculation: ({ files, names }) => 1 + files.parts + names.size,
  ttl: exportLimits.rememberedMs,
  ttlAutopurge: true,
});

/** `again`: a folder is looked at anew; an archive always is, which costs no more than its size and times. */
export async function exportAt(path: string, signal: AbortSignal, again: boolean): Promise<KnownExport> {
  const { isFolder, size, stamp } = await placeAt(path);
  const before = known.get(path);
  if (before !== undefined && (isFolder ? !again : before.stamp === stamp)) return before;
  const files = await filesAt(path, isFolder, size, signal);
  const now = isFolder ? stampOf(files) : stamp;
  if (before?.stamp === now) return before;
  const found = { files, stamp: now, ...withFolders(files, await readLists(files, signal)) };
  known.set(path, found);
  return found;
}

/** After something of it was not as it was. */
export function forgetExport(path: string): void {
  known.delete(path);
}

async function filesAt(path: string, isFolder: boolean, size: number, signal: AbortSignal): Promise<ExportFiles> {
  try {
    return isFolder ? await folderFiles(path, signal) : await zipFiles(path, size, signal);
  } catch (error) {
    throw isRefusedBySystem(error) ? unreadable(path, `cannot be read (${error.code})`) : error;
  }
}

function unreadable(path: string, why: string): NeedsAttention {
  return new NeedsAttention(
    'no_export',
    `${path} ${why}; expected the zip of an export, or its folder, on the worker's machine`,
  );
}

async function placeAt(path: string): Promise<{ isFolder: boolean; size: number; stamp: string }> {
  try {
    const found = await stat(path);
    const { size, mtimeMs, ctimeMs, dev, ino } = found;
    if (!found.isFile() && !found.isDirectory()) throw unreadable(path, 'is no file and no folder');
    return { isFolder: found.isDirectory(), size, stamp: [dev, ino, size, mtimeMs, ctimeMs].join(' ') };
  } catch (error) {
    if (!isSystem(error)) throw error;
    const isAway = error.code === 'ENOENT' || error.code === 'ENOTDIR';
    throw unreadable(path, isAway ? 'is not there' : `cannot be read (${error.code})`);
  }
}

function stampOf({ lists, folders }: ExportFiles): string {
  const parts = [...folders].flatMap(([folder, days]) =>
    days.map(({ name, mark }) => ({ name: `${folder}/${name}`, mark })),
  );
  return stateOfParts([...lists.values(), ...parts]);
}

/** A folder has the channel's name, or its id: direct messages have no name. */
function withFolders(files: ExportFiles, { conversations, ...lists }: Lists) {
  const claims = new Map<string, Conversation[]>();
  for (const conversation of conversations) {
    const folder = [conversation.name.normalize('NFC'), conversation.id].find((name) => files.folders.has(name));
    if (folder !== undefined) claims.set(folder, [...(claims.get(folder) ?? []), conversation]);
  }
  const channels = new Map<string, Channel>();
  for (const [folder, claimants] of claims)
    for (const one of claimants)
      channels.set(one.id, { ...one, parts: files.folders.get(folder)!, isDoubtful: claimants.length > 1 });
  const strays = [...files.folders.keys()].filter((folder) => !claims.has(folder) && !isFileConversation(folder));
  return { ...lists, channels, strays };
}

/** `FC:F024BE91L:Title`: what was said beside a canvas or a list. */
function isFileConversation(folder: string): boolean {
  return /^FC:F[A-Z0-9]+:/.test(folder);
}
