// A walk, frozen: which commits a run reads, in order, and what the store will know when they are all there. Named by
// its content, so a walk computed again after the directory was lost is recognised, and reading goes on in the middle.
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StatePatch } from '../../domain/source.js';
import type { Cursor } from './cursor.js';

/** How a commit's changes are asked for: plain, a merge, one of very many parents, or at the cut of a shallow history, where there is nothing to compare. */
export type CommitKind = '.' | 'm' | 'o' | 's';

export interface WalkEntry {
  readonly id: string;
  readonly kind: CommitKind;
}

export interface Walk {
  readonly id: string;
  readonly total: number;
  /** Hex digits of an object id. */
  readonly idChars: number;
  /** Tips this walk leads to, by ref. */
  readonly tips: Readonly<Record<string, string>>;
  /** Committed with the last commit of the walk. */
  readonly patch: readonly StatePatch[];
}

const walksDirectory = (directory: string): string => join(directory, 'walks');
const headFile = (directory: string, id: string): string => join(walksDirectory(directory), `${id}.json`);
const listFile = (directory: string, id: string): string => join(walksDirectory(directory), `${id}.list`);
/** An id, a kind, a line feed: lines of one width, so that a position is a place in the file. */
const lineBytes = (walk: Pick<Walk, 'idChars'>): number => walk.idChars + 2;

export async function writeWalk(directory: string, entries: AsyncIterable<WalkEntry>, tips: Walk['tips'], patch: readonly StatePatch[]): Promise<Walk> {
  await mkdir(walksDirectory(directory), { recursive: true });
  const unnamed = listFile(directory, 'new');
  const hash = createHash('sha256').update(JSON.stringify([tips, patch]));
  const { total, idChars } = await writeEntries(unnamed, entries, (text) => hash.update(text));
  const walk: Walk = { id: hash.digest('hex').slice(0, 16), total, idChars, tips, patch };
  await rename(unnamed, listFile(directory, walk.id));
  // The head comes last and in one step: where it is, the list is whole.
  const head = headFile(directory, 'new');
  await writeFile(head, JSON.stringify(walk));
  await rename(head, headFile(directory, walk.id));
  return walk;
}

const linesAtOnce = 4_096;

async function writeEntries(path: string, entries: AsyncIterable<WalkEntry>, hash: (text: string) => void): Promise<Pick<Walk, 'total' | 'idChars'>> {
  const file = await open(path, 'w', 0o600);
  let [lines, total, idChars] = [[] as string[], 0, 40];
  const flush = async (): Promise<void> => {
    const text = lines.join('');
    lines = [];
    hash(text);
    await file.write(text);
  };
  try {
    for await (const { id, kind } of entries) {
      lines.push(`${id}${kind}\n`);
      [total, idChars] = [total + 1, id.length];
      if (lines.length === linesAtOnce) await flush();
    }
    await flush();
  } finally {
    await file.close();
  }
  return { total, idChars };
}

export async function findWalk(directory: string, id: string): Promise<Walk | undefined> {
  try {
    return JSON.parse(await readFile(headFile(directory, id), 'utf8')) as Walk;
  } catch {
    return undefined;
  }
}

/** The walk a cursor stands in, if it is here and is the same. */
export async function walkAt(directory: string, { walk: id, at, after }: Cursor): Promise<Walk | undefined> {
  const walk = id === null ? undefined : await findWalk(directory, id);
  if (walk === undefined || at > walk.total) return undefined;
  if (at === 0) return walk;
  for await (const entry of entriesFrom(directory, walk, at - 1)) return entry.id === after ? walk : undefined;
  return undefined;
}

export async function* entriesFrom(directory: string, walk: Walk, at: number): AsyncGenerator<WalkEntry, void, void> {
  const width = lineBytes(walk);
  for (let place = at; place < walk.total; place += linesAtOnce) {
    const text = await readPiece(listFile(directory, walk.id), place * width, linesAtOnce * width);
    for (let start = 0; start + width <= text.length; start += width) yield entryOf(text.slice(start, start + width - 1));
  }
}

/** Opened for each piece: a reader that is dropped between two chunks must not leave a file open. */
async function readPiece(path: string, position: number, length: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

function entryOf(line: string): WalkEntry {
  return { id: line.slice(0, -1), kind: line.slice(-1) as CommitKind };
}

/** Walks that no committed position stands in any more. */
export async function removeWalks(directory: string, except: readonly (string | null)[]): Promise<void> {
  for (const name of await readdir(walksDirectory(directory)).catch(() => [])) {
    if (!except.includes(name.split('.')[0]!)) await rm(join(walksDirectory(directory), name), { force: true });
  }
}
