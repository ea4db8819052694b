// read: the commits and notes of a frozen walk, in its order, each as one record.
import type { StatePatch } from '../../domain/source-state.js';
import type { Chunk, RawRecord, SourceContext } from '../../domain/source.js';
import { limits } from '../../limits.js';
import { gitLimits } from './limits.js';
import type { Cursor } from './cursor.js';
import type { ReadRecord } from './commit-record.js';
import { DamagedCopy } from './damaged-copy.js';
import { mirrorOf } from './mirror.js';
import type { GitOptions } from './options.js';
import { areSealsUnbroken } from './pack-seals.js';
import { readCommits } from './read-commits.js';
import { readNotes } from './read-notes.js';
import { isCommitNote, rowsOf, type Note } from './ref-notes.js';
import { stretchesOf, type Stretch, type Walk } from './walk-file.js';

export async function* readWalk(
  context: SourceContext<GitOptions>,
  walk: Walk,
  from: Cursor,
  unreadable: ReadonlySet<string>,
): AsyncGenerator<Chunk<Cursor>, void, void> {
  const end = Math.min(from.stop ?? walk.total, walk.total);
  const chunk = new ChunkBuilder(walk, from, end);
  for (const stretch of stretchesOf(walk, from.at, end)) {
    if (stretch.of === 'commits') yield* commitChunks(context, walk, stretch, chunk, unreadable);
    else yield* noteChunks(context, walk, stretch, stretch.seen ?? from.seen!, chunk);
  }
  // A process that has a pack open reads on when it is removed. The next look may be too late: the origin was rewritten.
  if (!(await areSealsUnbroken(mirrorOf(context)))) throw new DamagedCopy('packs were removed or changed', 'seal');
  yield chunk.take();
}

async function* commitChunks(
  context: SourceContext<GitOptions>,
  walk: Walk,
  stretch: Stretch,
  chunk: ChunkBuilder,
  unreadable: ReadonlySet<string>,
): AsyncGenerator<Chunk<Cursor>, void, void> {
  for await (const { entry, read } of readCommits(mirrorOf(context), context, walk, stretch, unreadable)) {
    if ('bytes' in read) chunk.add(read);
    else {
      if (chunk.isStarted) yield chunk.take();
      yield* chunk.parts(read);
    }
    chunk.passed(entry.id);
    if (chunk.isFull && chunk.hasMore) yield chunk.take();
  }
}

/** In a chunk of their own, as large as one may be: a force-push and what it lost are mostly one, and so stored together. */
async function* noteChunks(
  context: SourceContext<GitOptions>,
  walk: Walk,
  stretch: Stretch,
  seen: string,
  chunk: ChunkBuilder,
): AsyncGenerator<Chunk<Cursor>, void, void> {
  if (chunk.isStarted) yield chunk.take();
  for await (const { note, record } of readNotes(mirrorOf(context), context.directory, walk, stretch, seen)) {
    if (record !== undefined) chunk.add({ bytes: record, events: 1 });
    chunk.told(note);
    if (chunk.isLarge && chunk.hasMore) yield chunk.take();
  }
}

/** Gathers records to a chunk, and knows the position after them. */
class ChunkBuilder {
  readonly #walk: Walk;
  readonly #end: number;
  readonly #stop: { readonly stop?: number };
  #records: RawRecord[] = [];
  #events = 0;
  #bytes = 0;
  #after: string | null;
  /** Parts the reader before has had of the first commit. */
  #skip: number;
  #state: StatePatch[] = [];
  #told: { changes?: number; seen?: string };
  at: number;

  constructor(walk: Walk, from: Cursor, end: number) {
    this.#walk = walk;
    this.#end = end;
    this.#stop = from.stop === undefined ? {} : { stop: from.stop };
    this.#after = from.after;
    this.#skip = from.part ?? 0;
    this.#told = {
      ...(from.changes === undefined ? {} : { changes: from.changes }),
      ...(from.seen === undefined ? {} : { seen: from.seen }),
    };
    this.at = from.at;
  }

  get isStarted(): boolean {
    return this.#records.length > 0;
  }

  get isFull(): boolean {
    return this.#records.length >= gitLimits.chunkCommits || this.isLarge;
  }

  get isLarge(): boolean {
    return this.#bytes >= limits.chunkBytesMax || this.#state.length >= gitLimits.chunkRowsMax;
  }

  get hasMore(): boolean {
    return this.at < this.#end;
  }

  add({ bytes, events }: ReadRecord): void {
    this.#records.push(bytes);
    this.#bytes += bytes.length;
    this.#events += events;
  }

  passed(id: string): void {
    [this.at, this.#after, this.#skip] = [this.at + 1, id, 0];
  }

  /** What the store knows with a note: a ref's row, and how many changes were told. */
  told(note: Note): void {
    this.at++;
    this.#state.push(...rowsOf(note));
    if (!isCommitNote(note) && note.number !== null) this.#told = { ...this.#told, changes: note.number };
  }

  /** Each part a chunk of its own; the last is left for the chunk that passes the commit. */
  async *parts(read: AsyncIterable<ReadRecord>): AsyncGenerator<Chunk<Cursor>, void, void> {
    let part = 0;
    for await (const record of read) {
      if (this.isStarted)
        yield this.#chunk({
          v: 1,
          walk: this.#walk.id,
          at: this.at,
          after: this.#after,
          part,
          ...this.#stop,
          ...this.#told,
        });
      if (part >= this.#skip) this.add(record);
      part++;
    }
  }

  take(): Chunk<Cursor> {
    if (this.at === this.#walk.total)
      return this.#chunk({ v: 1, walk: null, at: 0, after: this.#after, ...this.#told });
    return this.#chunk({
      v: 1,
      walk: this.#walk.id,
      at: this.at,
      after: this.#after,
      ...(this.hasMore ? this.#stop : {}),
      ...this.#told,
    });
  }

  #chunk(cursor: Cursor): Chunk<Cursor> {
    const state = this.#state.length === 0 ? {} : { state: this.#state };
    const chunk = { records: this.#records, events: this.#events, cursor, ...state };
    [this.#records, this.#events, this.#bytes, this.#state] = [[], 0, 0, []];
    return chunk;
  }
}
