// A file's text, as it is or packed: which, its first bytes say and not its name. Offsets are of the text.
import type { FileHandle } from 'node:fs/promises';
import { fileLimits } from './limits.js';
import { openRegular, type FileFacts, FileRefused } from './regular-file.js';
import { unpacked } from './unpack.js';

export type Packing = 'none' | 'gzip' | 'zstd';

/** Names of what else logs are packed with, by their first bytes, so that they are refused by name and not read as text. */
const magics: readonly [name: string, bytes: readonly number[]][] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
];

/** Undefined: it is gone. Throws FileRefused. To be closed. */
export async function openText(path: string): Promise<TextFile | undefined> {
  const opened = await openRegular(path);
  if (opened === undefined) return undefined;
  try {
    const first = await bytesAt(opened.file, 0, Math.min(fileLimits.printBytes, opened.facts.size));
    const [name = 'none'] = magics.find(([, bytes]) => bytes.every((byte, at) => first[at] === byte)) ?? [];
    if (name !== 'none' && name !== 'gzip' && name !== 'zstd')
      throw new FileRefused('packing_unknown', `${path} is packed by ${name}, expected text, gzip or zstd; unpack it`);
    return new TextFile(path, opened.file, opened.facts, name, first);
  } catch (error) {
    await opened.file.close();
    throw error;
  }
}

export class TextFile {
  readonly path: string;
  readonly facts: FileFacts;
  readonly packing: Packing;
  readonly #file: FileHandle;
  /** Of the file, packed or not: asked for again and again. */
  readonly #first: Buffer;

  constructor(path: string, file: FileHandle, facts: FileFacts, packing: Packing, first: Buffer) {
    [this.path, this.#file, this.facts, this.packing, this.#first] = [path, file, facts, packing, first];
  }

  /**
   * The text from an offset to where it ended when the file was opened, in blocks of at most `blockBytes`. A packed one is
   * unpacked from its beginning. Throws FileRefused where it is damaged, after all that could be read.
   */
  async *blocks(from: number): AsyncGenerator<Buffer, void, void> {
    if (this.packing === 'none') {
      yield* this.#bytes(from, fileLimits.blockBytes);
      return;
    }
    let at = 0;
    for await (const text of unpacked(this.path, this.packing, this.#bytes(0, fileLimits.packedBytes))) {
      const start = Math.max(0, from - at);
      at += text.length;
      for (let cut = start; cut < text.length; cut += fileLimits.blockBytes)
        yield text.subarray(cut, cut + fileLimits.blockBytes);
    }
  }

  /** So many bytes of text from an offset, or what there is of them, damaged or not. */
  async slice(from: number, count: number): Promise<Buffer> {
    if (this.packing === 'none' && from + count <= this.#first.length) return this.#first.subarray(from, from + count);
    if (this.packing === 'none') return bytesAt(this.#file, from, Math.min(count, Math.max(0, this.facts.size - from)));
    const parts: Buffer[] = [];
    let length = 0;
    try {
      for await (const block of this.blocks(from)) {
        parts.push(block.subarray(0, count - length));
        length += parts.at(-1)!.length;
        if (length >= count) break;
      }
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
    }
    return Buffer.concat(parts);
  }

  /** Bytes of text; a packed one is unpacked for it. */
  async length(): Promise<number> {
    if (this.packing === 'none') return this.facts.size;
    let length = 0;
    try {
      for await (const block of this.blocks(0)) length += block.length;
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
    }
    return length;
  }

  /**
   * Throws FileRefused when it is packed and damaged: what a decoder made of it before it noticed is no text, so none of it is
   * read. One that is cut off is sound up to there.
   */
  async checkPacking(): Promise<void> {
    if (this.packing === 'none') return;
    try {
      for await (const block of this.blocks(0)) void block;
    } catch (error) {
      if (!(error instanceof FileRefused) || error.code !== 'packed_cut') throw error;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async *#bytes(from: number, step: number): AsyncGenerator<Buffer, void, void> {
    for (let at = from; at < this.facts.size;) {
      const bytes = await bytesAt(this.#file, at, Math.min(step, this.facts.size - at));
      // It was truncated under us: the next look finds out what it is now.
      if (bytes.length === 0) return;
      yield bytes;
      at += bytes.length;
    }
  }
}

/** Fewer where the file ends. */
async function bytesAt(file: FileHandle, from: number, count: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(count);
  let length = 0;
  while (length < count) {
    const { bytesRead } = await file.read(bytes, length, count - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
