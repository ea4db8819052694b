// What is left of an unfinished walk when the origin moved on: it is read first, as it was frozen, and then what is new.
import type { Cursor } from './cursor.js';
import { presentIn, type Mirror } from './mirror.js';
import type { Known } from './ref-changes.js';
import { isCommitNote, knownAfter, tagObjectOf, type Note, type RefNote } from './ref-notes.js';
import { entriesFrom, notesFrom, stretchesOf, type PlannedPart, type Stretch, type Walk } from './walk-file.js';

/** What is left of a walk may be gone when the mirror was made anew and the origin dropped it. */
export async function isWhole(directory: string, mirror: Mirror, walk: Walk, committed: Cursor): Promise<boolean> {
  for (const stretch of stretchesOf(walk, committed.at, walk.total)) {
    for await (const ids of idsOf(directory, walk, stretch))
      if ((await presentIn(mirror, ids)).length < ids.length) return false;
  }
  return true;
}

/** Ids asked for at once: some MiB of text to a process that takes 2 ms to start. */
const idsAtOnce = 50_000;

async function* idsOf(directory: string, walk: Walk, stretch: Stretch): AsyncGenerator<string[], void, void> {
  if (stretch.of === 'notes') {
    for await (const lines of notesFrom(directory, walk, stretch))
      yield lines.flatMap((line) => tagObjectOf(JSON.parse(line) as Note));
    return;
  }
  let ids: string[] = [];
  for await (const { id } of entriesFrom(directory, walk, stretch))
    if (ids.push(id) === idsAtOnce) [ids] = [[], yield ids];
  yield ids;
}

/** What is left of an unfinished walk: it comes first, so that what was seen then is told as it was. */
export function remaining(directory: string, walk: Walk, committed: Cursor): PlannedPart[] {
  return stretchesOf(walk, committed.at, walk.total).map((stretch) =>
    stretch.of === 'commits'
      ? { of: 'commits', entries: entriesFrom(directory, walk, stretch), ...againOf(stretch) }
      : { of: 'notes', notes: () => notesFrom(directory, walk, stretch), seen: stretch.seen ?? committed.seen },
  );
}

function againOf({ again }: Stretch): { again?: true } {
  return again === undefined ? {} : { again };
}

/** What the store knows when the rest of the unfinished walk is read. */
export async function stateAfter(
  rest: readonly PlannedPart[],
  known: Known,
  changes: number,
): Promise<{ before: Known; told: number }> {
  let [before, told] = [known, changes];
  for (const part of rest) {
    if (part.of === 'commits') continue;
    for await (const lines of part.notes()) {
      const notes = lines
        .map((line) => JSON.parse(line) as Note)
        .filter((note): note is RefNote => !isCommitNote(note));
      before = knownAfter(before, notes);
      told = Math.max(told, ...notes.map(({ number }) => number ?? 0));
    }
  }
  return { before, told };
}
