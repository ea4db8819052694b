// Which generation a file holds. Its bytes decide; name and inode only say which generations are worth asking for.
import type { FoundFile } from './found-files.js';
import { heldTail, isBeginning, isKin, type Generation } from './generation.js';
import type { KnownFiles } from './known-files.js';
import { fileLimits } from './limits.js';
import { openText, type TextFile } from './text-file.js';

/**
 * - continues: all that was read of the generation is here, and what comes after it is to be read.
 * - copy: only a beginning of it is here, as in a copy that is being made.
 * - new: none of it was read before.
 */
export type Recognised =
  | { readonly as: 'continues'; readonly generation: Generation; readonly tail: Buffer }
  | { readonly as: 'copy'; readonly generation: Generation }
  | { readonly as: 'new' };

/** `first`: its first bytes. `there`: the files there are, to compare a copy with. */
export async function recognise(
  text: TextFile,
  first: Buffer,
  known: KnownFiles,
  there: readonly FoundFile[],
): Promise<Recognised> {
  const file = { path: text.path, ino: text.facts.ino };
  const candidates = known.beginningWith(first).filter((generation) => isKin(generation, file));
  const own = candidates.filter(({ ino }) => ino === file.ino);
  for (const generation of [...own, ...candidates.filter(({ ino }) => ino !== file.ino)]) {
    const tail = await heldTail(text, generation);
    if (tail !== undefined) return { as: 'continues', generation, tail };
    if (await isCopy(text, generation, there)) return { as: 'copy', generation };
  }
  return { as: 'new' };
}

/**
 * A short file that begins as a longer generation does is a copy in the making, or a new log with the same first lines. Its
 * original tells: while a copy is made, it is still there.
 */
async function isCopy(text: TextFile, generation: Generation, there: readonly FoundFile[]): Promise<boolean> {
  if ((await text.length()) >= generation.offset) return false;
  // Nobody writes a log into a packed file; one that is short was cut off, and its lines are known.
  if (text.packing !== 'none' && generation.head.bytes === fileLimits.printBytes) return true;
  const originals = there.filter(
    ({ path, ino }) => path !== text.path && (ino === generation.ino || path === generation.path),
  );
  for (const { path } of originals) {
    const original = await openText(path);
    if (original === undefined) continue;
    try {
      if ((await heldTail(original, generation)) !== undefined && (await isBeginning(text, original))) return true;
    } finally {
      await original.close();
    }
  }
  return false;
}
