// Refs of the origin that cannot be read: each is left out by its name and told, and all others are read. What the
// store knows of such a ref stays as it is: it is not gone, it is unreadable.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../domain/source.js';
import type { Mirror } from './mirror.js';
import type { OriginRefs, Tips } from './origin.js';
import { mirrorRefsPrefix } from './ref-globs.js';

export interface BrokenRef {
  readonly ref: string;
  /** What the origin says that it points to. */
  readonly id: string;
  readonly found: string;
}

/** git writes a ref into a file of its name, and first into `<name>.lock`: NAME_MAX is 255 bytes nearly everywhere. */
const partBytesMax = 255 - '.lock'.length;
/** PATH_MAX, less what stands before it: the mirror's own path. */
const nameBytesMax = 3_000;

/**
 * Those that can be told by a look at what the origin answered: git names a ref that it cannot read with an id of
 * zeros.
 */
export function brokenAtSight({ tips }: OriginRefs): BrokenRef[] {
  return [...tips].flatMap(([ref, id]) => {
    const found = foundAtSight(ref, id);
    return found === undefined ? [] : [{ ref, id, found }];
  });
}

function foundAtSight(ref: string, id: string): string | undefined {
  if (/^0+$/.test(id)) return 'its file at the origin is empty or no ref, or its name is none that git allows';
  if (ref !== 'HEAD' && isForbidden(ref)) return 'its name is none that git allows';
  const longest = Math.max(...ref.split('/').map((part) => Buffer.byteLength(part)));
  if (longest > partBytesMax) return `its name has a part of ${longest} bytes, at most ${partBytesMax} can be kept`;
  const bytes = Buffer.byteLength(mirrorRefsPrefix + ref);
  if (bytes <= nameBytesMax) return undefined;
  return `its name has ${Buffer.byteLength(ref)} bytes, which is more than a path may have`;
}

/** Rules of git-check-ref-format, but a backslash: here it stands for a byte that is no UTF-8. */
export function isForbidden(ref: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u0020\u007f~^:?*[]|\.\.|@\{|\/\/|\.$|\/$/.test(ref)) return true;
  return ref.split('/').some((part) => part.startsWith('.') || part.endsWith('.lock'));
}

/** Without the broken ones; those of them that were known stay where they were. */
export function leavingOut(refs: OriginRefs, broken: readonly BrokenRef[], before: Tips): OriginRefs {
  if (broken.length === 0) return refs;
  const tips = new Map(refs.tips);
  for (const { ref } of broken) {
    const known = before.get(ref);
    if (known === undefined) tips.delete(ref);
    else tips.set(ref, known);
  }
  return { ...refs, tips };
}

/** A row and a result must hold these problems: beyond this many only their number is told. */
const problemsMax = 1_000;
const foundCharsMax = 400;

export function problemsOf(broken: readonly BrokenRef[]): Problem[] {
  const problems = broken.slice(0, problemsMax).map(problemOf);
  const more = broken.length - problems.length;
  if (more === 0) return problems;
  const message = `${more} more refs cannot be read and were left out`;
  return [...problems, { name: 'refs', code: 'git_refs_unreadable', message }];
}

function problemOf({ ref, id, found }: BrokenRef): Problem {
  const where = /^0+$/.test(id) ? '' : ` (it points to ${id})`;
  const why = `${found.slice(0, foundCharsMax)}${where}`;
  const message = `${ref} cannot be read and was left out: ${why}; mend or delete it at the origin`;
  return { name: ref, code: 'git_ref_unreadable', message };
}

const memoryFile = ({ directory }: Pick<Mirror, 'directory'>): string => join(directory, 'tributary-broken-refs.json');

/**
 * Those of the last fetch, so that the next one need not look for them again. Only a memory: each is tried again,
 * alone.
 */
export async function rememberedBroken(mirror: Mirror, wanted: Tips): Promise<string[]> {
  try {
    const ids = JSON.parse(await readFile(memoryFile(mirror), 'utf8')) as Record<string, string>;
    return Object.keys(ids).filter((ref) => wanted.get(ref) === ids[ref]);
  } catch {
    return [];
  }
}

export async function rememberBroken(mirror: Mirror, broken: readonly BrokenRef[]): Promise<void> {
  await writeFile(memoryFile(mirror), JSON.stringify(Object.fromEntries(broken.map(({ ref, id }) => [ref, id]))));
}
