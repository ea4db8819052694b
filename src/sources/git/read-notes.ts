// read, after the commits of a walk: its notes, each as one record, with its tag object read from the mirror.
import { CommitObjects } from './commit-objects.js';
import { missingInMirror } from './damaged-copy.js';
import type { Mirror } from './mirror.js';
import { isCommitNote, tagObjectOf, type Note } from './ref-notes.js';
import { encodeNote } from './ref-records.js';
import { notesFrom, type Stretch, type Walk } from './walk-file.js';

export interface NoteRead {
  readonly note: Note;
  /** Undefined for a note that only changes rows. */
  readonly record: Buffer | undefined;
}

export async function* readNotes(
  mirror: Mirror,
  directory: string,
  walk: Walk,
  stretch: Stretch,
  seen: string,
): AsyncGenerator<NoteRead, void, void> {
  let tags: CommitObjects | undefined;
  try {
    for await (const lines of notesFrom(directory, walk, stretch)) {
      const notes = lines.map((line) => JSON.parse(line) as Note);
      const objects = notes.flatMap(tagObjectOf);
      if (objects.length > 0) tags ??= new CommitObjects(mirror, 'tag');
      for (const id of objects) tags!.ask(id);
      for (const note of notes) {
        const [tagged] = tagObjectOf(note);
        const tag = tagged === undefined ? undefined : await tags!.next();
        if (tag?.bytes === null) throw missingInMirror(tagged!);
        const told = isCommitNote(note) || note.type !== null;
        yield { note, record: told ? encodeNote(note, seen, tag) : undefined };
      }
    }
  } finally {
    tags?.close();
  }
}
