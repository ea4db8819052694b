// What became of the refs between two looks at the origin: one change a ref, in an order that comes of the names alone,
// so that the same two looks always give the same changes with the same numbers.
import type { Json } from '../../domain/event.js';
import { createHash } from 'node:crypto';
import { gitLimits } from './limits.js';
import type { StatePatch } from '../../domain/source-state.js';
import type { OriginRefs, Tips } from './origin.js';

/** What the store knows of the refs: all that `tips` and `kept` reach is stored. */
export interface Known extends OriginRefs {
  /** Commits that a ref once pointed to and that no ref reaches since (a force-push, a deleted branch). */
  readonly kept: ReadonlySet<string>;
}

export interface RefChange {
  /** Counts the changes of a source. Null: nothing is told, as HEAD only follows its branch. */
  readonly number: number | null;
  readonly ref: string;
  /** What it pointed to, as the id of any object; null when it was not there. */
  readonly from: string | null;
  readonly to: string | null;
  /** HEAD's branch before and after; only when it is HEAD. */
  readonly branch?: { readonly from: string | null; readonly to: string | null };
}

/** Deletions first: `a` must be gone before `a/b` can be there. HEAD last: the branch it stands for is then known. */
export function refChanges(before: OriginRefs, now: OriginRefs, told: number): RefChange[] {
  const gone = [...before.tips.keys()].filter((ref) => !now.tips.has(ref)).sort();
  const others = [...now.tips.keys()].filter((ref) => differs(ref, before, now)).sort(headLast);
  let number = told;
  return [...gone, ...others].map((ref) => {
    const change = { ref, from: before.tips.get(ref) ?? null, to: now.tips.get(ref) ?? null };
    if (ref !== 'HEAD') return { number: ++number, ...change };
    return {
      number: followsBranch(before, now) ? null : ++number,
      ...change,
      branch: { from: before.head, to: now.head },
    };
  });
}

function headLast(one: string, other: string): number {
  if (one === 'HEAD' || other === 'HEAD') return one === 'HEAD' ? 1 : -1;
  return one < other ? -1 : 1;
}

function differs(ref: string, before: OriginRefs, now: OriginRefs): boolean {
  return before.tips.get(ref) !== now.tips.get(ref) || (ref === 'HEAD' && before.head !== now.head);
}

/** HEAD stands for the branch it stood for, and that branch is followed: the branch tells its moves itself. */
function followsBranch(before: OriginRefs, now: OriginRefs): boolean {
  return before.head !== null && before.head === now.head && before.tips.has(before.head) && now.tips.has(before.head);
}

/** The rows of `source_state` that a change leads to. */
export function refRows({ ref, to, branch }: Pick<RefChange, 'ref' | 'to' | 'branch'>): StatePatch[] {
  const key = rowKey(ref);
  const name = key === ref ? {} : { ref };
  const head = branch === undefined || branch.to === null ? {} : { head: branch.to };
  return [{ kind: 'ref', key, value: to === null ? null : { sha: to, ...name, ...head } }];
}

export function keptRow(id: string, kept: boolean): StatePatch {
  return { kind: 'kept', key: id, value: kept ? {} : null };
}

/** A ref name may be as long as a path; what Postgres takes as a key may not. */
function rowKey(ref: string): string {
  if (ref.length <= gitLimits.refKeyCharsMax) return ref;
  return `${ref.slice(0, gitLimits.refKeyCharsMax).toWellFormed()}#${createHash('sha256').update(ref).digest('hex')}`;
}

export function knownFromRows(refs: ReadonlyMap<string, Json>, kept: Iterable<string>): Known {
  const tips = new Map<string, string>();
  let head: string | null = null;
  for (const [key, value] of refs) {
    const row = (value ?? {}) as { sha?: string; ref?: string; head?: string };
    if (typeof row.sha !== 'string') continue;
    tips.set(row.ref ?? key, row.sha);
    if (key === 'HEAD') head = row.head ?? null;
  }
  return { tips, head, kept: new Set(kept) };
}

export function sameRefs(one: OriginRefs, other: OriginRefs): boolean {
  return one.head === other.head && sameTips(one.tips, other.tips);
}

function sameTips(one: Tips, other: Tips): boolean {
  return one.size === other.size && [...one].every(([ref, id]) => other.get(ref) === id);
}
