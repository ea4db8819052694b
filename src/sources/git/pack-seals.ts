// Seals: what the packs of our mirror looked like when git had written and checked them. A file that is gone, or is not
// the one that was sealed, means that something else than us wrote here. A changed file is read again: git checks
// little of what it reads of a pack, and of its index nothing.
import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mirror } from './mirror.js';

interface Seal {
  readonly bytes: number;
  readonly changedMs: number;
  readonly inode: number;
}
type Seals = Readonly<Record<string, Seal>>;

const packsOf = ({ directory }: Pick<Mirror, 'directory'>): string => join(directory, 'objects', 'pack');
const sealFile = ({ directory }: Pick<Mirror, 'directory'>): string => join(directory, 'tributary-seals.json');

/** Only after git has written a pack by itself: it has then read every byte of it. */
export async function sealPacks(mirror: Mirror): Promise<void> {
  const file = sealFile(mirror);
  await writeFile(`${file}.new`, JSON.stringify(await sealsNow(mirror)));
  await rename(`${file}.new`, file);
}

/** A look at each file, and none into it: whether the mirror is there and all its packs are as they were sealed. */
export async function areSealsUnbroken(mirror: Mirror): Promise<boolean> {
  const [sealed, now] = [await readSeals(mirror), await sealsNow(mirror)];
  if (sealed === undefined || (await hasLooseObjects(mirror))) return false;
  return [sealed, now].every((seals) => Object.keys(seals).every((name) => isSame(sealed[name], now[name])));
}

/**
 * The same, and reads what is not as it was sealed: a file that was only touched is sound. False: what was there is gone,
 * damaged, or was never ours.
 */
export async function arePacksSound(mirror: Mirror): Promise<boolean> {
  const [sealed, now] = [await readSeals(mirror), await sealsNow(mirror)];
  if (sealed === undefined || (await hasLooseObjects(mirror))) return false;
  if (Object.keys(sealed).some((name) => now[name] === undefined)) return false;
  return areWhole(
    mirror,
    Object.keys(now).filter((name) => !isSame(sealed[name], now[name])),
  );
}

/** The same, believing no seal: reads every byte. */
export async function arePacksWhole(mirror: Mirror): Promise<boolean> {
  if (await hasLooseObjects(mirror)) return false;
  return areWhole(mirror, Object.keys(await sealsNow(mirror)));
}

async function readSeals(mirror: Mirror): Promise<Seals | undefined> {
  try {
    return JSON.parse(await readFile(sealFile(mirror), 'utf8')) as Seals;
  } catch {
    return undefined;
  }
}

async function sealsNow(mirror: Mirror): Promise<Record<string, Seal>> {
  const names = (await readdir(packsOf(mirror)).catch(() => [])).filter((file) => /\.(pack|idx)$/.test(file));
  return Object.fromEntries(names.map((name) => [name, sealOf(join(packsOf(mirror), name))]));
}

/** Not by the thread pool, where a stat costs ten times as much: a follower's look is one of each pack. */
function sealOf(file: string): Seal {
  const { size, mtimeMs, ino } = statSync(file);
  return { bytes: size, changedMs: mtimeMs, inode: ino };
}

function isSame(one: Seal | undefined, other: Seal | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return one.bytes === other.bytes && one.changedMs === other.changedMs && one.inode === other.inode;
}

/** A fetch of ours leaves packs only, and of a loose object git does not check the name. */
async function hasLooseObjects({ directory }: Mirror): Promise<boolean> {
  const names = await readdir(join(directory, 'objects')).catch(() => []);
  return names.some((name) => /^[0-9a-f]{2}$/.test(name));
}

async function areWhole(mirror: Mirror, names: readonly string[]): Promise<boolean> {
  for (const name of names) if (!(await isWhole(join(packsOf(mirror), name)))) return false;
  return true;
}

/** A pack and an index each end with the hash of all before it: of 20 bytes or of 32, by the repository's kind. */
async function isWhole(file: string): Promise<boolean> {
  const { size } = await stat(file);
  for (const [algorithm, length] of [
    ['sha1', 20],
    ['sha256', 32],
  ] as const) {
    if (size <= length) return false;
    const hash = createHash(algorithm);
    for await (const bytes of createReadStream(file, { end: size - length - 1 })) hash.update(bytes as Buffer);
    const ends = await lastBytes(file, size - length);
    if (ends.equals(hash.digest())) return true;
  }
  return false;
}

async function lastBytes(file: string, start: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const bytes of createReadStream(file, { start })) parts.push(bytes as Buffer);
  return Buffer.concat(parts);
}
