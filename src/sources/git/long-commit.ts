// A commit that changes more files than a record holds (the first import of a large tree), or a merge of which one list
// does not tell all: its changes are read again, alone, and given in parts. Two processes print the same list, one with
// modes, one with line counts, and are read side by side, so that memory is flat whatever their number.
import { gitLimits } from './limits.js';
import { ByteReader } from './byte-reader.js';
import { wantsOf, type CommitParts, type ReadRecord } from './commit-record.js';
import type { DiffAnswer } from './diff-process.js';
import { changesCommand, firstParentChanges, formats, type DiffRequest } from './diff-request.js';
import { readFailure } from './damaged-copy.js';
import { combinedPaths, entryEnd, parseDiff, type RawEntry } from './diff-tokens.js';
import { takeTold } from './file-changes.js';
import { TextWriter } from './file-texts.js';
import { GitFailure } from './git-failure.js';
import { runGit, startGit, type GitProcess } from './git-process.js';
import type { Mirror } from './mirror.js';
import { PatchCut, PatchReader, type FilePatch } from './patch-reader.js';
import { encodeRecord, type Stats } from './record.js';

export async function* longCommit(
  mirror: Mirror,
  request: DiffRequest,
  commit: CommitParts,
  combined: DiffAnswer | null,
): AsyncGenerator<ReadRecord, void, void> {
  const stats = await statsOf(mirror, request, commit.id);
  const flags = combined?.problem === 'long' ? ['files_truncated'] : [];
  const merge = combined === null ? null : combined.bytes ?? Buffer.alloc(0); // prettier-ignore
  const uncounted = request.depth === 'trees' ? { uncounted: true as const } : {};
  const shared = { combined: merge, stats, ...uncounted, ...(flags.length === 0 ? {} : { flags }) };
  let part = 0;
  const wants = wantsOf(request, combined);
  for await (const { diff, texts, files } of allParts(mirror, request, commit.id, merge, wants)) {
    const record = {
      ...(part === 0 ? commit : laterPart(commit)),
      ...shared,
      diff,
      ...(texts.length === 0 ? {} : { texts }),
      part,
    };
    yield { bytes: encodeRecord(record), events: files + (part === 0 ? 1 : 0) };
    part++;
  }
}

/**
 * Paths that a merge changed itself and that no rename or copy tells come last, as git lists them without looking for
 * renames.
 */
async function* allParts(
  mirror: Mirror,
  request: DiffRequest,
  id: string,
  merge: Buffer | null,
  wants: (entry: RawEntry) => boolean,
): AsyncGenerator<Part, void, void> {
  const own = merge === null ? new Set<string>() : combinedPaths(merge);
  const untold = new Set(own);
  const wantsToo = (entry: RawEntry): boolean => {
    takeTold(untold, own, entry);
    return wants(entry);
  };
  yield* partsOf(mirror, request, id, wantsToo);
  const rest = new Set([...untold].filter((path) => request.matches === undefined || request.matches(path)));
  const isRest = ({ path }: RawEntry): boolean => rest.has(path.toString('latin1'));
  if (rest.size > 0) yield* partsOf(mirror, { ...request, renames: false }, id, isRest);
}

/** Only what the events of files need: the header lines, for the time. */
function laterPart({ id, commit }: CommitParts): CommitParts {
  const bytes = commit === null ? null : Buffer.from(commit);
  const end = bytes?.indexOf('\n\n') ?? -1;
  return { id, commit: bytes === null || end < 0 ? bytes : bytes.subarray(0, end) };
}

const ofMany = ['--stdin', '--always'];

function argsOf(request: DiffRequest, shown: readonly string[]): string[] {
  return [
    ...firstParentChanges(request, shown).filter((arg) => !ofMany.includes(arg)),
    '--no-commit-id',
    '--end-of-options',
  ];
}

async function statsOf(mirror: Mirror, request: DiffRequest, id: string): Promise<Stats> {
  if (request.depth === 'trees')
    return { files: await countFiles(mirror, request, id), additions: null, deletions: null };
  try {
    const output = await runGit({
      args: [...argsOf(request, ['--shortstat']), id],
      mirror: mirror.directory,
      signal: mirror.signal,
    });
    const text = output.toString();
    const [files, additions, deletions] = [/(\d+) files? changed/, /(\d+) insertion/, /(\d+) deletion/].map((words) =>
      Number(words.exec(text)?.[1] ?? 0),
    );
    return { files: files!, additions: additions!, deletions: deletions! };
  } catch (error) {
    throw error instanceof GitFailure ? readFailure(mirror.signal, error) : error;
  }
}

async function countFiles(mirror: Mirror, request: DiffRequest, id: string): Promise<number> {
  const raw = new Entries(mirror, [...argsOf(request, ['--raw']), id]);
  try {
    let files = 0;
    while ((await raw.next()) !== null) files++;
    return files;
  } finally {
    raw.close();
  }
}

interface Part {
  readonly diff: Buffer;
  readonly texts: Buffer;
  readonly files: number;
}

async function* partsOf(
  mirror: Mirror,
  request: DiffRequest,
  id: string,
  wants: (entry: RawEntry) => boolean,
): AsyncGenerator<Part, void, void> {
  const raw = new Entries(mirror, [...argsOf(request, ['--raw']), id]);
  const counts = request.depth !== 'trees' ? new Entries(mirror, [...argsOf(request, ['--numstat']), id]) : undefined;
  const patches = request.depth === 'hunks' ? new Patches(mirror, request, id) : undefined;
  const writer = new TextWriter(request);
  const part = new PartBuilder();
  try {
    for (let bytes = await raw.next(); bytes !== null; bytes = await raw.next()) {
      const [entry] = parseDiff(bytes).raw as [RawEntry];
      const [count, wanted] = [await counts?.nextFor(entry.path), wants(entry)];
      const patch = await patches?.next(entry, wanted);
      if (!wanted) continue;
      part.add(
        bytes,
        count ?? empty,
        patch === undefined || patch === null ? empty : writer.encode(part.files, entry, patch),
      );
      if (part.isFull) yield part.take();
    }
    await patches?.end();
    // Also when it is empty: the first part carries the commit itself.
    yield part.take();
  } finally {
    raw.close();
    counts?.close();
    patches?.close();
  }
}

const empty = Buffer.alloc(0);

class PartBuilder {
  #raw: Buffer[] = [];
  #counts: Buffer[] = [];
  #texts: Buffer[] = [];
  #bytes = 0;

  get files(): number {
    return this.#raw.length;
  }

  get isFull(): boolean {
    return this.files >= gitLimits.partFiles || this.#bytes >= gitLimits.diffBytesMax;
  }

  add(raw: Buffer, count: Buffer, text: Buffer): void {
    this.#raw.push(raw);
    this.#counts.push(count);
    this.#texts.push(text);
    this.#bytes += raw.length + count.length + text.length;
  }

  take(): Part {
    const part = {
      diff: Buffer.concat([...this.#raw, ...this.#counts]),
      texts: Buffer.concat(this.#texts),
      files: this.files,
    };
    [this.#raw, this.#counts, this.#texts, this.#bytes] = [[], [], [], 0];
    return part;
  }
}

/** The patches of one commit, in the order of its raw entries; where git cannot go on, there are no more. */
class Patches {
  readonly #mirror: Mirror;
  readonly #git: GitProcess;
  readonly #files: PatchReader;
  #ended = false;

  constructor(mirror: Mirror, request: DiffRequest, id: string) {
    this.#mirror = mirror;
    const args = [
      ...argsOf(
        request,
        formats.hunks.filter((format) => format !== '--raw'),
      ),
      id,
    ];
    this.#git = startGit({
      args,
      settings: changesCommand(request, mirror.directory).settings,
      mirror: mirror.directory,
      signal: mirror.signal,
    });
    this.#git.stdin.end();
    this.#files = new PatchReader(new ByteReader(this.#git.stdout));
  }

  async next(entry: RawEntry, keep: boolean): Promise<FilePatch | null> {
    if (this.#ended) return null;
    const patch = await this.#read(entry, keep);
    if (patch !== null) return patch;
    await this.end();
    return null;
  }

  async end(): Promise<void> {
    this.#ended = true;
    const failure = await this.#git.ended;
    if (failure !== undefined) throw readFailure(this.#mirror.signal, failure);
  }

  async #read(entry: RawEntry, keep: boolean): Promise<FilePatch | null> {
    try {
      return await this.#files.next(keep, entry.status === 'T' ? 2 : 1);
    } catch (error) {
      if (error instanceof PatchCut) return null;
      throw error;
    }
  }

  close(): void {
    this.#git.kill();
  }
}

/** The entries one process prints, one at a time. */
class Entries {
  readonly #mirror: Mirror;
  readonly #git: GitProcess;
  readonly #reader: ByteReader;
  #held: Buffer | null | undefined;

  constructor(mirror: Mirror, args: readonly string[]) {
    this.#mirror = mirror;
    this.#git = startGit({ args, mirror: mirror.directory, signal: mirror.signal });
    this.#git.stdin.end();
    this.#reader = new ByteReader(this.#git.stdout);
  }

  async next(): Promise<Buffer | null> {
    for (;;) {
      const end = this.#reader.bytes.length === 0 ? -1 : entryEnd(this.#reader.bytes, 0);
      if (end > 0) {
        const entry = Buffer.from(this.#reader.bytes.subarray(0, end));
        this.#reader.skip(end);
        return entry;
      }
      if (!(await this.#reader.more())) return this.#ended();
    }
  }

  async #ended(): Promise<null> {
    const failure = await this.#git.ended;
    if (failure !== undefined) throw readFailure(this.#mirror.signal, failure);
    return null;
  }

  /** The entry of this path; null where git counts none for it. Both lists have one order. */
  async nextFor(path: Buffer): Promise<Buffer | null> {
    this.#held ??= await this.next();
    if (this.#held === null || !parseDiff(this.#held).counts[0]!.path.equals(path)) return null;
    const entry = this.#held;
    this.#held = undefined;
    return entry;
  }

  close(): void {
    this.#git.kill();
  }
}
