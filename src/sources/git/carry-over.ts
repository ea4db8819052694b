// What only the old mirror has (history that the origin dropped) goes into the new one, tip by tip: with all it
// reaches, or not at all, so that nothing in a mirror leads to an object that is missing. What is damaged stays
// behind.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchApart } from './fetch-apart.js';
import { fetchRefs, keptRefOf, presentIn, runMirror, type Mirror } from './mirror.js';
import type { HeldLock } from './mirror-lock.js';

export async function carryOver(old: Mirror, fresh: Mirror, lock: HeldLock): Promise<void> {
  const refs = await refsOf(old, fresh);
  const there = new Set(await presentIn(fresh, refs.keys()));
  const only = [...refs].filter(([id]) => !there.has(id));
  if (only.length === 0) return;
  const refspecs = (some: typeof only): string[] => some.map(([id, ref]) => `+${ref}:${keptRefOf(id)}`);
  await fetchApart(only, {
    bring: (some) => fetchRefs(fresh, { url: old.directory, refspecs: refspecs([...some]) }, lock),
    // Whatever git says of damage; where it was killed or the disk is full, the old mirror stays for another try.
    isTheirs: (failure) => failure.exit.startsWith('exit') && !failure.isShortage,
  });
}

/** One ref for each object; none where not even the refs can be read. */
async function refsOf(old: Mirror, fresh: Mirror): Promise<Map<string, string>> {
  const ask = (): Promise<Buffer> => runMirror(old, ['for-each-ref', '--format=%(objectname) %(refname)']);
  const output = await ask().catch(async () => {
    // These two say nothing of their own, and without them git does not open the rest.
    for (const name of ['HEAD', 'config']) await copyFile(join(fresh.directory, name), join(old.directory, name));
    return ask().catch(() => Buffer.alloc(0));
  });
  const lines = output.toString('latin1').split('\n').filter((line) => line !== ''); // prettier-ignore
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}
