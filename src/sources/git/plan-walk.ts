// prepare: ask the origin for its tips; where they moved, fetch, and freeze the commits that are new as a walk.
import { isMassDeletion } from '../../domain/deletions.js';
import { NeedsAttention, Transient } from '../../domain/errors.js';
import type { Prepared, SourceContext } from '../../domain/source.js';
import { accessOf } from './access.js';
import { leavingOut, problemsOf, type BrokenRef } from './broken-refs.js';
import type { Cursor } from './cursor.js';
import { completable } from './completable.js';
import { DamagedCopy } from './damaged-copy.js';
import { namingFullDisk } from './disk-space.js';
import { fetchTips, type FetchedTips } from './fetch-tips.js';
import { newCommits, theseCommits } from './history.js';
import { keepTips, presentIn, shallowCommits, type Mirror } from './mirror.js';
import { withMirrorLock, type HeldLock } from './mirror-lock.js';
import { secondsOf, type GitOptions } from './options.js';
import type { OriginRefs, Tips } from './origin.js';
import { endOf, isCurrent, lastSeen, lookAt } from './origin-look.js';
import { planNotes, type Looked } from './plan-notes.js';
import { sameRefs, type Known } from './ref-changes.js';
import { admitGoneRefs, requireRepository } from './second-look.js';
import { removeWalks, stretchesOf, writeWalk, type PlannedPart, type Walk } from './walk-file.js';
import { isWhole, remaining, stateAfter } from './walk-rest.js';

type Context = SourceContext<GitOptions>;

/** `damage`: what a reader found of the mirror or the walk, which are then mended. */
export async function planWalk(context: Context, committed: Cursor, damage?: DamagedCopy): Promise<Prepared<Cursor>> {
  const look = await lookAt(context, committed);
  const { mirror, known, unfinished, wanted, unreadable, first } = look;
  if (first && wanted.tips.size === 0 && unreadable.length === 0) await requireRepository(context);
  const again = unfinished === undefined ? await completable(context, mirror) : [];
  if (damage === undefined && again.length === 0 && (await isCurrent(look, committed))) {
    const nothing = { cursor: committed, recordsExpected: 0, nothingNew: true };
    return telling(unfinished === undefined ? nothing : resumed(context, unfinished, committed), unreadable);
  }
  await admitGoneRefs(context, lastSeen(known, unfinished), wanted);
  const reached = { ...mirror, access: await accessOf(context) };
  const plan = { context, mirror: reached, known, unfinished, committed, wanted, first, unreadable };
  return namingFullDisk(context.directory, () =>
    withMirrorLock(mirror.directory, (lock) => mendAndPlan({ ...plan, lock, damage })),
  );
}

function telling(start: Prepared<Cursor>, broken: readonly BrokenRef[]): Prepared<Cursor> {
  return broken.length === 0 ? start : { ...start, problems: problemsOf(broken) };
}

interface Plan {
  readonly context: Context;
  readonly mirror: Mirror;
  readonly known: Known;
  readonly unfinished: Walk | undefined;
  readonly committed: Cursor;
  /** Without the refs that are `unreadable`. */
  readonly wanted: OriginRefs;
  readonly unreadable: readonly BrokenRef[];
  readonly first: boolean;
  readonly lock: HeldLock;
  readonly damage?: DamagedCopy | undefined;
}

/** Listing what is new may be what finds damage. A new mirror is whole: there the damage is the origin's. */
async function mendAndPlan(plan: Plan): Promise<Prepared<Cursor>> {
  try {
    return await fetchAndPlan(plan).catch((error: unknown) => {
      if (error instanceof DamagedCopy) return fetchAndPlan({ ...plan, damage: error });
      throw error;
    });
  } catch (error) {
    if (!(error instanceof DamagedCopy)) throw error;
    throw new NeedsAttention(
      'git_history_damaged',
      `the history cannot be listed, also from a new mirror: run git fsck at the origin, and look at the disk of ${plan.context.directory} (${error.message})`,
    );
  }
}

async function fetchAndPlan(plan: Plan): Promise<Prepared<Cursor>> {
  const { context, mirror, known, unfinished, committed, wanted, unreadable, first, lock, damage } = plan;
  const seen = timeAfter(committed.seen);
  const cutBefore = await shallowCommits(mirror);
  const without = unreadable.map(({ ref }) => ref);
  const fetched = await fetchTips({
    mirror,
    given: context.options,
    wanted: wanted.tips,
    without,
    past: [...known.tips.values(), ...known.kept, ...lastSeen(known, unfinished).tips.values()],
    lock,
    first,
    damage,
  });
  const broken = [...unreadable, ...fetched.broken];
  requireFetched(readableOf(wanted, broken), lastSeen(known, unfinished).tips, fetched.tips);
  const uncut = cutBefore.size > 0 && !sameSet(cutBefore, await shallowCommits(mirror));
  const pending =
    unfinished !== undefined && (await isWhole(context.directory, mirror, unfinished, committed))
      ? unfinished
      : undefined;
  const rest = pending === undefined ? [] : remaining(context.directory, pending, committed);
  const { before, told } = await stateAfter(rest, known, committed.changes ?? 0);
  const tips = readableOf(fetched, broken);
  const now = leavingOut({ tips, head: fetched.tips.has('HEAD') ? wanted.head : null }, broken, before.tips);
  // The mirror was mended, and the walk is as good as before.
  if (pending !== undefined && !uncut && sameRefs(now, endOf(pending)))
    return telling(resumed(context, pending, committed), broken);
  const again = await completable(context, mirror);
  const fromNothing = committed.changes === undefined && before.tips.size === 0 && before.kept.size === 0;
  const present = await presentIn(
    mirror,
    new Set([...known.tips.values(), ...known.kept, ...before.tips.values(), ...before.kept]),
  );
  // History that a shallow origin got since lies behind known tips: read all again, the store knows what it has.
  const fresh: PlannedPart = {
    of: 'commits',
    entries: newCommits(mirror, tips.values(), uncut ? [] : present, sinceOf(context.options)),
  };
  const notes: PlannedPart = { of: 'notes', notes: () => written({ mirror, before, now, told, first: fromNothing }) };
  const incomplete: PlannedPart = { of: 'commits', entries: theseCommits(mirror, again), again: true };
  const walk = await writeWalk(context.directory, [...rest, incomplete, fresh, notes], {
    tips: Object.fromEntries(now.tips),
    head: now.head,
  });
  await removeWalks(context.directory, [walk.id, committed.walk]);
  return telling(startOf(context, walk, committed, seen), broken);
}

/** The mirror may still have what a broken ref pointed to. */
function readableOf({ tips }: Pick<FetchedTips, 'tips'>, broken: readonly BrokenRef[]): Map<string, string> {
  const unread = new Set(broken.map(({ ref }) => ref));
  return new Map([...tips].filter(([ref]) => !unread.has(ref)));
}

/**
 * The fetch puts its own question to the origin, and its answer may be the empty one: then refs are not there, or all
 * of them stand where they stood, though the origin has just named others.
 */
function requireFetched(wanted: Tips, before: Tips, tips: Tips): void {
  const gone = [...wanted.keys()].filter((ref) => !tips.has(ref));
  const moved = [...wanted].filter(([ref, id]) => before.get(ref) !== id);
  const stale = moved.length > 0 && moved.every(([ref]) => tips.get(ref) === before.get(ref));
  if (!stale && !isMassDeletion({ known: wanted.size, gone })) return;
  const missed = stale ? `none of the ${moved.length} that moved` : `${wanted.size - gone.length} of them`;
  throw new Transient(
    'git_fetch_failed',
    `the origin named ${wanted.size} refs, and a fetch a moment later brought ${missed}`,
  );
}

/** Times of a ref never go back, or "what did it point to then" would have no answer. */
function timeAfter(before: string | undefined): string {
  const now = new Date().toISOString();
  return before !== undefined && before > now ? before : now;
}

function sinceOf({ since }: GitOptions): number | undefined {
  return since === undefined ? undefined : (secondsOf(since) ?? undefined);
}

async function* written(looked: Looked): AsyncGenerator<string[], void, void> {
  const lost: string[] = [];
  for await (const note of planNotes(looked, lost)) yield [JSON.stringify(note)];
  await keepTips(looked.mirror, lost);
}

function startOf(context: Context, walk: Walk, committed: Cursor, seen: string): Prepared<Cursor> {
  // The same walk, computed again after the directory was lost: go on where it was left.
  if (walk.id === committed.walk && committed.at <= walk.total) return resumed(context, walk, committed);
  const { after, changes } = committed;
  const place = { v: 1, at: 0, after, ...(changes === undefined ? {} : { changes }) } as const;
  if (walk.total === 0)
    return {
      cursor: { ...place, walk: null, ...(committed.seen === undefined ? {} : { seen: committed.seen }) },
      recordsExpected: 0,
    };
  return resumed(context, walk, { ...place, walk: walk.id, seen });
}

function resumed({ options: { maxCommits } }: Context, walk: Walk, place: Cursor): Prepared<Cursor> {
  const stop = maxCommits === undefined ? undefined : stopAfter(walk, place.at, maxCommits);
  const cursor: Cursor = { ...place, stop };
  if (stop === undefined) delete cursor.stop;
  return { cursor, recordsExpected: (stop ?? walk.total) - place.at };
}

/** The position after so many commits; undefined when no commit comes after it. Notes are not counted. */
function stopAfter(walk: Walk, at: number, maxCommits: number): number | undefined {
  let [place, left] = [at, maxCommits];
  for (const { of, from, to } of stretchesOf(walk, at, walk.total)) {
    if (of === 'commits' && to - from > left) return place + left;
    if (of === 'commits') left -= to - from;
    place += to - from;
  }
  return undefined;
}

function sameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
