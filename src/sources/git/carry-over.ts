// What only the old mirror has (history that the origin dropped) goes into the new one, tip by tip: with all it
// reaches, or not at all, so that nothing in a mirror leads to an object that is missing. What is damaged stays
// behind, and the origin is asked for it.
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DamagedCopy } from './damaged-copy.js';
import { fetchApart } from './fetch-apart.js';
import { GitFailure, mayBeContent } from './git-failure.js';
import { fetchRefs, keepTips, keptRefOf, presentIn, runMirror, type Mirror } from './mirror.js';
import type { HeldLock } from './mirror-lock.js';

/** `past`: objects that refs pointed to, as the store knows; the old mirror may have lost its refs and have them still. */
export async function carryOver(old: Mirror, fresh: Mirror, past: Iterable<string>, lock: HeldLock): Promise<void> {
  const refs = await namedTips(old, fresh, [...new Set(past)]);
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

/**
 * What makes git read and write the old mirror's refs again, the smallest change first: that mirror is about to go, and
 * only its objects count.
 */
const mendings: readonly ((old: string, fresh: string) => Promise<unknown>)[] = [
  async () => {},
  // These two files hold nothing that is the old mirror's alone, and without them git does not open the mirror.
  async (old, fresh) => {
    for (const name of ['HEAD', 'config']) await copyFile(join(fresh, name), join(old, name));
  },
  async (old) => {
    for (const name of ['refs', 'packed-refs']) await rm(join(old, name), { recursive: true, force: true });
    await mkdir(join(old, 'refs'));
  },
];

/** One ref for each object, those of the past with them; none where git can do nothing with what is left. */
async function namedTips(old: Mirror, fresh: Mirror, past: readonly string[]): Promise<Map<string, string>> {
  let named = new Map<string, string>();
  for (const mend of mendings) {
    await mend(old.directory, fresh.directory);
    named = (await refsOf(old).catch(ifDamaged)) ?? named;
    if ((await nameThese(old, past, named)) && named.size > 0) break;
  }
  return named;
}

async function refsOf(old: Mirror): Promise<Map<string, string>> {
  const output = await runMirror(old, ['for-each-ref', '--format=%(objectname) %(refname)']);
  const lines = output.toString('latin1').split('\n').filter((line) => line !== ''); // prettier-ignore
  return new Map(lines.map((line) => line.split(' ') as [string, string]));
}

/** Whether each of these that the mirror has is named now. */
async function nameThese(old: Mirror, ids: readonly string[], named: Map<string, string>): Promise<boolean> {
  const present = await presentIn(old, ids.filter((id) => !named.has(id))).catch(ifDamaged); // prettier-ignore
  // One that git refuses takes the others of its command with it.
  for (const some of [present ?? [], ...(present ?? []).map((id) => [id])]) {
    if (some.every((id) => named.has(id))) continue;
    const kept = await keepTips(old, some).then(() => true, ifDamaged); // prettier-ignore
    if (kept === true) for (const id of some) named.set(id, keptRefOf(id));
  }
  return present?.every((id) => named.has(id)) ?? false;
}

function ifDamaged(error: unknown): undefined {
  if (
    error instanceof DamagedCopy ||
    (error instanceof GitFailure && error.exit.startsWith('exit') && !error.isShortage)
  )
    return undefined;
  throw error;
}
