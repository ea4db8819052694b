// Lines out of blocks of bytes. Only \n ends a line; \r before it is taken off. Offsets are exact: `offset` is after the \n of
// the line before, `end` is after its own, so what is passed over (a byte order mark, NULs) is within the line that follows.

export interface Line {
  /** Without its end. A view into the block it came in, or a copy of its parts. */
  readonly bytes: Buffer;
  readonly offset: number;
  readonly end: number;
  readonly flags: LineFlags;
}

/**
 * - cut: it is longer than a line may be, and this is its beginning; `end - offset` tells its length.
 * - hole: NULs stood before it. A writer that does not append leaves them when its file is truncated (copytruncate).
 * - unended: the file ends without \n, and nothing more is expected.
 * - rest: what came after such a line was given.
 */
export interface LineFlags {
  readonly cut?: true;
  readonly hole?: true;
  readonly unended?: true;
  readonly rest?: true;
}

const none: LineFlags = {};
const [lineFeed, carriageReturn] = [10, 13];
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

export class LineSplitter {
  readonly #bytesMax: number;
  /** Of the next byte that is pushed. */
  #at: number;
  /** The beginning of a line that has not ended, and how much of it was kept. */
  #parts: Buffer[] = [];
  #kept = 0;
  #offset: number;
  #flags: LineFlags;

  /** `offset`: of the first byte that will be pushed. `isRest`: it stands in the middle of a line. */
  constructor(bytesMax: number, offset = 0, isRest = false) {
    [this.#bytesMax, this.#at, this.#offset] = [bytesMax, offset, offset];
    this.#flags = isRest ? { rest: true } : none;
  }

  /** Bytes of a line that has not ended. */
  get waiting(): number {
    return this.#kept === 0 ? 0 : this.#at - this.#offset;
  }

  /** Those that end in this block. */
  push(block: Buffer): Line[] {
    const lines: Line[] = [];
    for (let from = 0; from < block.length;) {
      if (this.#kept === 0 && block[from] === 0) from = this.#hole(block, from);
      const to = block.indexOf(lineFeed, from);
      if (to < 0) {
        this.#keep(block.subarray(from));
        break;
      }
      lines.push(this.#ended(block.subarray(from, to), this.#at + to + 1));
      from = to + 1;
    }
    this.#at += block.length;
    return lines;
  }

  /** What is left at the end of a file to which nobody writes any more. NULs alone are room that a writer has taken ahead. */
  end(): Line | undefined {
    if (this.#kept === 0) return undefined;
    this.#flags = { ...this.#flags, unended: true };
    return this.#ended(Buffer.alloc(0), this.#at);
  }

  /** NULs where a line would begin belong to no line; a hole may be larger than any. */
  #hole(block: Buffer, from: number): number {
    let to = from;
    while (to < block.length && block[to] === 0) to += 1;
    if (!this.#flags.hole) this.#flags = { ...this.#flags, hole: true };
    return to;
  }

  #keep(part: Buffer): void {
    const room = this.#bytesMax - this.#kept;
    // A copy: a view would hold its whole block.
    if (room > 0 && part.length > 0) this.#parts.push(Buffer.from(part.subarray(0, room)));
    this.#kept += Math.min(room, part.length);
    if (part.length > room && !this.#flags.cut) this.#flags = { ...this.#flags, cut: true };
  }

  #ended(last: Buffer, end: number): Line {
    const whole = this.#whole(last);
    const line = { bytes: this.#trimmed(whole), offset: this.#offset, end, flags: this.#flags };
    [this.#parts, this.#kept, this.#flags, this.#offset] = [[], 0, none, end];
    return line;
  }

  #whole(last: Buffer): Buffer {
    if (this.#parts.length === 0 && last.length <= this.#bytesMax) return last;
    this.#keep(last);
    return this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
  }

  #trimmed(bytes: Buffer): Buffer {
    const from = this.#offset === 0 && bytes.subarray(0, 3).equals(byteOrderMark) ? 3 : 0;
    const to = bytes.at(-1) === carriageReturn && this.#flags.cut === undefined ? bytes.length - 1 : bytes.length;
    return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to);
  }
}
