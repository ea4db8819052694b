// What a git process or a worker left in the mirror when it was killed, or when the disk was full: of no use, and in
// the way.
import { chmod, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A mirror in the making, beside the one it takes the place of. */
export const freshMirror = (mirror: string): string => `${mirror}.new`;
/** A mirror that a new one has taken the place of. */
export const replacedMirror = (mirror: string): string => `${mirror}.old`;

/** Puts `fresh`, which is complete, into the place of the mirror. */
export async function swapMirrors(mirror: string): Promise<void> {
  await rm(replacedMirror(mirror), { recursive: true, force: true });
  await rename(mirror, replacedMirror(mirror)).catch(ignoreMissing);
  await rename(freshMirror(mirror), mirror);
  await rm(replacedMirror(mirror), { recursive: true, force: true });
}

/** Only while holding the lock. Needs no room on the disk, and makes some. */
export async function clearLeftovers(mirror: string): Promise<void> {
  await endSwap(mirror);
  const objects = join(mirror, 'objects');
  // A folder that is closed to us looks empty, and what is in it would be lost with it.
  for (const folder of [mirror, objects, join(objects, 'pack'), join(mirror, 'refs')])
    if (await isDirectory(folder)) await chmod(folder, 0o700).catch(() => {});
  const unfinished = [
    ...(await namesIn(objects)).filter((name) => name.startsWith('tmp_') || name.startsWith('incoming-')),
  ];
  for (const name of unfinished) await remove(join(objects, name));
  for (const folder of (await namesIn(objects)).filter((name) => name === 'pack' || /^[0-9a-f]{2}$/.test(name))) {
    for (const name of await namesIn(join(objects, folder)))
      if (/^(tmp_|\.tmp-)/.test(name)) await remove(join(objects, folder, name));
  }
  for (const name of await namesIn(mirror)) if (name.endsWith('.lock')) await remove(join(mirror, name));
  await clearRefs(join(mirror, 'refs'));
}

/** Killed between the two renames: the new mirror is complete, or it would not have come to that. */
async function endSwap(mirror: string): Promise<void> {
  const [here, replaced] = [await isDirectory(mirror), await isDirectory(replacedMirror(mirror))];
  if (!here && replaced) await rename(freshMirror(mirror), mirror).catch(ignoreMissing);
  if (!(await isDirectory(mirror)) && replaced) await rename(replacedMirror(mirror), mirror);
  await remove(freshMirror(mirror));
  await remove(replacedMirror(mirror));
}

async function clearRefs(refs: string): Promise<void> {
  for (const name of await readdir(refs, { recursive: true }).catch(() => []))
    if (name.endsWith('.lock')) await remove(join(refs, name));
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then((file) => file.isDirectory(), () => false); // prettier-ignore
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
