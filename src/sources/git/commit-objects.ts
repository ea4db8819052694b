// Commit objects as they are, from `cat-file --batch`: log's formats cut a message at NUL, recode it, and die of a date
// beyond what C can hold. cat-file hashes nothing of what it gives, so it is done here: the walk rests on these.
import { createHash, type Hash } from 'node:crypto';
import { gitLimits } from './limits.js';
import { ByteReader } from './byte-reader.js';
import { missingInMirror, readFailure } from './damaged-copy.js';
import { isMissingObject } from './git-failure.js';
import { startGit, type GitProcess } from './git-process.js';
import type { Mirror } from './mirror.js';

export interface CommitObject {
  /** At most gitLimits.commitBytesMax of it; null when the object is missing or damaged. */
  readonly bytes: Buffer | null;
  /** Its whole size. */
  readonly size: number;
}

const missing: CommitObject = { bytes: null, size: 0 };

export class CommitObjects {
  readonly #mirror: Mirror;
  readonly #type: 'commit' | 'tag';
  #git: GitProcess;
  #reader: ByteReader;
  #asked: string[] = [];

  constructor(mirror: Mirror, type: 'commit' | 'tag' = 'commit') {
    this.#mirror = mirror;
    this.#type = type;
    [this.#git, this.#reader] = this.#start();
  }

  #start(): [GitProcess, ByteReader] {
    const git = startGit({
      args: ['cat-file', '--batch'],
      mirror: this.#mirror.directory,
      signal: this.#mirror.signal,
    });
    return [git, new ByteReader(git.stdout)];
  }

  ask(id: string): void {
    this.#asked.push(id);
    this.#git.stdin.write(`${id}\n`);
  }

  /** The answer to the first question not answered yet. */
  async next(): Promise<CommitObject> {
    const header = await this.#header();
    if (header === undefined) return this.#startOver();
    const id = this.#asked.shift()!;
    const [, type, length] = header.split(' ');
    if (type === 'missing') return missing;
    return type === this.#type ? this.#body(id, Number(length)) : this.#ofAnotherType(Number(length));
  }

  async #header(): Promise<string | undefined> {
    let end = this.#reader.bytes.indexOf(10);
    while (end < 0) {
      if (!(await this.#reader.more())) return undefined;
      end = this.#reader.bytes.indexOf(10);
    }
    const header = this.#reader.bytes.toString('latin1', 0, end);
    this.#reader.skip(end + 1);
    return header;
  }

  async #body(id: string, size: number): Promise<CommitObject> {
    const kept = Math.min(size, gitLimits.commitBytesMax);
    await this.#need(kept);
    // A copy: a slice would hold on to the whole window as long as the record lives.
    const bytes = Buffer.from(this.#reader.bytes.subarray(0, kept));
    this.#reader.skip(kept);
    const hash = createHash(id.length === 64 ? 'sha256' : 'sha1')
      .update(`${this.#type} ${size}\0`)
      .update(bytes);
    await this.#drop(size - kept, hash);
    await this.#drop(1);
    if (hash.digest('hex') !== id) throw missingInMirror(id);
    return { bytes, size };
  }

  async #ofAnotherType(size: number): Promise<CommitObject> {
    await this.#drop(size + 1);
    return missing;
  }

  async #need(count: number): Promise<void> {
    while (this.#reader.bytes.length < count) {
      if (!(await this.#reader.more())) throw await this.#failure();
    }
  }

  async #drop(count: number, hash?: Hash): Promise<void> {
    for (let left = count; left > 0;) {
      if (this.#reader.bytes.length === 0 && !(await this.#reader.more())) throw await this.#failure();
      const now = Math.min(left, this.#reader.bytes.length);
      hash?.update(this.#reader.bytes.subarray(0, now));
      this.#reader.skip(now);
      left -= now;
    }
  }

  /** A damaged object ends the process: it is left out, and a new process answers the rest. */
  async #startOver(): Promise<CommitObject> {
    const failure = await this.#git.ended;
    if (this.#mirror.signal.aborted || failure === undefined || !isMissingObject(failure)) throw await this.#failure();
    this.#asked.shift();
    [this.#git, this.#reader] = this.#start();
    for (const id of this.#asked) this.#git.stdin.write(`${id}\n`);
    return missing;
  }

  async #failure(): Promise<Error> {
    const failure = await this.#git.ended;
    return failure === undefined
      ? new Error('git cat-file ended before it had answered')
      : readFailure(this.#mirror.signal, failure);
  }

  close(): void {
    this.#git.kill();
  }
}
