// What is known of the tree: a row of state for each entry, under its path as `stateKey` has it; and the walk merged with those
// rows, so that neither need be held. Rows change with the page that carries their events.
import type { Json } from '../../domain/event.js';
import type { SourceState, StatePatch } from '../../domain/source-state.js';
import { stateRows } from '../../domain/state-rows.js';
import { unseen, type Entry } from './walk.js';

export const kind = 'entry';

export interface Row {
  /** As it was when it was last told, or looked at without anything to tell. */
  readonly print: string;
  readonly sha256: string | null;
  /** Of a symbolic link. */
  readonly target?: string;
  /** The look that found it first; with the path it had then it names the file for ever, whatever it is called later. */
  readonly born: number;
  /** That path, where it is not the key. */
  readonly name?: string;
  /** The look of its last event: it gets one a look. */
  readonly at: number;
  /** When its contents were read; Unix seconds. */
  readonly read?: number;
  /** It was written so shortly before it was read that its times may not tell of another write. */
  readonly racy?: true;
  /** The code of what kept it from being read. */
  readonly unreadable?: string;
  /** It is there, and options or .gitignore leave it out now. */
  readonly out?: true;
}

export function patch(key: string, row: Row | null): StatePatch {
  return { kind, key, value: row as unknown as Json };
}

const told = ['print', 'sha256', 'target', 'born', 'name', 'at', 'racy', 'unreadable', 'out'] as const;

/** When it was read counts only where it was due. */
export function isSameRow(one: Row, other: Row, before: number): boolean {
  return told.every((field) => one[field] === other[field]) && (one.read === undefined || one.read > before);
}

/** An entry, a row, or both of one key. */
export interface Pair {
  readonly key: string;
  readonly print: string | undefined;
  readonly row: Row | undefined;
}

/** In the order of keys. Rows below a folder that could not be looked into are left out: nothing is known of them. */
export async function* merged(
  walk: AsyncGenerator<readonly Entry[], void, void>,
  state: SourceState,
): AsyncGenerator<readonly Pair[], void, void> {
  const rows = stateRows(state, kind);
  try {
    let blind: string | undefined;
    const isBlind = (key: string): boolean => blind !== undefined && key.startsWith(blind);
    let next = await rows.next();
    for await (const batch of walk) {
      const pairs: Pair[] = [];
      for (const [key, print] of batch) {
        for (; next.done !== true && compareKeys(next.value.key, key) < 0; next = await rows.next())
          if (!isBlind(next.value.key)) pairs.push(known(next.value));
        if (print === unseen) blind = key;
        else if (next.done !== true && next.value.key === key) {
          pairs.push({ ...known(next.value), print });
          next = await rows.next();
        } else pairs.push({ key, print, row: undefined });
      }
      yield pairs;
    }
    for (; next.done !== true; next = await rows.next()) if (!isBlind(next.value.key)) yield [known(next.value)];
  } finally {
    await rows.return();
    await walk.return();
  }
}

function known({ key, value }: { readonly key: string; readonly value: Json }): Pair {
  return { key, print: undefined, row: value as unknown as Row };
}

/** As their UTF-8 bytes follow each other: code units do, but for the halves of pairs, which stand for what comes last. */
export function compareKeys(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const [a, b] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (a === b) continue;
    return rank(a) - rank(b);
  }
  return one.length - other.length;
}

function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x1_0000 : unit;
}
