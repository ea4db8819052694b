// A look at the files of a source: which of them changed since they were read, by a stat of each.
import { NeedsAttention } from '../../domain/errors.js';
import type { SourceState } from '../../domain/source-state.js';
import type { Prepared, Problem } from '../../domain/source.js';
import { findFiles, type Found, type FoundFile } from './found-files.js';
import { heldTail } from './generation.js';
import { KnownFiles, type FileRow } from './known-files.js';
import { fileLimits } from './limits.js';
import { FileRefused } from './regular-file.js';
import { openText } from './text-file.js';

export interface Look {
  readonly files: readonly FoundFile[];
  /** To be read: the one written longest ago first, so that what was rotated comes before what follows it. */
  readonly changed: readonly FoundFile[];
  /** Paths with a row that are not there any more. */
  readonly gone: readonly string[];
  readonly problems: readonly Problem[];
}

/** Throws NeedsAttention when there is nothing to read and never was. */
export async function lookAt(pattern: string, known: KnownFiles): Promise<Look> {
  const { files, refused } = await found(pattern);
  if (files.length === 0 && known.generations.size === 0) throw nothing(pattern, refused);
  const changed: FoundFile[] = [];
  for (const file of files) if (!(await isRead(file, known))) changed.push(file);
  const paths = new Set([...files, ...refused].map(({ path }) => path));
  return {
    files,
    changed: changed.sort(byWriting),
    gone: [...known.files.keys()].filter((path) => !paths.has(path)),
    problems: problemsOf(pattern, { files, refused }, known),
  };
}

async function found(pattern: string): Promise<Found> {
  try {
    return await findFiles(pattern);
  } catch (error) {
    if (error instanceof FileRefused) throw new NeedsAttention(error.code, `path: ${error.message}`);
    throw error;
  }
}

function nothing(pattern: string, refused: Found['refused']): NeedsAttention {
  const [first] = refused;
  return first === undefined
    ? new NeedsAttention(
        'no_file',
        `path: ${pattern} is not there, or matches no file, expected at least one; put it there`,
      )
    : new NeedsAttention(first.code, `path: ${first.message}`);
}

function byWriting(one: FoundFile, other: FoundFile): number {
  const [first, second] = [BigInt(one.modified), BigInt(other.modified)];
  if (first !== second) return first < second ? -1 : 1;
  return one.path < other.path ? -1 : 1;
}

async function isRead(file: FoundFile, known: KnownFiles): Promise<boolean> {
  const row = known.files.get(file.path);
  if (row === undefined || !known.looksRead(file) || isOverdue(row)) return false;
  if (row.fresh !== true) return true;
  if (row.waiting !== undefined || row.generation === null) return row.size === 0;
  return stillHolds(file.path, known, row.generation);
}

/** Its last line never ended: it is given as it is. */
export function isOverdue({ waiting, modified }: Pick<FileRow, 'waiting' | 'modified'>): boolean {
  return waiting !== undefined && isQuiet(modified);
}

export function isQuiet(modified: string): boolean {
  return Date.now() - Number(BigInt(modified) / 1_000_000n) >= fileLimits.unendedPatienceMs;
}

/** It was written in the tick in which it was read: it is asked for what it holds. */
async function stillHolds(path: string, known: KnownFiles, id: string): Promise<boolean> {
  const generation = known.generations.get(id);
  if (generation === undefined) return false;
  try {
    const text = await openText(path);
    if (text === undefined) return false;
    try {
      return text.packing !== 'none' || (await heldTail(text, generation)) !== undefined;
    } finally {
      await text.close();
    }
  } catch (error) {
    // Whatever it is now, reading it meets the same.
    if (error instanceof FileRefused) return false;
    throw error;
  }
}

function problemsOf(pattern: string, { files, refused }: Found, known: KnownFiles): Problem[] {
  const told: Problem[] = refused.map(({ path, code, message }) => ({ name: path, code, message }));
  for (const { path } of files) {
    const problem = known.files.get(path)?.problem;
    if (problem !== undefined) told.push({ name: path, ...problem });
  }
  if (files.length === 0 && refused.length === 0)
    told.push({
      name: pattern,
      code: 'no_file',
      message: `${pattern} is not there any more, or matches no file; put it back`,
    });
  return told.slice(0, fileLimits.problemsMax);
}

/** `prepare` of a source of files, but for its cursor. Throws NeedsAttention when there is nothing that can be read. */
export async function prepareFiles(
  state: SourceState,
  pattern: string,
): Promise<Pick<Prepared<unknown>, 'nothingNew' | 'problems'>> {
  const known = await KnownFiles.read(state);
  const { changed, gone, files, problems } = await lookAt(pattern, known);
  // What reading would find out, and could tell nobody before the next run.
  const refused = await refusedOf(changed.filter(({ path }) => !known.files.has(path)));
  const [first] = refused;
  if (first !== undefined && refused.length === files.length && known.generations.size === 0)
    throw new NeedsAttention(first.code, `path: ${first.message}`);
  const told = [...problems, ...refused].slice(0, fileLimits.problemsMax);
  return { nothingNew: changed.length + gone.length === 0, problems: told };
}

async function refusedOf(files: readonly FoundFile[]): Promise<Problem[]> {
  const refused: Problem[] = [];
  for (const { path, named } of files) {
    try {
      await (await openText(path))?.close();
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      if (named) refused.push({ name: path, code: error.code, message: error.message });
    }
  }
  return refused;
}

/** Rows change with the position alone, and a follower that waits looks from one and the same. */
const knownAt = new WeakMap<object, KnownFiles>();

/** `hasNews` of a source of files: a stat of each. `committed`: its cursor. */
export async function filesHaveNews(state: SourceState, pattern: string, committed: object): Promise<boolean> {
  const known = knownAt.get(committed) ?? (await KnownFiles.read(state));
  knownAt.set(committed, known);
  const { changed, gone } = await lookAt(pattern, known);
  return changed.length + gone.length > 0;
}
