// What is to be told of the refs once their commits are read: lines of a frozen walk, decided when the origin was asked.
// Each is one event (or none), and says which rows of the store become true with it.
import type { JsonObject } from '../../domain/event.js';
import type { StatePatch } from '../../domain/source-state.js';
import { keptRow, refRows, type Known, type RefChange } from './ref-changes.js';

/** A ref was made, moved or deleted. */
export interface RefNote extends RefChange {
  /** Null with a change that is not told. */
  readonly type: string | null;
  /** What the event says beside the ref and where it points. */
  readonly data: JsonObject;
  /** The tag object this is about: its bytes go with the record. */
  readonly tagObject?: string | undefined;
  readonly flags?: readonly string[] | undefined;
  /** Commits it pointed to that no ref reaches any more. */
  readonly lost?: readonly string[] | undefined;
  /** Commits lost earlier that it reaches. */
  readonly found?: readonly string[] | undefined;
}

/** No ref reaches a commit any more, or one does again; `number` is that of the ref's change that did it. */
export interface CommitNote {
  readonly commit: string;
  readonly reachable: boolean;
  readonly ref: string;
  readonly number: number;
}

export type Note = RefNote | CommitNote;

export function isCommitNote(note: Note): note is CommitNote {
  return 'commit' in note;
}

/**
 * A ref's row changes with its own event and not with the last of the walk: whatever was told is known, also when the
 * walk is lost in the middle. Of commits nothing is kept: their notes come before those of the refs, and are made again.
 */
export function rowsOf(note: Note): StatePatch[] {
  if (isCommitNote(note)) return [];
  const { lost = [], found = [] } = note;
  return [...lost.map((id) => keptRow(id, true)), ...found.map((id) => keptRow(id, false)), ...refRows(note)];
}

/** The same, as the source itself sees it. */
export function knownAfter(known: Known, notes: readonly RefNote[]): Known {
  const [tips, kept] = [new Map(known.tips), new Set(known.kept)];
  let { head } = known;
  for (const { ref, to, branch, lost = [], found = [] } of notes) {
    if (to === null) tips.delete(ref);
    else tips.set(ref, to);
    if (branch !== undefined) head = branch.to;
    for (const id of lost) kept.add(id);
    for (const id of found) kept.delete(id);
  }
  return { tips, head, kept };
}

export function tagObjectOf(note: Note): string[] {
  return isCommitNote(note) || note.tagObject === undefined ? [] : [note.tagObject];
}
