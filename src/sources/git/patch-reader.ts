// The patches of a commit as they arrive, file by file. A hunk's header says how many lines follow, so no line of a file
// is ever taken for one of git's, whatever its bytes; and nothing is waited for but headers, so that memory stays flat
// for a line or a file of any size.
import { createHash, type Hash } from 'node:crypto';
import { gitLimits } from './limits.js';
import type { ByteReader } from './byte-reader.js';

export interface FilePatch {
  /** Null for a binary file. */
  readonly additions: number | null;
  readonly deletions: number | null;
  /** The beginning of the patch, in whole lines; null unless it was asked for. */
  readonly kept: Buffer | null;
  /** Of the whole patch. */
  readonly bytes: number;
  /** Of the whole patch, in hex; null when all of it is kept, or none. */
  readonly sha256: string | null;
}

/** The stream ended within a patch. */
export class PatchCut extends Error {}

const lineFeed = 10;
const [plus, minus, backslash] = [0x2b, 0x2d, 0x5c];
/** Beginnings of the lines a patch has outside of its hunks. No object id and no end of a turn begins like one. */
const headers = new Set(['old ', 'new ', 'dele', 'diss', 'simi', 'rena', 'copy', 'inde', '--- ', '+++ ', 'Bina']);

export class PatchReader {
  readonly #reader: ByteReader;
  /** Where in the reader's bytes this stands. */
  #at = 0;
  #keeper: Keeper | undefined;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /**
   * The next file's patch, which has so many parts, or null when what follows is none. Throws PatchCut when nothing does:
   * a git that dies leaves what may look like the end of a patch, so that only what comes after it shows that it was whole.
   */
  async next(keep: boolean, parts = 1): Promise<FilePatch | null> {
    const keeper = (this.#keeper = new Keeper(keep));
    let [additions, deletions] = [0 as number | null, 0 as number | null];
    for (let part = 0; part < parts; part++) {
      const word = await this.#word();
      if (word.length < 4 && !word.startsWith('=')) throw new PatchCut();
      if (word !== 'diff') return null;
      const head = await this.#head();
      const counts = head === 'Bina' ? null : await this.#hunks(head);
      additions = counts === null || additions === null ? null : additions + counts.additions;
      deletions = counts === null || deletions === null ? null : deletions + counts.deletions;
    }
    this.#pass();
    return { additions, deletions, ...keeper.end() };
  }

  /** Up to the first hunk; says what comes then, or that the file is binary. */
  async #head(): Promise<string> {
    let binary = false;
    await this.#line();
    for (let word = await this.#word(); ; word = await this.#word()) {
      if (!headers.has(word)) return binary ? 'Bina' : word;
      if (word === 'Bina') binary = true;
      await this.#line();
    }
  }

  async #hunks(word: string): Promise<{ additions: number; deletions: number }> {
    let [additions, deletions] = [0, 0];
    for (let next = word; next === '@@ -'; next = await this.#word()) {
      const [, old = '1', now = '1'] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(await this.#line()) ?? [];
      const counts = await this.#lines(Number(old), Number(now));
      [additions, deletions] = [additions + counts.additions, deletions + counts.deletions];
      while ((await this.#word()).startsWith('\\')) await this.#line();
    }
    return { additions, deletions };
  }

  /** The lines of one hunk: `old` are in the file before, `now` in the one after, most in both; `\ No newline …` in none. */
  async #lines(old: number, now: number): Promise<{ additions: number; deletions: number }> {
    let [oldLeft, nowLeft, additions, deletions] = [old, now, 0, 0];
    while (oldLeft > 0 || nowLeft > 0) {
      if (this.#at >= this.#reader.bytes.length) await this.#more();
      const { bytes } = this.#reader;
      const mark = bytes[this.#at]!;
      if (mark === plus) {
        nowLeft--;
        additions++;
      } else if (mark === minus) {
        oldLeft--;
        deletions++;
      } else if (mark !== backslash) {
        oldLeft--;
        nowLeft--;
      }
      const end = bytes.indexOf(lineFeed, this.#at);
      if (end >= 0) this.#at = end + 1;
      else await this.#restOfLine();
    }
    return { additions, deletions };
  }

  async #restOfLine(): Promise<void> {
    for (;;) {
      this.#at = this.#reader.bytes.length;
      await this.#more();
      const end = this.#reader.bytes.indexOf(lineFeed);
      if (end < 0) continue;
      this.#at = end + 1;
      return;
    }
  }

  /** The first four bytes of what comes next, or as many as tell that it is none of a patch's. */
  async #word(): Promise<string> {
    while (this.#reader.bytes.length < this.#at + 4 && this.#reader.bytes[this.#at] !== 0x3d) {
      if (!(await this.#tryMore())) break;
    }
    return this.#reader.bytes.toString('latin1', this.#at, this.#at + 4);
  }

  /** A line of git's own: it is short, and looked at as a whole. */
  async #line(): Promise<string> {
    let end = this.#reader.bytes.indexOf(lineFeed, this.#at);
    while (end < 0) {
      const length = this.#reader.bytes.length - this.#at;
      if (!(await this.#reader.more())) throw new PatchCut();
      end = this.#reader.bytes.indexOf(lineFeed, this.#at + length);
    }
    const line = this.#reader.bytes.toString('latin1', this.#at, end);
    this.#at = end + 1;
    return line;
  }

  async #more(): Promise<void> {
    if (!(await this.#tryMore())) throw new PatchCut();
  }

  /** What was passed is let go first, so that the window does not grow. */
  async #tryMore(): Promise<boolean> {
    this.#pass();
    return this.#reader.more();
  }

  #pass(): void {
    if (this.#at === 0) return;
    this.#keeper?.add(this.#reader.bytes.subarray(0, this.#at));
    this.#reader.skip(this.#at);
    this.#at = 0;
  }
}

/** Keeps the beginning of a patch, and hashes all of one that is longer. */
class Keeper {
  readonly #keeps: boolean;
  #parts: Buffer[] = [];
  #length = 0;
  #bytes = 0;
  #hash: Hash | undefined;

  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  add(bytes: Buffer): void {
    this.#bytes += bytes.length;
    if (!this.#keeps) return;
    if (this.#hash === undefined && this.#bytes > gitLimits.patchFileBytesMax) {
      this.#hash = createHash('sha256');
      for (const part of this.#parts) this.#hash.update(part);
    }
    this.#hash?.update(bytes);
    // A copy: a slice would hold on to the whole window as long as the record lives.
    const kept = Buffer.from(bytes.subarray(0, gitLimits.patchFileBytesMax - this.#length));
    if (kept.length > 0) this.#parts.push(kept);
    this.#length += kept.length;
  }

  end(): Pick<FilePatch, 'kept' | 'bytes' | 'sha256'> {
    if (!this.#keeps) return { kept: null, bytes: this.#bytes, sha256: null };
    const kept = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    if (this.#hash === undefined) return { kept, bytes: this.#bytes, sha256: null };
    return { kept: wholeLines(kept), bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}

/** Cut at the end of a line: half a line is no line of a patch, and may be half a character. */
export function wholeLines(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.lastIndexOf(lineFeed) + 1);
}
