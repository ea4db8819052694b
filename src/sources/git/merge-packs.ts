// Each fetch of a follower leaves a pack of its own, and a follower lives for years. git looks for an object in one pack
// after the other, and each look of ours stats all of them: after 250 fetches it cost more than all else of the look.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GitFailure } from './git-failure.js';
import { gitLimits } from './limits.js';
import { runMirror, type Mirror } from './mirror.js';

/**
 * Merges small packs into larger ones, so that their number grows with the logarithm of what is fetched. What no ref
 * reaches stays. Only while holding the lock, and before the packs are sealed: a reader of packs that are gone finds
 * their objects in the new one.
 */
export async function mergePacks(mirror: Mirror): Promise<void> {
  if ((await packsOf(mirror)) <= gitLimits.packsMax) return;
  try {
    await runMirror(mirror, ['repack', '--geometric=2', '-d', '-q', '-n']);
  } catch (error) {
    // git before 2.33 does not know the option, a damaged pack is another check's to find, and a full disk is the next
    // fetch's: all packs are still there.
    if (!(error instanceof GitFailure) || !error.isItsOwn) throw error;
  }
}

async function packsOf({ directory }: Mirror): Promise<number> {
  const names = await readdir(join(directory, 'objects', 'pack')).catch(() => []);
  return names.filter((name) => name.endsWith('.pack')).length;
}
