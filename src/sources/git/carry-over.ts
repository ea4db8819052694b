// What only the old mirror has (history that the origin dropped) goes into the new one, tip by tip: with all it
// reaches, or not at all, so that nothing in a mirror leads to an object that is missing. What is damaged stays
// behind, and the origin is asked for it.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchApart } from './fetch-apart.js';
import { GitFailure, mayBeContent } from './git-failure.js';
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

/** Failed fetches until the origin is asked for no more: each is a question over the network. */
const refusalsMax = 20;
/** Ids on the lines of one command. */
const askedMax = 10_000;

/**
 * What is known of the origin's past, and neither the new mirror nor the old one has: many origins have it still, and a server that
 * speaks protocol 2 gives it by id. One that does not, or has thrown it away, says so, and nothing is lost by asking.
 */
export async function askForPast(
  fresh: Mirror,
  { url, past }: { readonly url: string; readonly past: Iterable<string> },
  lock: HeldLock,
): Promise<void> {
  const ids = [...new Set(past)];
  const there = new Set(await presentIn(fresh, ids));
  const missing = ids.filter((id) => !there.has(id)).slice(0, askedMax);
  if (missing.length === 0) return;
  const bring = (some: readonly string[]): Promise<void> =>
    fetchRefs(fresh, { url, refspecs: some.map((id) => `+${id}:${keptRefOf(id)}`) }, lock);
  try {
    await fetchApart(missing, { bring, isTheirs: mayBeContent, failuresMax: refusalsMax });
  } catch (error) {
    if (!(error instanceof GitFailure) || error.isShortage) throw error;
  }
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
