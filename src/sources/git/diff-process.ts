// One `git diff-tree --stdin` that stays open: ids go in, changes come out, in order. Counting lines is nearly all that a
// walk costs, so two of them run side by side. A commit that kills the process is asked for alone; the rest goes on.
import { gitLimits } from './limits.js';
import { ByteReader } from './byte-reader.js';
import { readFailure } from './damaged-copy.js';
import { entryEnd, parseDiff, withCounts, type RawEntry } from './diff-tokens.js';
import type { DiffCommand } from './diff-request.js';
import { GitFailure } from './git-failure.js';
import { runGit, startGit, type GitProcess } from './git-process.js';
import type { Mirror } from './mirror.js';
import { PatchCut, PatchReader, type FilePatch } from './patch-reader.js';

/** A commit's changes, as git printed them. */
export interface DiffAnswer {
  /** Null when there are too many for one record, or nothing could be compared. */
  readonly bytes: Buffer | null;
  /** Raw entries in `bytes`. */
  readonly entries: number;
  readonly problem: 'long' | 'missing_object' | null;
  /** Of each raw entry, where patches are read. */
  readonly patches?: readonly FilePatch[] | undefined;
}

/** Of a merge that git must not compare with all its parents. */
export const notCompared: DiffAnswer = { bytes: null, entries: 0, problem: 'long' };

/** Of which changes the patch is kept. */
export type WantsPatch = (entry: RawEntry) => boolean;

/** What diff-tree does not take for an id it prints as it is, and flushes: so the last answer of a turn does not wait. */
const turnEnd = '=\n';
const equals = 0x3d;
const colon = 0x3a;
/** An empty token between the entries and the patches. */
const patchesFollow = 0;

export class DiffProcess {
  readonly #mirror: Mirror;
  readonly #command: DiffCommand;
  #git: GitProcess | undefined;
  #reader: ByteReader | undefined;
  /** Asked and not answered: ids, and ends of turns. */
  #asked: string[] = [];

  constructor(mirror: Mirror, command: DiffCommand) {
    this.#mirror = mirror;
    this.#command = command;
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
      this.#git = startGit({ ...this.#command, mirror: this.#mirror.directory, signal: this.#mirror.signal });
      this.#reader = new ByteReader(this.#git.stdout);
    }
    return this.#git.stdin;
  }

  /** The answer to the first id not answered yet. Its turn must have ended, or another id been asked after it. */
  async next(wants: WantsPatch = () => false): Promise<DiffAnswer> {
    while (this.#asked[0] === turnEnd && (await this.#takeTurnEnd()));
    const id = this.#asked[0]!.trimEnd();
    const answer = await this.#answer(id, wants);
    if (answer !== undefined) {
      this.#asked.shift();
      return answer;
    }
    const rest = this.#asked.slice(1);
    if ((await this.#git!.ended) === undefined || this.#mirror.signal.aborted) throw await this.#failure();
    const alone = await this.#alone(id, wants);
    this.#restart(rest);
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
  async #answer(id: string, wants: WantsPatch): Promise<DiffAnswer | undefined> {
    const reader = this.#reader!;
    const start = id.length + 1;
    while (reader.bytes.length < start && reader.bytes[0] !== equals) if (!(await reader.more())) return undefined;
    // A commit that it cannot read it passes over in silence.
    if (reader.bytes.toString('latin1', 0, start) !== `${id}\0`)
      return { bytes: null, entries: 0, problem: 'missing_object' };
    reader.skip(start);
    const changes = await this.#entries();
    return changes === undefined || reader.bytes[0] !== patchesFollow ? changes : this.#patches(id, changes, wants);
  }

  async #entries(): Promise<DiffAnswer | undefined> {
    const reader = this.#reader!;
    let [at, entries, long] = [0, 0, false];
    for (;;) {
      const end = this.#isEnd(at) ? at : entryEnd(reader.bytes, at);
      if (end === at) break;
      if (end > 0) {
        if (reader.bytes[at] === colon) entries++;
        at = end;
        continue;
      }
      if (at > gitLimits.diffBytesMax) {
        // Too long to keep: dropped as it comes, so that memory stays flat whatever a commit holds.
        long = true;
        reader.skip(at);
        at = 0;
      }
      if (!(await reader.more())) return undefined;
    }
    const bytes = long || at > gitLimits.diffBytesMax ? null : Buffer.from(reader.bytes.subarray(0, at));
    reader.skip(at);
    return { bytes, entries, problem: bytes === null ? 'long' : null };
  }

  /** Patches come in the order of the raw entries; one that changed its type is a deletion and an addition. */
  async #patches(id: string, changes: DiffAnswer, wants: WantsPatch): Promise<DiffAnswer | undefined> {
    this.#reader!.skip(1);
    const raw = changes.bytes === null ? [] : parseDiff(changes.bytes).raw;
    const files = new PatchReader(this.#reader!);
    try {
      const patches: (FilePatch | null)[] = [];
      for (const entry of raw) patches.push(await files.next(wants(entry), entry.status === 'T' ? 2 : 1));
      while ((await files.next(false)) !== null);
      return changes.bytes === null
        ? changes
        : await this.#counted(id, { ...changes, bytes: changes.bytes }, raw, patches);
    } catch (error) {
      if (error instanceof PatchCut) return undefined;
      throw error;
    }
  }

  /**
   * Lines of what changed its type git counts otherwise than it prints them, and of a file that only moved or changed its mode
   * a patch does not tell whether it is binary: then git is asked.
   */
  async #counted(
    id: string,
    changes: DiffAnswer & { readonly bytes: Buffer },
    raw: readonly RawEntry[],
    read: readonly (FilePatch | null)[],
  ): Promise<DiffAnswer> {
    const patches = read.filter((patch) => patch !== null);
    const whole = patches.length === raw.length;
    const asked =
      whole && raw.every(({ status, oldId, id: newId }) => status !== 'T' && oldId !== newId)
        ? undefined
        : await this.#once(this.#command.counts, id);
    const bytes = asked === undefined ? withCounts(changes.bytes, raw, patches) : asked.subarray(id.length + 1);
    if (bytes.length > gitLimits.diffBytesMax) return { bytes: null, entries: 0, problem: 'long' };
    return { ...changes, bytes, ...(whole ? { patches } : {}) };
  }

  /** The next token is the end of the turn, the id asked for next or what leads to the patches; no entry begins like one. */
  #isEnd(at: number): boolean {
    const { bytes } = this.#reader!;
    if (bytes[at] === equals || bytes[at] === patchesFollow) return true;
    const following = this.#asked[1];
    if (following === undefined || following === turnEnd || bytes.length < at + following.length) return false;
    return (
      bytes[at + following.length - 1] === 0 &&
      bytes.toString('latin1', at, at + following.length - 1) === following.trimEnd()
    );
  }

  /** In a process of its own: the one that died may have been killed. */
  async #alone(id: string, wants: WantsPatch): Promise<DiffAnswer> {
    this.#restart([`${id}\n`, turnEnd]);
    const answer = await this.#answer(id, wants);
    if (answer !== undefined) return answer;
    const failure = await this.#git!.ended;
    throw failure === undefined
      ? new Error('git diff-tree ended before it had answered')
      : readFailure(this.#mirror.signal, failure);
  }

  async #once(args: readonly string[], id: string): Promise<Buffer> {
    try {
      return await runGit({
        args: [...args.filter((arg) => arg !== '--stdin'), '--end-of-options', id],
        mirror: this.#mirror.directory,
        signal: this.#mirror.signal,
      });
    } catch (error) {
      throw error instanceof GitFailure ? readFailure(this.#mirror.signal, error) : error;
    }
  }

  #restart(lines: readonly string[]): void {
    this.#git?.kill();
    this.#git = undefined;
    this.#asked = [];
    for (const line of lines) this.#send(line);
  }

  async #failure(): Promise<Error> {
    const failure = await this.#git!.ended;
    return failure === undefined
      ? new Error('git diff-tree ended before it had answered')
      : readFailure(this.#mirror.signal, failure);
  }

  close(): void {
    this.#git?.kill();
  }
}
