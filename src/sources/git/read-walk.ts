// read: the commits and notes of a frozen walk, in its order, each as one record. Three kinds of git process are kept busy ahead of
// the reader (objects, line counts, combined paths of merges); what they may be ahead is bounded, so memory is flat.
import type { Chunk, RawRecord, SourceContext, StatePatch } from '../../domain/source.js';
import { limits } from '../../limits.js';
import { gitLimits } from './limits.js';
import { CommitObjects, type CommitObject } from './commit-objects.js';
import { CommitTexts } from './commit-texts.js';
import type { Cursor } from './cursor.js';
import { recordOf, wantsOf, type Answers, type ReadRecord } from './commit-record.js';
import { DamagedCopy, missingInMirror } from './damaged-copy.js';
import { DiffProcess, notCompared } from './diff-process.js';
import { changesCommand, combinedCommand, diffRequestOf, type DiffRequest } from './diff-request.js';
import { writeAttributes } from './diff-drivers.js';
import { hasUntold } from './file-changes.js';
import { longCommit } from './long-commit.js';
import { mirrorOf, type Mirror } from './mirror.js';
import type { GitOptions } from './options.js';
import { readNotes } from './read-notes.js';
import { isCommitNote, rowsOf, type Note } from './ref-notes.js';
import { entriesFrom, stretchesOf, type Stretch, type Walk, type WalkEntry } from './walk-file.js';

/** A commit's record, or for one with very many changes its parts, each read when asked for. */
type CommitRead = ReadRecord | AsyncIterable<ReadRecord>;

export async function* readWalk(
  context: SourceContext<GitOptions>,
  walk: Walk,
  from: Cursor,
): AsyncGenerator<Chunk<Cursor>, void, void> {
  const end = Math.min(from.stop ?? walk.total, walk.total);
  const chunk = new ChunkBuilder(walk, from, end);
  for (const stretch of stretchesOf(walk, from.at, end)) {
    if (stretch.of === 'commits') yield* commitChunks(context, walk, stretch, chunk);
    else yield* noteChunks(context, walk, stretch, stretch.seen ?? from.seen!, chunk);
  }
  yield chunk.take();
}

async function* commitChunks(
  context: SourceContext<GitOptions>,
  walk: Walk,
  stretch: Stretch,
  chunk: ChunkBuilder,
): AsyncGenerator<Chunk<Cursor>, void, void> {
  for await (const { entry, read } of readCommits(mirrorOf(context), context, walk, stretch.from, stretch.to)) {
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

/** What was asked of a commit. */
interface Asked {
  readonly entry: WalkEntry;
  readonly diff: DiffProcess | undefined;
}

async function* readCommits(
  mirror: Mirror,
  { directory, options }: SourceContext<GitOptions>,
  walk: Walk,
  at: number,
  end: number,
): AsyncGenerator<{ entry: WalkEntry; read: CommitRead }, void, void> {
  const request = diffRequestOf(options);
  if (request.depth === 'hunks') await writeAttributes(mirror.directory);
  const git = new Questions(mirror, request);
  const entries = entriesFrom(directory, walk, { from: at, to: end });
  try {
    for (let place = at; place < end; place += gitLimits.turnCommits) {
      await git.ask(entries, end - place);
      for (let turn = 0; turn < gitLimits.turnCommits && place + turn < end; turn++) yield await git.next();
    }
  } finally {
    git.close();
    await entries.return();
  }
}

class Questions {
  readonly #mirror: Mirror;
  readonly #request: DiffRequest;
  readonly #objects: CommitObjects;
  readonly #texts: CommitTexts;
  readonly #diffs: readonly DiffProcess[];
  readonly #combined: DiffProcess;
  readonly #asked: Asked[] = [];
  #turn = 0;

  constructor(mirror: Mirror, request: DiffRequest) {
    this.#mirror = mirror;
    this.#request = request;
    this.#objects = new CommitObjects(mirror);
    this.#texts = new CommitTexts(mirror);
    this.#diffs = Array.from(
      { length: gitLimits.diffProcesses },
      () => new DiffProcess(mirror, changesCommand(request, mirror.directory)),
    );
    this.#combined = new DiffProcess(mirror, combinedCommand);
  }

  /** Whole turns until enough is asked ahead, or there are no `left` commits more. */
  async ask(entries: AsyncIterator<WalkEntry>, left: number): Promise<void> {
    while (this.#asked.length < Math.min(gitLimits.aheadCommits, left)) {
      const diff = this.#diffs[this.#turn++ % this.#diffs.length]!;
      for (let count = Math.min(gitLimits.turnCommits, left - this.#asked.length); count > 0; count--) {
        const { value: entry, done } = await entries.next();
        if (done === true)
          throw new DamagedCopy(`the list of walk commits ends ${left - this.#asked.length} commits early`, 'walk');
        this.#askOne(entry, diff);
      }
      diff.endTurn();
      this.#combined.endTurn();
    }
  }

  #askOne(entry: WalkEntry, diff: DiffProcess): void {
    this.#objects.ask(entry.id);
    if (entry.kind !== 's') diff.ask(entry.id);
    if (entry.kind === 'm') this.#combined.ask(entry.id);
    this.#asked.push({ entry, diff: entry.kind === 's' ? undefined : diff });
  }

  async next(): Promise<{ entry: WalkEntry; read: CommitRead }> {
    const { entry, diff } = this.#asked.shift()!;
    const object = await this.#objects.next();
    const answers = [this.#convertedOf(entry.id, object), this.#changesOf(entry, diff)] as const;
    const [converted, { combined, changes }] = await Promise.all(answers);
    if (object.bytes === null || [changes, combined].some((answer) => answer?.problem === 'missing_object'))
      throw missingInMirror(entry.id);
    const size = object.bytes !== null && object.size > object.bytes.length ? { size: object.size } : {};
    const commit = { id: entry.id, commit: object.bytes, ...size, ...(converted === undefined ? {} : { converted }) };
    const untold = changes?.bytes && combined?.bytes ? hasUntold(changes.bytes, combined.bytes) : false;
    const inParts = changes?.problem === 'long' || untold;
    if (inParts) return { entry, read: longCommit(this.#mirror, this.#request, commit, combined) };
    return { entry, read: recordOf(this.#request, commit, { kind: entry.kind, changes, combined }) };
  }

  async #convertedOf(id: string, { bytes, size }: CommitObject): Promise<Buffer | undefined> {
    return bytes === null ? undefined : this.#texts.of(id, bytes, size);
  }

  async #changesOf({ kind }: WalkEntry, diff: DiffProcess | undefined): Promise<Pick<Answers, 'combined' | 'changes'>> {
    // Before the changes: of a merge only its own patches are kept.
    const combined = kind === 'm' ? await this.#combined.next() : kind === 'o' ? notCompared : null;
    return { combined, changes: diff === undefined ? null : await diff.next(wantsOf(this.#request, combined)) };
  }

  close(): void {
    this.#objects.close();
    this.#texts.close();
    this.#combined.close();
    for (const diff of this.#diffs) diff.close();
  }
}
