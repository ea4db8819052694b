// One `git diff-tree --stdin` that stays open: ids go in, changes come out, in order. Counting lines is nearly all that a
// walk costs, so two of them run side by side. A commit that kills the process is asked for alone; the rest goes on.
import { limits } from '../../limits.js';
import { ByteReader } from './byte-reader.js';
import { entryEnd, parseDiff } from './diff-tokens.js';
import { GitFailure, isMissingObject } from './git-failure.js';
import { failureOr, runGit, startGit, type GitProcess } from './git-process.js';
import type { Mirror } from './mirror.js';

/** A commit's changes, as git printed them. */
export interface DiffAnswer {
  /** Null when there are too many for one record, or nothing could be compared. */
  readonly bytes: Buffer | null;
  /** Raw entries in `bytes`. */
  readonly entries: number;
  readonly problem: 'long' | 'missing_object' | null;
}

/** What diff-tree does not take for an id it prints as it is, and flushes: so the last answer of a turn does not wait. */
const turnEnd = '=\n';
const equals = 0x3d;
const colon = 0x3a;

const changes = ['diff-tree', '--stdin', '-r', '--root', '--always', '-z', '--no-abbrev', '--no-textconv', '--no-ext-diff', '--ignore-submodules=none'];

export function firstParentChanges(renames: boolean): readonly string[] {
  const detect = renames ? [`-M${limits.gitRenamePercent}%`, `-l${limits.gitRenameFilesMax}`] : ['--no-renames'];
  return [...changes, '--raw', '--numstat', '--diff-merges=first-parent', ...detect];
}

/** Paths that differ from every parent. Only trees are compared, so it costs a tenth of a merge's line counts. */
export const combinedChanges: readonly string[] = [...changes, '-c', '--raw', '--no-renames'];

export class DiffProcess {
  readonly #mirror: Mirror;
  readonly #args: readonly string[];
  #git: GitProcess | undefined;
  #reader: ByteReader | undefined;
  /** Asked and not answered: ids, and ends of turns. */
  #asked: string[] = [];

  constructor(mirror: Mirror, args: readonly string[]) {
    this.#mirror = mirror;
    this.#args = args;
  }

  ask(id: string): void {
    this.#send(`${id}\n`);
  }

  endTurn(): void {
    if (this.#asked.length > 0 && this.#asked.at(-1) !== turnEnd) this.#send(turnEnd);
  }

  #send(line: string): void {
    this.#asked.push(line);
    this.#running().write(line);
  }

  #running(): GitProcess['stdin'] {
    if (this.#git === undefined) {
      this.#git = startGit({ args: this.#args, mirror: this.#mirror.directory, signal: this.#mirror.signal });
      this.#reader = new ByteReader(this.#git.stdout);
    }
    return this.#git.stdin;
  }

  /** The answer to the first id not answered yet. Its turn must have ended, or another id been asked after it. */
  async next(): Promise<DiffAnswer> {
    while (this.#asked[0] === turnEnd && (await this.#takeTurnEnd()));
    const answer = await this.#answer(this.#asked[0]!.trimEnd());
    const id = this.#asked.shift()!.trimEnd();
    if (answer !== undefined) return answer;
    const alone = await this.#alone(id);
    await this.#restart();
    return alone;
  }

  async #takeTurnEnd(): Promise<boolean> {
    const reader = this.#reader!;
    while (reader.bytes.length < turnEnd.length && (await reader.more()));
    reader.skip(turnEnd.length);
    this.#asked.shift();
    return true;
  }

  /** Undefined when the process ended within it. */
  async #answer(id: string): Promise<DiffAnswer | undefined> {
    const reader = this.#reader!;
    const start = id.length + 1;
    while (reader.bytes.length < start && reader.bytes[0] !== equals) if (!(await reader.more())) return undefined;
    // A commit that it cannot read it passes over in silence.
    if (reader.bytes.toString('latin1', 0, start) !== `${id}\0`) return { bytes: null, entries: 0, problem: 'missing_object' };
    let [at, entries, long] = [start, 0, false];
    for (;;) {
      const end = this.#isEnd(at) ? at : entryEnd(reader.bytes, at);
      if (end === at) break;
      if (end > 0) {
        if (reader.bytes[at] === colon) entries++;
        at = end;
        continue;
      }
      if (at - start > limits.gitDiffBytesMax) {
        // Too long to keep: dropped as it comes, so that memory stays flat whatever a commit holds.
        long = true;
        reader.skip(at - start);
        at = start;
      }
      if (!(await reader.more())) return undefined;
    }
    const bytes = long || at - start > limits.gitDiffBytesMax ? null : Buffer.from(reader.bytes.subarray(start, at));
    reader.skip(at);
    return { bytes, entries, problem: bytes === null ? 'long' : null };
  }

  /** The next token is the end of the turn or the id asked for next; no entry begins like either. */
  #isEnd(at: number): boolean {
    const { bytes } = this.#reader!;
    if (bytes[at] === equals) return true;
    const following = this.#asked[1];
    if (following === undefined || following === turnEnd || bytes.length < at + following.length) return false;
    return bytes[at + following.length - 1] === 0 && bytes.toString('latin1', at, at + following.length - 1) === following.trimEnd();
  }

  /** In a process of its own; where a file is missing, at least what the trees tell. */
  async #alone(id: string): Promise<DiffAnswer> {
    const failure = await this.#git!.ended;
    if (failure === undefined || this.#mirror.signal.aborted) throw await this.#failure();
    const args = this.#args.filter((arg) => arg !== '--stdin');
    const trees = args.filter((arg) => arg !== '--numstat' && !/^-[Ml]/.test(arg)).concat('--no-renames');
    const whole = await this.#once(args, id);
    if (whole !== undefined) return answerOf(whole, id, null);
    const uncounted = await this.#once(trees, id);
    return uncounted === undefined ? { bytes: null, entries: 0, problem: 'missing_object' } : answerOf(uncounted, id, 'missing_object');
  }

  /** Undefined when an object it needs is missing. */
  async #once(args: readonly string[], id: string): Promise<Buffer | undefined> {
    try {
      return await runGit({ args: [...args, '--end-of-options', id], mirror: this.#mirror.directory, signal: this.#mirror.signal });
    } catch (error) {
      if (error instanceof GitFailure && isMissingObject(error)) return undefined;
      throw error;
    }
  }

  async #restart(): Promise<void> {
    this.#git?.kill();
    this.#git = undefined;
    const again = this.#asked;
    this.#asked = [];
    for (const line of again) this.#send(line);
  }

  async #failure(): Promise<Error> {
    const failure = await this.#git!.ended;
    return failure === undefined ? new Error('git diff-tree ended before it had answered') : failureOr(this.#mirror.signal, failure);
  }

  close(): void {
    this.#git?.kill();
  }
}

function answerOf(output: Buffer, id: string, problem: 'missing_object' | null): DiffAnswer {
  const bytes = output.subarray(id.length + 1);
  if (bytes.length > limits.gitDiffBytesMax) return { bytes: null, entries: 0, problem: 'long' };
  return { bytes, entries: parseDiff(bytes).raw.length, problem };
}
