// prepare: ask the origin for its tips; where they moved, fetch, and freeze the commits that are new as a walk.
import type { Prepared, SourceContext } from '../../domain/source.js';
import type { Cursor } from './cursor.js';
import { stateMap } from '../../domain/state-rows.js';
import { newCommits } from './history.js';
import { fetchTips, keepTips, mirrorExists, mirrorOf, presentIn, shallowCommits, type Mirror } from './mirror.js';
import { withMirrorLock, type HeldLock } from './mirror-lock.js';
import { secondsOf, type GitOptions } from './options.js';
import { originRefs, type OriginRefs } from './origin.js';
import { planNotes, type Looked } from './plan-notes.js';
import { knownFromRows, sameRefs, type Known } from './ref-changes.js';
import { isCommitNote, knownAfter, type Note, type RefNote } from './ref-notes.js';
import { entriesFrom, notesFrom, removeWalks, stretchesOf, walkAt, writeWalk, type PlannedPart, type Walk } from './walk-file.js';

type Context = SourceContext<GitOptions>;

export async function planWalk(context: Context, committed: Cursor): Promise<Prepared<Cursor>> {
  const mirror = mirrorOf(context);
  const known = await knownFrom(context);
  const unfinished = await walkAt(context.directory, committed);
  const wanted = await originRefs(context.options, known.tips.size === 0 && committed.after === null, context.signal);
  if (await isCurrent(mirror, wanted, known, committed, unfinished)) {
    return unfinished === undefined ? { cursor: committed, recordsExpected: 0 } : resumed(context, unfinished, committed);
  }
  return withMirrorLock(mirror.directory, (lock) => fetchAndPlan({ context, mirror, known, unfinished, committed, wanted, lock }));
}

async function knownFrom({ state }: Context): Promise<Known> {
  const [refs, kept] = await Promise.all([stateMap(state, 'ref'), stateMap(state, 'kept')]);
  return knownFromRows(refs, kept.keys());
}

/** Nothing moved since the tips that the unfinished walk leads to, or that the store knows. */
async function isCurrent(mirror: Mirror, wanted: OriginRefs, known: Known, committed: Cursor, unfinished: Walk | undefined): Promise<boolean> {
  if (committed.walk !== null && unfinished === undefined) return false;
  if (!sameRefs(wanted, unfinished === undefined ? known : endOf(unfinished))) return false;
  // A shallow origin may have been completed, which moves no tip.
  return unfinished === undefined ? (await shallowCommits(mirror)).size === 0 : mirrorExists(mirror);
}

function endOf({ tips, head }: Walk): OriginRefs {
  return { tips: new Map(Object.entries(tips)), head };
}

interface Plan {
  readonly context: Context;
  readonly mirror: Mirror;
  readonly known: Known;
  readonly unfinished: Walk | undefined;
  readonly committed: Cursor;
  readonly wanted: OriginRefs;
  readonly lock: HeldLock;
}

async function fetchAndPlan({ context, mirror, known, unfinished, committed, wanted, lock }: Plan): Promise<Prepared<Cursor>> {
  const seen = timeAfter(committed.seen);
  const cutBefore = await shallowCommits(mirror);
  const tips = await fetchTips(mirror, context.options, wanted.tips, lock);
  const now = { tips, head: tips.has('HEAD') ? wanted.head : null };
  const uncut = cutBefore.size > 0 && !sameSet(cutBefore, await shallowCommits(mirror));
  const pending = unfinished !== undefined && (await isWhole(mirror, unfinished)) ? unfinished : undefined;
  const rest = pending === undefined ? [] : remaining(context.directory, pending, committed);
  const { before, told } = await stateAfter(rest, known, committed.changes ?? 0);
  const first = committed.changes === undefined && before.tips.size === 0 && before.kept.size === 0;
  const present = await presentIn(mirror, new Set([...known.tips.values(), ...known.kept, ...before.tips.values(), ...before.kept]));
  // History that a shallow origin got since lies behind known tips: read all again, the store knows what it has.
  const fresh: PlannedPart = { of: 'commits', entries: newCommits(mirror, tips.values(), uncut ? [] : present, sinceOf(context.options)) };
  const notes: PlannedPart = { of: 'notes', notes: () => written({ mirror, before, now, told, first }) };
  const walk = await writeWalk(context.directory, [...rest, fresh, notes], { tips: Object.fromEntries(tips), head: now.head });
  await removeWalks(context.directory, [walk.id, committed.walk]);
  return startOf(context, walk, committed, seen);
}

/** Times of a ref never go back, or "what did it point to then" would have no answer. */
function timeAfter(before: string | undefined): string {
  const now = new Date().toISOString();
  return before !== undefined && before > now ? before : now;
}

function sinceOf({ since }: GitOptions): number | undefined {
  return since === undefined ? undefined : (secondsOf(since) ?? undefined);
}

/** The commits of an unfinished walk may be gone when the mirror was made anew after a force-push. */
async function isWhole(mirror: Mirror, walk: Walk): Promise<boolean> {
  const tips = [...new Set(Object.values(walk.tips))];
  return (await presentIn(mirror, tips)).length === tips.length;
}

/** What is left of an unfinished walk: it comes first, so that what was seen then is told as it was. */
function remaining(directory: string, walk: Walk, committed: Cursor): PlannedPart[] {
  return stretchesOf(walk, committed.at, walk.total).map((stretch) =>
    stretch.of === 'commits'
      ? { of: 'commits', entries: entriesFrom(directory, walk, stretch) }
      : { of: 'notes', notes: () => notesFrom(directory, walk, stretch), seen: stretch.seen ?? committed.seen },
  );
}

/** What the store knows when the rest of the unfinished walk is read. */
async function stateAfter(rest: readonly PlannedPart[], known: Known, changes: number): Promise<{ before: Known; told: number }> {
  let [before, told] = [known, changes];
  for (const part of rest) {
    if (part.of === 'commits') continue;
    for await (const lines of part.notes()) {
      const notes = lines.map((line) => JSON.parse(line) as Note).filter((note): note is RefNote => !isCommitNote(note));
      before = knownAfter(before, notes);
      told = Math.max(told, ...notes.map(({ number }) => number ?? 0));
    }
  }
  return { before, told };
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
  if (walk.total === 0) return { cursor: { ...place, walk: null, ...(committed.seen === undefined ? {} : { seen: committed.seen }) }, recordsExpected: 0 };
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
