// Brings the mirror up to the origin. A mirror that is damaged is never thrown away: a new one is made beside it,
// takes over what only the old one has, and only when it is complete takes its place.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transient } from '../../domain/errors.js';
import { rememberBroken, rememberedBroken, type BrokenRef } from './broken-refs.js';
import { askForPast, carryOver } from './carry-over.js';
import type { DamagedCopy } from './damaged-copy.js';
import { diskFull, isDiskFull } from './disk-space.js';
import { fetchApart } from './fetch-apart.js';
import { GitFailure, mayBeContent, originFailure } from './git-failure.js';
import {
  createMirror, fetchOf, fetchRefs, hasObjects, holdsFormatOf, isConnected, mirrorExists, mirrorTips, removeGone, removeMirror, type Mirror,
} from './mirror.js'; // prettier-ignore
import { clearLeftovers, freshMirror, swapMirrors } from './mirror-leftovers.js';
import { mergePacks } from './merge-packs.js';
import type { HeldLock } from './mirror-lock.js';
import { originOf, type GitOptions } from './options.js';
import type { Tips } from './origin.js';
import { arePacksSound, arePacksWhole, sealPacks } from './pack-seals.js';
import { mirrorRefsPrefix, refspecOf } from './ref-globs.js';

export interface TipsAsked {
  readonly mirror: Mirror;
  readonly given: GitOptions;
  readonly wanted: Tips;
  /** Refs that are known to be unreadable without asking. */
  readonly without: readonly string[];
  /** Objects that refs pointed to, as the store knows. */
  readonly past: Iterable<string>;
  readonly lock: HeldLock;
  /** Nothing was ever read from this origin, so a failure is the url's. */
  readonly first: boolean;
  /** Why the mirror is not to be trusted. */
  readonly damage?: DamagedCopy | undefined;
}

export interface FetchedTips {
  readonly tips: Tips;
  readonly broken: readonly BrokenRef[];
  /** The mirror is a new one: what only the old one had may be lost. */
  readonly anew: boolean;
}

export async function fetchTips(asked: TipsAsked): Promise<FetchedTips> {
  const { mirror, given, first } = asked;
  try {
    await clearLeftovers(mirror.directory);
    return await fetchSound(asked);
  } catch (error) {
    if (error instanceof Error && isDiskFull(error)) {
      await clearLeftovers(mirror.directory);
      throw await diskFull(mirror.directory, error);
    }
    throw error instanceof GitFailure ? originFailure(error, originOf(given), first) : error;
  }
}

async function fetchSound(asked: TipsAsked): Promise<FetchedTips> {
  const { mirror, wanted } = asked;
  const isOld = (await mirrorExists(mirror)) && (await isSound(asked)) && (await isOpenable(mirror, wanted));
  if (!isOld) return fetchAnew(asked);
  try {
    return { ...(await fetchInto(mirror, asked)), anew: false };
  } catch (error) {
    // git words damage of the mirror and of the origin alike; only a new mirror tells them apart.
    if (!(error instanceof GitFailure) || !mayBeContent(error)) throw error;
    return fetchAnew(asked);
  }
}

/** Its own settings may be what is damaged. */
async function isOpenable(mirror: Mirror, wanted: Tips): Promise<boolean> {
  try {
    return await holdsFormatOf(mirror, wanted);
  } catch (error) {
    if (error instanceof GitFailure && error.exit.startsWith('exit') && !error.isShortage) return false;
    throw error;
  }
}

/**
 * Throws what git said when all that was suspected is as it should be, unless a commit may be why: whoever reads it again
 * then knows.
 */
async function isSound({ mirror, damage }: TipsAsked): Promise<boolean> {
  if (damage === undefined || damage.kind === 'walk' || damage.kind === 'seal') return arePacksSound(mirror);
  if (damage.kind === 'object' || !(await arePacksWhole(mirror)) || !(await isConnected(mirror))) return false;
  if (damage.commit !== undefined) return true;
  throw new Transient('git_read_failed', `git could not read the mirror, which is whole: ${damage.message}`);
}

async function fetchAnew(asked: TipsAsked): Promise<FetchedTips> {
  const { mirror, wanted } = asked;
  const fresh = { ...mirror, directory: freshMirror(mirror.directory) };
  try {
    await createMirror(fresh, wanted);
    const fetched = await fetchInto(fresh, asked);
    // By its objects: what else is lost of a mirror, it may still have what the origin dropped.
    if (await hasObjects(mirror)) await carryOver(mirror, fresh, asked.past, asked.lock);
    await askForPast(fresh, { url: originOf(asked.given), past: asked.past }, asked.lock);
    await sealPacks(fresh);
    await swapMirrors(mirror.directory);
    return { ...fetched, anew: true };
  } catch (error) {
    await removeMirror(fresh);
    throw error;
  }
}

async function fetchInto(mirror: Mirror, asked: TipsAsked): Promise<Omit<FetchedTips, 'anew'>> {
  const { given, wanted } = asked;
  if (wanted.size === 0) {
    await sealPacks(mirror);
    return { tips: new Map(), broken: [] };
  }
  await removeGone(mirror, wanted);
  const broken = await fetchAll(mirror, asked);
  await rememberBroken(mirror, broken);
  await mergePacks(mirror);
  await sealPacks(mirror);
  return { tips: await mirrorTips(mirror, given.refs), broken };
}

async function fetchAll(mirror: Mirror, asked: TipsAsked): Promise<BrokenRef[]> {
  const { given, wanted, without, lock } = asked;
  const doubtful = await rememberedBroken(mirror, wanted);
  const refs = [...wanted.keys()].filter((ref) => !without.includes(ref) && !doubtful.includes(ref));
  try {
    await fetchRefs(mirror, fetchOf(given, wanted, [...without, ...doubtful]), lock);
    return doubtful.length === 0 ? [] : (await fetchEach(mirror, asked, doubtful)).broken;
  } catch (error) {
    if (!(error instanceof GitFailure) || !mayBeContent(error)) throw error;
    const { broken, fetched } = await fetchEach(mirror, asked, [...refs, ...doubtful]);
    // Then the failure is not that of a broken ref.
    if (fetched === 0) throw error;
    return broken;
  }
}

interface FetchedEach {
  readonly broken: BrokenRef[];
  readonly fetched: number;
}

async function fetchEach(mirror: Mirror, asked: TipsAsked, refs: readonly string[]): Promise<FetchedEach> {
  const { given, wanted, lock } = asked;
  const url = originOf(given);
  const bring = async (some: readonly string[]): Promise<void> => {
    if (some.length === 1) await removeEmptyRef(mirror, some[0]!);
    await fetchRefs(mirror, { url, refspecs: some.map(refspecOf) }, lock);
  };
  const { unread, fetched } = await fetchApart(refs, { bring, isTheirs: mayBeContent });
  const broken = unread.map(({ item, failure: { stderr } }) => ({
    ref: item,
    id: wanted.get(item)!,
    found: `git said: ${stderr}`,
  }));
  return { fetched, broken };
}

/** A power cut may leave a ref of ours without what was written to it, and git does not write over it. */
async function removeEmptyRef(mirror: Mirror, ref: string): Promise<void> {
  const file = join(mirror.directory, mirrorRefsPrefix + ref);
  const text = await readFile(file, 'latin1').catch(() => undefined);
  if (text !== undefined && !/^[0-9a-f]{40,64}\n$/.test(text)) await rm(file, { force: true });
}
