// A look at the origin: what it names now, and whether that is what the store knows.
import type { SourceContext } from '../../domain/source.js';
import { stateMap } from '../../domain/state-rows.js';
import { brokenAtSight, leavingOut, type BrokenRef } from './broken-refs.js';
import type { Cursor } from './cursor.js';
import { mirrorExists, mirrorOf, shallowCommits, type Mirror } from './mirror.js';
import type { GitOptions } from './options.js';
import { originRefs, type OriginRefs } from './origin.js';
import { areSealsUnbroken } from './pack-seals.js';
import { knownFromRows, sameRefs, type Known } from './ref-changes.js';
import { walkAt, type Walk } from './walk-file.js';

type Context = SourceContext<GitOptions>;

/** One question to the origin: does it name other refs than the store knows, or is there more to read of what it named? */
export async function hasNews(context: Context, committed: Cursor): Promise<boolean> {
  const look = await lookAt(context, committed);
  // A ref that cannot be read is told by prepare.
  return look.unfinished !== undefined || look.unreadable.length > 0 || !(await isCurrent(look, committed));
}

export interface OriginLook {
  readonly mirror: Mirror;
  readonly known: Known;
  readonly unfinished: Walk | undefined;
  /** What the origin named, without the refs that are `unreadable`. */
  readonly wanted: OriginRefs;
  readonly unreadable: readonly BrokenRef[];
  readonly first: boolean;
}

export async function lookAt(context: Context, committed: Cursor): Promise<OriginLook> {
  const known = await knownFrom(context);
  const unfinished = await walkAt(context.directory, committed);
  const first = known.tips.size === 0 && committed.after === null;
  const answer = await originRefs(context, first);
  const unreadable = brokenAtSight(answer);
  const wanted = leavingOut(answer, unreadable, lastSeen(known, unfinished).tips);
  return { mirror: mirrorOf(context), known, unfinished, wanted, unreadable, first };
}

async function knownFrom({ state }: Context): Promise<Known> {
  const [refs, kept] = await Promise.all([stateMap(state, 'ref'), stateMap(state, 'kept')]);
  return knownFromRows(refs, kept.keys());
}

/** Nothing moved since the tips that the unfinished walk leads to, or that the store knows. */
export async function isCurrent(
  { mirror, wanted, known, unfinished }: OriginLook,
  committed: Cursor,
): Promise<boolean> {
  if (committed.walk !== null && unfinished === undefined) return false;
  const seen = lastSeen(known, unfinished);
  if (!sameRefs(wanted, seen)) return false;
  // A shallow origin may have been completed, which moves no tip.
  if (unfinished === undefined && (await shallowCommits(mirror)).size > 0) return false;
  // Damage is mended while the origin still has what it had: after a force-push only the old tip would be known.
  const isEmpty = unfinished === undefined && seen.tips.size === 0;
  return isEmpty || ((await mirrorExists(mirror)) && areSealsUnbroken(mirror));
}

/** What an unfinished walk leads to, or the store knows. */
export function lastSeen(known: Known, unfinished: Walk | undefined): OriginRefs {
  return unfinished === undefined ? known : endOf(unfinished);
}

export function endOf({ tips, head }: Walk): OriginRefs {
  return { tips: new Map(Object.entries(tips)), head };
}
