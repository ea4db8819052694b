// prepare: ask the origin for its tips; where they moved, fetch, and freeze the commits that are new as a walk.
import type { Json } from '../../domain/event.js';
import type { Prepared, SourceContext, StatePatch } from '../../domain/source.js';
import type { Cursor } from './cursor.js';
import { newCommits, unreachable } from './history.js';
import { fetchTips, keepTips, mirrorExists, mirrorOf, presentIn, shallowCommits, type Mirror } from './mirror.js';
import { withMirrorLock, type HeldLock } from './mirror-lock.js';
import { secondsOf, type GitOptions } from './options.js';
import { originTips, sameTips, type Tips } from './origin.js';
import { entriesFrom, removeWalks, walkAt, writeWalk, type Walk, type WalkEntry } from './walk-file.js';

type Context = SourceContext<GitOptions>;

/** What the store has: all that these reach. */
interface Known {
  /** Tips of the last finished walk, by ref. */
  readonly tips: Tips;
  /** Tips that were known once and that no ref reaches since (a force-push, a deleted branch). */
  readonly kept: readonly string[];
}

export async function planWalk(context: Context, committed: Cursor): Promise<Prepared<Cursor>> {
  const mirror = mirrorOf(context);
  const known = await knownFrom(context);
  const unfinished = await walkAt(context.directory, committed);
  const wanted = await originTips(context.options, known.tips.size === 0 && committed.after === null, context.signal);
  if (await isCurrent(mirror, wanted, known, committed, unfinished)) {
    return unfinished === undefined ? { cursor: committed, recordsExpected: 0 } : resumed(context, unfinished, committed);
  }
  return withMirrorLock(mirror.directory, (lock) => fetchAndPlan({ context, mirror, known, unfinished, committed, wanted, lock }));
}

/** Nothing moved since the tips that the unfinished walk leads to, or that the store knows. */
async function isCurrent(mirror: Mirror, wanted: Tips, known: Known, committed: Cursor, unfinished: Walk | undefined): Promise<boolean> {
  if (committed.walk !== null && unfinished === undefined) return false;
  const tips = unfinished === undefined ? known.tips : new Map(Object.entries(unfinished.tips));
  if (!sameTips(wanted, tips)) return false;
  // A shallow origin may have been completed, which moves no tip.
  return unfinished === undefined ? (await shallowCommits(mirror)).size === 0 : mirrorExists(mirror);
}

interface Plan {
  readonly context: Context;
  readonly mirror: Mirror;
  readonly known: Known;
  readonly unfinished: Walk | undefined;
  readonly committed: Cursor;
  readonly wanted: Tips;
  readonly lock: HeldLock;
}

async function fetchAndPlan({ context, mirror, known, unfinished, committed, wanted, lock }: Plan): Promise<Prepared<Cursor>> {
  const cutBefore = await shallowCommits(mirror);
  const tips = await fetchTips(mirror, context.options, wanted, lock);
  const uncut = cutBefore.size > 0 && !sameSet(cutBefore, await shallowCommits(mirror));
  const pending = unfinished !== undefined && (await isWhole(mirror, unfinished)) ? unfinished : undefined;
  const old = [...new Set([...known.tips.values(), ...known.kept, ...Object.values(pending?.tips ?? {})])];
  const present = await presentIn(mirror, old);
  const lost = await unreachable(mirror, present.filter((id) => !known.kept.includes(id)), tips.values());
  await keepTips(mirror, lost);
  // History that a shallow origin got since lies behind known tips: read all again, the store knows what it has.
  const fresh = newCommits(mirror, tips.values(), uncut ? [] : present, sinceOf(context.options));
  const entries = pending === undefined ? fresh : remaining(context.directory, pending, committed.at, fresh);
  const walk = await writeWalk(context.directory, entries, Object.fromEntries(tips), patchOf(known, tips, lost));
  await removeWalks(context.directory, [walk.id, committed.walk]);
  return startOf(context, walk, committed);
}

function sinceOf({ since }: GitOptions): number | undefined {
  return since === undefined ? undefined : (secondsOf(since) ?? undefined);
}

/** The commits of an unfinished walk may be gone when the mirror was made anew after a force-push. */
async function isWhole(mirror: Mirror, walk: Walk): Promise<boolean> {
  const tips = [...new Set(Object.values(walk.tips))];
  return (await presentIn(mirror, tips)).length === tips.length;
}

async function* remaining(directory: string, walk: Walk, at: number, fresh: AsyncIterable<WalkEntry>): AsyncGenerator<WalkEntry, void, void> {
  yield* entriesFrom(directory, walk, at);
  yield* fresh;
}

function startOf(context: Context, walk: Walk, committed: Cursor): Prepared<Cursor> {
  // The same walk, computed again after the directory was lost: go on where it was left.
  if (walk.id === committed.walk && committed.at <= walk.total) return resumed(context, walk, committed);
  const { after } = committed;
  if (walk.total === 0 && walk.patch.length === 0) return { cursor: { v: 1, walk: null, at: 0, after }, recordsExpected: 0 };
  return resumed(context, walk, { v: 1, walk: walk.id, at: 0, after });
}

function resumed({ options: { maxCommits } }: Context, walk: Walk, { v, at, after, part }: Cursor): Prepared<Cursor> {
  const stop = maxCommits !== undefined && at + maxCommits < walk.total ? at + maxCommits : undefined;
  const place = { v, walk: walk.id, at, after, ...(part === undefined ? {} : { part }) };
  return { cursor: stop === undefined ? place : { ...place, stop }, recordsExpected: (stop ?? walk.total) - at };
}

async function knownFrom({ state }: Context): Promise<Known> {
  const [refs, kept] = await Promise.all([state.list('ref'), state.list('kept')]);
  const tips = new Map([...refs].flatMap(([ref, value]) => (idOf(value) === null ? [] : [[ref, idOf(value)!] as const])));
  return { tips, kept: [...kept.keys()] };
}

function idOf(value: Json): string | null {
  const sha = typeof value === 'object' && value !== null && !Array.isArray(value) ? value['sha'] : null;
  return typeof sha === 'string' ? sha : null;
}

/** In an order that does not depend on the store's: the walk's id is made of it. */
function patchOf({ tips: before }: Known, tips: Tips, lost: readonly string[]): StatePatch[] {
  const moved = [...tips].filter(([ref, sha]) => before.get(ref) !== sha).map(([key, sha]) => ({ kind: 'ref', key, value: { sha } }));
  const gone = [...before.keys()].filter((ref) => !tips.has(ref)).sort().map((key) => ({ kind: 'ref', key, value: null }));
  const kept = lost.toSorted().map((key) => ({ kind: 'kept', key, value: {} }));
  return [...moved, ...gone, ...kept];
}

function sameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}

