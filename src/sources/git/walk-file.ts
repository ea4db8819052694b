// A walk, frozen: which commits a run reads, in order, and then what is to be told of the refs. Named by
// its content, so a walk computed again after the directory was lost is recognised, and reading goes on in the middle.
import { createHash, type Hash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cursor } from './cursor.js';
import { DamagedCopy } from './damaged-copy.js';

/** How a commit's changes are asked for: plain, a merge, one of very many parents, or at the cut of a shallow history, where there is nothing to compare. */
export type CommitKind = '.' | 'm' | 'o' | 's';

export interface WalkEntry {
  readonly id: string;
  readonly kind: CommitKind;
  /** It was stored without what could not be read then. */
  readonly again?: true;
}

/** A run of entries of one kind: commits, then the notes on the refs that lead to them. */
export interface WalkPart {
  readonly of: 'commits' | 'notes';
  readonly count: number;
  /** Commits that are read again. */
  readonly again?: true;
  /** When the tips were asked for; absent with the notes the walk ends with, whose time is the cursor's: computed again, it is the same walk. */
  readonly seen?: string | undefined;
}

export interface Walk {
  readonly id: string;
  /** Entries of all parts. */
  readonly total: number;
  /** Hex digits of an object id. */
  readonly idChars: number;
  readonly parts: readonly WalkPart[];
  /** Tips this walk leads to, by ref. */
  readonly tips: Readonly<Record<string, string>>;
  /** The branch that HEAD then stands for. */
  readonly head: string | null;
}

/** Entries of one part, by their place among all commits, or all notes, of the walk. */
export interface Stretch {
  readonly of: WalkPart['of'];
  readonly from: number;
  readonly to: number;
  readonly again?: true;
  readonly seen?: string | undefined;
}

export type PlannedPart =
  | { readonly of: 'commits'; readonly entries: AsyncIterable<WalkEntry>; readonly again?: true }
  | {
      readonly of: 'notes';
      readonly notes: () => AsyncIterable<readonly string[]>;
      readonly seen?: string | undefined;
    };

const walksDirectory = (directory: string): string => join(directory, 'walks');
const headFile = (directory: string, id: string): string => join(walksDirectory(directory), `${id}.json`);
const listFile = (directory: string, id: string): string => join(walksDirectory(directory), `${id}.list`);
const notesFile = (directory: string, id: string): string => join(walksDirectory(directory), `${id}.notes`);
/** An id, a kind, a line feed: lines of one width, so that a position is a place in the file. */
const lineBytes = (walk: Pick<Walk, 'idChars'>): number => walk.idChars + 2;

/** Named by what it says and not by when it was seen. */
export async function writeWalk(
  directory: string,
  planned: readonly PlannedPart[],
  ends: Pick<Walk, 'tips' | 'head'>,
): Promise<Walk> {
  await mkdir(walksDirectory(directory), { recursive: true });
  const hash = createHash('sha256').update(JSON.stringify([ends.tips, ends.head]));
  const [list, notes] = await Promise.all(
    [listFile, notesFile].map((file) => LineFile.create(file(directory, 'new'), hash)),
  );
  const parts: WalkPart[] = [];
  let idChars = 40;
  try {
    for (const part of planned) {
      let count = 0;
      if (part.of === 'notes')
        for await (const lines of part.notes()) for (const note of lines) count = await notes!.add(note, count);
      else
        for await (const { id, kind } of part.entries)
          [idChars, count] = [id.length, await list!.add(id + kind, count)];
      if (count > 0) parts.push(partOf(part, count));
      await list!.flush();
      await notes!.flush();
    }
  } catch (error) {
    // On a full disk they would take the room that the next try needs.
    for (const file of [listFile, notesFile]) await rm(file(directory, 'new'), { force: true });
    throw error;
  } finally {
    await list!.close();
    await notes!.close();
  }
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  return nameWalk(directory, { id: hash.digest('hex').slice(0, 16), total, idChars, parts, ...ends });
}

function partOf(part: PlannedPart, count: number): WalkPart {
  if (part.of === 'notes') return { of: 'notes', count, seen: part.seen };
  return part.again === undefined ? { of: 'commits', count } : { of: 'commits', count, again: true };
}

async function nameWalk(directory: string, walk: Walk): Promise<Walk> {
  for (const file of [listFile, notesFile]) await rename(file(directory, 'new'), file(directory, walk.id));
  // The head comes last and in one step: where it is, the lists are whole.
  const head = headFile(directory, 'new');
  await writeFile(head, JSON.stringify({ ...walk, check: checkOf(walk) }));
  await rename(head, headFile(directory, walk.id));
  return walk;
}

const linesAtOnce = 4_096;
const charsAtOnce = 256 * 1_024;

class LineFile {
  readonly #file: FileHandle;
  readonly #hash: Hash;
  #lines: string[] = [];
  #chars = 0;

  private constructor(file: FileHandle, hash: Hash) {
    [this.#file, this.#hash] = [file, hash];
  }

  static async create(path: string, hash: Hash): Promise<LineFile> {
    return new LineFile(await open(path, 'w', 0o600), hash);
  }

  /** Gives the count of lines, counted on. */
  async add(line: string, count: number): Promise<number> {
    this.#lines.push(`${line}\n`);
    this.#chars += line.length;
    if (this.#chars >= charsAtOnce) await this.flush();
    return count + 1;
  }

  async flush(): Promise<void> {
    const text = this.#lines.join('');
    [this.#lines, this.#chars] = [[], 0];
    this.#hash.update(text);
    await this.#file.write(text);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

export async function findWalk(directory: string, id: string): Promise<Walk | undefined> {
  try {
    const { check, ...walk } = JSON.parse(await readFile(headFile(directory, id), 'utf8')) as Walk & {
      readonly check?: string;
    };
    // What an earlier version wrote, or a disk changed, is no walk to this one; it is computed again.
    return check === checkOf(walk) && walk.id === id ? walk : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function checkOf(walk: Walk): string {
  return createHash('sha256').update(JSON.stringify(walk)).digest('hex');
}

/** The walk a cursor stands in, if it is here and is the same. */
export async function walkAt(directory: string, { walk: id, at, after }: Cursor): Promise<Walk | undefined> {
  const walk = id === null ? undefined : await findWalk(directory, id);
  if (walk === undefined || at > walk.total || !(await isUnchanged(directory, walk))) return undefined;
  const commits = stretchesOf(walk, 0, at).findLast((stretch) => stretch.of === 'commits');
  if (commits === undefined) return walk;
  for await (const entry of entriesFrom(directory, walk, { from: commits.to - 1, to: commits.to }))
    return entry.id === after ? walk : undefined;
  return undefined;
}

/** Its lists still hash to its name: 100 MB a second and more, and a million commits are 42 MB. */
async function isUnchanged(directory: string, walk: Walk): Promise<boolean> {
  const hash = createHash('sha256').update(JSON.stringify([walk.tips, walk.head]));
  const width = lineBytes(walk);
  try {
    for (const { of, from, to } of stretchesOf(walk, 0, walk.total)) {
      if (of === 'commits') await hashPieces(hash, listFile(directory, walk.id), from * width, to * width);
      else
        for await (const notes of notesFrom(directory, walk, { from, to }))
          hash.update(notes.map((note) => `${note}\n`).join(''));
    }
  } catch (error) {
    if (error instanceof DamagedCopy || (error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  return hash.digest('hex').slice(0, 16) === walk.id;
}

async function hashPieces(hash: Hash, path: string, from: number, to: number): Promise<void> {
  for (let place = from; place < to; place += charsAtOnce)
    hash.update(await readPiece(path, place, Math.min(charsAtOnce, to - place)), 'latin1');
}

/** What stands between two positions of a walk. */
export function stretchesOf({ parts }: Walk, from: number, to: number): Stretch[] {
  const passed = { commits: 0, notes: 0 };
  let place = 0;
  return parts.flatMap(({ of, count, ...rest }) => {
    const [first, last] = [Math.max(from, place) - place, Math.min(to, place + count) - place];
    const stretch = { of, from: passed[of] + first, to: passed[of] + last, ...rest };
    [passed[of], place] = [passed[of] + count, place + count];
    return first < last ? [stretch] : [];
  });
}

/** Commits of the walk, from the one with this place among them up to `to`. */
export async function* entriesFrom(
  directory: string,
  walk: Walk,
  { from, to, again }: Pick<Stretch, 'from' | 'to' | 'again'>,
): AsyncGenerator<WalkEntry, void, void> {
  const more = again === undefined ? {} : { again };
  const width = lineBytes(walk);
  for (let place = from; place < to; place += linesAtOnce) {
    const text = await readPiece(
      listFile(directory, walk.id),
      place * width,
      Math.min(linesAtOnce, to - place) * width,
    );
    for (let start = 0; start + width <= text.length; start += width)
      yield { ...entryOf(text.slice(start, start + width - 1)), ...more };
  }
}

/** Notes of the walk, each the JSON of its line, from `from` up to `to`; many at a time, because most callers want many. */
export async function* notesFrom(
  directory: string,
  walk: Walk,
  { from, to }: Pick<Stretch, 'from' | 'to'>,
): AsyncGenerator<string[], void, void> {
  let [line, place, rest] = [0, 0, ''];
  while (line < to) {
    const piece = await readPiece(notesFile(directory, walk.id), place, charsAtOnce);
    if (piece === '') throw new DamagedCopy(`the notes of walk ${walk.id} end ${to - line} lines early`, 'walk');
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    const wanted = lines
      .slice(Math.max(0, from - line), to - line)
      .map((text) => Buffer.from(text, 'latin1').toString());
    if (wanted.length > 0) yield wanted;
    [line, place] = [line + lines.length, place + piece.length];
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
