// A commit that changes more files than a record holds (the first import of a large tree): its changes are read again,
// alone, and given in parts. Two processes print the same list, one with modes, one with line counts, and are read side
// by side, so that memory is flat whatever their number.
import { limits } from '../../limits.js';
import { ByteReader } from './byte-reader.js';
import { firstParentChanges, type DiffAnswer } from './diff-process.js';
import { combinedPaths, entryEnd, parseDiff } from './diff-tokens.js';
import { isMissingObject, type GitFailure } from './git-failure.js';
import { failureOr, runGit, startGit, type GitProcess } from './git-process.js';
import type { Mirror } from './mirror.js';
import { encodeRecord, type CommitRecord, type Stats } from './record.js';
import type { ReadRecord } from './read-walk.js';

type Commit = Pick<CommitRecord, 'id' | 'commit' | 'size'>;

export async function* longCommit(mirror: Mirror, renames: boolean, commit: Commit, combined: DiffAnswer | null): AsyncGenerator<ReadRecord, void, void> {
  const own = combined === null ? undefined : combinedPaths(combined.bytes ?? Buffer.alloc(0));
  const stats = await statsOf(mirror, renames, commit.id);
  const flags = [...(stats === null ? ['missing_object'] : []), ...(combined?.problem === 'long' ? ['files_truncated'] : [])];
  const merge = combined === null ? null : combined.bytes ?? Buffer.alloc(0); // prettier-ignore
  let part = 0;
  for await (const { diff, files } of partsOf(mirror, renames, commit.id, own, stats !== null)) {
    const record = { ...(part === 0 ? commit : laterPart(commit)), diff, combined: merge, part, stats, ...(flags.length === 0 ? {} : { flags }) };
    yield { bytes: encodeRecord(record), events: files + (part === 0 ? 1 : 0) };
    part++;
  }
}

/** Only what the events of files need: the header lines, for the time. */
function laterPart({ id, commit }: Commit): Commit {
  const bytes = commit === null ? null : Buffer.from(commit);
  const end = bytes?.indexOf('\n\n') ?? -1;
  return { id, commit: bytes === null || end < 0 ? bytes : bytes.subarray(0, end) };
}

function argsOf(renames: boolean, formats: readonly string[]): string[] {
  const formatless = firstParentChanges(renames).filter((arg) => !['--stdin', '--always', '--raw', '--numstat'].includes(arg));
  return [...formatless, '--no-commit-id', ...formats, '--end-of-options'];
}

/** Null when a file that should be counted is missing. */
async function statsOf(mirror: Mirror, renames: boolean, id: string): Promise<Stats | null> {
  try {
    const output = await runGit({ args: [...argsOf(renames, ['--shortstat']), id], mirror: mirror.directory, signal: mirror.signal });
    const text = output.toString();
    const [files, additions, deletions] = [/(\d+) files? changed/, /(\d+) insertion/, /(\d+) deletion/].map((words) => Number(words.exec(text)?.[1] ?? 0));
    return { files: files!, additions: additions!, deletions: deletions! };
  } catch (error) {
    if (error instanceof Error && 'stderr' in error && isMissingObject(error as GitFailure)) return null;
    throw error;
  }
}

interface Part {
  readonly diff: Buffer;
  readonly files: number;
}

async function* partsOf(mirror: Mirror, renames: boolean, id: string, own: ReadonlySet<string> | undefined, counted: boolean): AsyncGenerator<Part, void, void> {
  const raw = new Entries(mirror, [...argsOf(renames && counted, ['--raw']), id]);
  const counts = counted ? new Entries(mirror, [...argsOf(renames, ['--numstat']), id]) : undefined;
  let [rawParts, countParts, bytes] = [[] as Buffer[], [] as Buffer[], 0];
  try {
    for (let entry = await raw.next(); entry !== null; entry = await raw.next()) {
      const { path } = parseDiff(entry).raw[0]!;
      const count = await counts?.nextFor(path);
      if (own !== undefined && !own.has(path.toString('latin1'))) continue;
      rawParts.push(entry);
      if (count !== undefined && count !== null) countParts.push(count);
      bytes += entry.length + (count?.length ?? 0);
      if (rawParts.length < limits.gitPartFiles && bytes < limits.gitDiffBytesMax) continue;
      yield { diff: Buffer.concat([...rawParts, ...countParts]), files: rawParts.length };
      [rawParts, countParts, bytes] = [[], [], 0];
    }
    // Also when it is empty: the first part carries the commit itself.
    yield { diff: Buffer.concat([...rawParts, ...countParts]), files: rawParts.length };
  } finally {
    raw.close();
    counts?.close();
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
    if (failure !== undefined) throw failureOr(this.#mirror.signal, failure);
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
