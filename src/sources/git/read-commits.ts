// The commits of a stretch, each as one record or as parts. Three kinds of git process are kept busy ahead of the reader (objects, line
// counts, combined paths of merges); what they may be ahead is bounded, so memory is flat.
import type { SourceContext } from '../../domain/source.js';
import { gitLimits } from './limits.js';
import { CommitObjects, type CommitObject } from './commit-objects.js';
import { CommitTexts } from './commit-texts.js';
import { recordOf, sizeOf, unreadRecord, wantsOf, type Answers, type ReadRecord } from './commit-record.js';
import { DamagedCopy, metAt, missingInMirror } from './damaged-copy.js';
import { DiffProcess, notCompared } from './diff-process.js';
import { changesCommand, combinedCommand, diffRequestOf, type DiffRequest } from './diff-request.js';
import { writeAttributes } from './diff-drivers.js';
import { hasUntold } from './file-changes.js';
import { longCommit } from './long-commit.js';
import type { Mirror } from './mirror.js';
import type { GitOptions } from './options.js';
import { entriesFrom, type Stretch, type Walk, type WalkEntry } from './walk-file.js';

/** A commit's record, or for one with very many changes its parts, each read when asked for. */
export type CommitRead = ReadRecord | AsyncIterable<ReadRecord>;

/** What was asked of a commit. */
interface Asked {
  readonly entry: WalkEntry;
  readonly diff: DiffProcess | undefined;
  /** Git cannot read it, or something that it is made of: only the object itself is asked for. */
  readonly unreadable: boolean;
}

export async function* readCommits(
  mirror: Mirror,
  { directory, options }: SourceContext<GitOptions>,
  walk: Walk,
  stretch: Stretch,
  unreadable: ReadonlySet<string>,
): AsyncGenerator<{ entry: WalkEntry; read: CommitRead }, void, void> {
  const request = diffRequestOf(options);
  if (request.depth === 'hunks') await writeAttributes(mirror.directory);
  const git = new Questions(mirror, request, unreadable);
  const entries = entriesFrom(directory, walk, stretch);
  try {
    for (let place = stretch.from; place < stretch.to; place += gitLimits.turnCommits) {
      await git.ask(entries, stretch.to - place);
      for (let turn = 0; turn < gitLimits.turnCommits && place + turn < stretch.to; turn++) yield await git.next();
    }
  } finally {
    git.close();
    await entries.return();
  }
}

async function* metWithin(id: string, parts: AsyncIterable<ReadRecord>): AsyncGenerator<ReadRecord, void, void> {
  try {
    yield* parts;
  } catch (error) {
    throw metAt(id, error);
  }
}

class Questions {
  readonly #mirror: Mirror;
  readonly #request: DiffRequest;
  readonly #unreadable: ReadonlySet<string>;
  readonly #objects: CommitObjects;
  readonly #texts: CommitTexts;
  readonly #diffs: readonly DiffProcess[];
  readonly #combined: DiffProcess;
  readonly #asked: Asked[] = [];
  #turn = 0;

  constructor(mirror: Mirror, request: DiffRequest, unreadable: ReadonlySet<string>) {
    this.#mirror = mirror;
    this.#request = request;
    this.#unreadable = unreadable;
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
    const unreadable = this.#unreadable.has(entry.id);
    const diffed = entry.kind !== 's' && !unreadable;
    if (diffed) diff.ask(entry.id);
    if (diffed && entry.kind === 'm') this.#combined.ask(entry.id);
    this.#asked.push({ entry, diff: diffed ? diff : undefined, unreadable });
  }

  async next(): Promise<{ entry: WalkEntry; read: CommitRead }> {
    const { entry, diff, unreadable } = this.#asked.shift()!;
    try {
      const object = await this.#objects.next();
      return { entry, read: unreadable ? unreadRecord(entry.id, object) : await this.#read(entry, object, diff) };
    } catch (error) {
      throw metAt(entry.id, error);
    }
  }

  async #read(entry: WalkEntry, object: CommitObject, diff: DiffProcess | undefined): Promise<CommitRead> {
    const answers = [this.#convertedOf(entry.id, object), this.#changesOf(entry, diff)] as const;
    const [converted, { combined, changes }] = await Promise.all(answers);
    if (object.bytes === null || [changes, combined].some((answer) => answer?.problem === 'missing_object'))
      throw missingInMirror(entry.id);
    const version = entry.again === true ? { version: 1 } : {};
    const texts = converted === undefined ? {} : { converted };
    const commit = { id: entry.id, commit: object.bytes, ...sizeOf(object), ...version, ...texts };
    const untold = changes?.bytes && combined?.bytes ? hasUntold(changes.bytes, combined.bytes) : false;
    const inParts = changes?.problem === 'long' || untold;
    if (inParts) return metWithin(entry.id, longCommit(this.#mirror, this.#request, commit, combined));
    return recordOf(this.#request, commit, { kind: entry.kind, changes, combined });
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
