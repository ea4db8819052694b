// What became of one entry: the change to tell, if any, and its new row.
import type { Pair, Row } from './manifest.js';
import { factsOf, type Facts } from './print.js';
import type { Contents } from './read-file.js';
import type { Change, Version } from './record.js';
import type { Former } from './renames.js';

export type Told = Pick<Change, 'event' | 'now' | 'was' | 'from' | 'paired'>;

export interface Outcome {
  /** Undefined: nothing that means anything, and the row is another (a new inode, a link more). */
  readonly told: Told | undefined;
  readonly row: Row;
}

export interface Moment {
  readonly look: number;
  readonly nowMs: number;
  /** Milliseconds within which times do not tell. */
  readonly clockMs: number;
}

export function outcomeOf(pair: Pair, contents: Contents, former: Former | undefined, moment: Moment): Outcome {
  const now = versionOf(contents);
  const old = pair.row ?? former?.row;
  if (old === undefined)
    return { told: { event: 'created', now }, row: rowOf(contents, { born: moment.look, at: moment.look }, moment) };
  const was = versionOf(old);
  const event = former === undefined ? eventOf(was, now) : ('renamed' as const);
  const name = old.name ?? former?.key ?? pair.key;
  const kept = { born: old.born, at: event === undefined ? old.at : moment.look, name };
  const row = rowOf(contents, { ...kept, ...(name === pair.key ? { name: undefined } : {}) }, moment);
  if (event === undefined) return { told: undefined, row };
  return {
    told: { event, now, was, ...(former === undefined ? {} : { from: former.key, paired: former.paired }) },
    row,
  };
}

export function versionOf({ print, sha256, target, unreadable }: Version): Version {
  return {
    print,
    sha256,
    ...(target === undefined ? {} : { target }),
    ...(unreadable === undefined ? {} : { unreadable }),
  };
}

function eventOf(was: Version, now: Version): Told['event'] | undefined {
  const changed = changedOf(was, now);
  if (changed.includes('type')) return 'type_changed';
  if (changed.includes('contents')) return 'modified';
  return changed.length > 0 ? 'metadata_changed' : undefined;
}

/** What differs, in words of the event. */
export function changedOf(was: Version, now: Version): string[] {
  const [before, after] = [factsOf(was.print), factsOf(now.print)];
  const changed: string[] = [];
  if (before.type !== after.type) changed.push('type');
  else if (differ(was, now, before, after)) changed.push('contents');
  for (const field of ['mode', 'uid', 'gid'] as const) if (before[field] !== after[field]) changed.push(field);
  if (before.letter === 'f' && after.letter === 'f' && before.mtimeNs !== after.mtimeNs) changed.push('mtime');
  if (before.type === after.type && was.unreadable !== now.unreadable) changed.push('readable');
  return changed;
}

/** Where nobody could read both, size and time of writing stand for the contents. */
function differ(was: Version, now: Version, before: Facts, after: Facts): boolean {
  if (was.sha256 !== null && now.sha256 !== null) return was.sha256 !== now.sha256;
  return after.letter === 'f' && (before.size !== after.size || before.mtimeNs !== after.mtimeNs);
}

function rowOf(
  { print, sha256, target, unreadable, moving }: Contents,
  { born, at, name }: Pick<Row, 'born' | 'at'> & { readonly name?: string | undefined },
  { nowMs, clockMs }: Moment,
): Row {
  const facts = factsOf(print);
  const age = nowMs - Number(BigInt(facts.ctimeNs) / 1_000_000n);
  // A clock that is ahead by hours tells of the next write as well as any.
  const racy = facts.letter === 'f' && (moving === true || Math.abs(age) < clockMs);
  return {
    print,
    sha256,
    born,
    at,
    ...(name === undefined ? {} : { name }),
    ...(target === undefined ? {} : { target }),
    ...(unreadable === undefined ? {} : { unreadable }),
    ...(facts.letter === 'f' && sha256 !== null ? { read: Math.floor(nowMs / 1_000) } : {}),
    ...(racy ? { racy: true as const } : {}),
  };
}
