// The files of a path or a pattern, and those that rotation made of them. `*` and `?` stay within a folder, `**` as a whole
// segment is any number of folders. Links to files are followed, as container logs are; links to folders are not gone down.
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { matchesGlob } from '../../domain/glob.js';
import { codeOf, FileRefused, isGone, regularFile, type FileFacts } from './regular-file.js';
import { fileLimits } from './limits.js';
import { stemOf } from './rotated-name.js';

export interface FoundFile extends FileFacts {
  readonly path: string;
  /** False: only a name that rotation may have given to what the pattern names. */
  readonly named: boolean;
}

export interface Found {
  /** By path, in the order of their characters. */
  readonly files: readonly FoundFile[];
  readonly refused: readonly { readonly path: string; readonly code: string; readonly message: string }[];
}

export function isPattern(path: string): boolean {
  return /[*?]/.test(path);
}

/** Throws FileRefused when there are more than can be read, and when a plain path is no file. */
export async function findFiles(pattern: string): Promise<Found> {
  const named = isPattern(pattern) ? await expand(pattern) : [pattern];
  const names = new Map([
    ...(await siblingsOf(named.length === 0 ? [pattern] : named)).map((path) => [path, false] as const),
    ...named.map((path) => [path, true] as const),
  ]);
  if (names.size > fileLimits.filesMax)
    throw new FileRefused(
      'too_many_files',
      `${pattern} is ${names.size} files, expected at most ${fileLimits.filesMax}; choose a narrower pattern`,
    );
  const files: FoundFile[] = [];
  const refused: { path: string; code: string; message: string }[] = [];
  const sorted = [...names].sort(([one], [other]) => (one < other ? -1 : 1));
  for (let at = 0; at < sorted.length; at += statsAtOnce)
    for (const one of await Promise.all(sorted.slice(at, at + statsAtOnce).map(factsOf))) {
      if (one instanceof FileRefused) refused.push({ path: one.path, code: one.code, message: one.message });
      else if (one !== undefined) files.push(one);
    }
  return { files, refused };
}

/** One after the other takes twice the CPU; more at once gains nothing, since Node has four threads for them. */
const statsAtOnce = 16;

async function factsOf([path, named]: readonly [string, boolean]): Promise<FoundFile | FileRefused | undefined> {
  try {
    const facts = await regularFile(path);
    return facts === undefined ? undefined : { ...facts, path, named };
  } catch (error) {
    if (!(error instanceof FileRefused)) throw error;
    return named ? error : undefined;
  }
}

/** What is a folder there is passed over: `/var/log/nginx/*` has some. */
async function expand(pattern: string): Promise<string[]> {
  const budget = { left: fileLimits.entriesMax as number, pattern };
  const found = new Set<string>();
  await walk(
    '/',
    pattern.split('/').filter((part) => part !== ''),
    0,
    budget,
    found,
  );
  return [...found];
}

interface Budget {
  left: number;
  readonly pattern: string;
}

async function walk(
  folder: string,
  parts: readonly string[],
  depth: number,
  budget: Budget,
  found: Set<string>,
): Promise<void> {
  const [part, ...rest] = parts;
  if (part === undefined) return;
  if (part === '**') {
    if (depth > fileLimits.depthMax) return;
    await walk(folder, rest.length === 0 ? ['*'] : rest, depth, budget, found);
    for (const entry of await entriesOf(folder, budget))
      if (entry.isDirectory()) await walk(join(folder, entry.name), parts, depth + 1, budget, found);
    return;
  }
  if (rest.length > 0 && !isPattern(part)) return walk(join(folder, part), rest, depth, budget, found);
  for (const entry of await entriesOf(folder, budget)) {
    if (!matchesGlob(part, entry.name) || (entry.name.startsWith('.') && !part.startsWith('.'))) continue;
    if (rest.length === 0) {
      if (!entry.isDirectory()) found.add(join(folder, entry.name));
    } else if (!entry.isFile()) await walk(join(folder, entry.name), rest, depth, budget, found);
  }
}

async function entriesOf(folder: string, budget: Budget) {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    // A folder that may not be read has no files for us; what is in it is told by nobody.
    if (isGone(error) || ['EACCES', 'EPERM', 'ELOOP'].includes(codeOf(error))) return [];
    throw error;
  });
  budget.left -= entries.length;
  if (budget.left < 0)
    throw new FileRefused(
      'too_many_entries',
      `${budget.pattern} means looking at over ${fileLimits.entriesMax} names; begin it with the folder that is meant`,
    );
  return entries;
}

/** Names beside these that rotation makes of them: `access.log.1`, `access.log-20260131.gz`. */
async function siblingsOf(paths: readonly string[]): Promise<string[]> {
  const stems = new Map<string, Set<string>>();
  for (const path of paths) {
    if (isPattern(path)) continue;
    const folder = dirname(path);
    stems.set(folder, (stems.get(folder) ?? new Set()).add(stemOf(basename(path))));
  }
  const budget = { left: fileLimits.entriesMax as number, pattern: paths[0] ?? '' };
  const found: string[] = [];
  for (const [folder, wanted] of stems)
    for (const entry of await entriesOf(folder, budget))
      if (!entry.isDirectory() && wanted.has(stemOf(entry.name))) found.push(join(folder, entry.name));
  return found;
}
