// A generation: one text over its life, whatever its file is called, wherever it was copied, and however it is packed. It is
// known again by what it holds: its first bytes, and the last bytes that were read of it at the place where they were read.
import * as crypto from 'node:crypto';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import type { Json } from '../../domain/event.js';
import { fileLimits } from './limits.js';
import { stemOf } from './rotated-name.js';
import type { TextFile } from './text-file.js';

/** sha256 (16 hex digits) of so many bytes. */
const print = z.strictObject({ bytes: z.int().min(0), hash: z.string() });
export type Print = z.infer<typeof print>;

/** A row of `source_state`, kind `generation`; its key is the id. */
export const generationRow = z.strictObject({
  /** Counts generations in the order in which they were found. */
  number: z.int(),
  /** When it was found: milliseconds since 1970. */
  since: z.int(),
  /** Of its first bytes: a power of two, until it has `printBytes`. */
  head: print,
  /** Of the bytes before `offset`. */
  tail: print,
  /** Bytes of text whose lines were given. */
  offset: z.int().min(0),
  /** Lines that were given, and how many of them were cut. */
  lines: z.int().min(0),
  cut: z.int().min(0),
  /** Where it was read last. */
  path: z.string(),
  ino: z.string(),
  /** What the source keeps about it (its format, its header), in a few hundred bytes. */
  note: z.json().optional(),
});
export type GenerationRow = z.infer<typeof generationRow>;

export interface Generation extends Omit<GenerationRow, 'note'> {
  readonly id: string;
  readonly note: Json | undefined;
}

export function printOf(bytes: Uint8Array): Print {
  return { bytes: bytes.length, hash: crypto.hash('sha256', bytes, 'hex').slice(0, 16) };
}

/** Of a beginning: as much of it as a power of two, so that a longer file has few prints to be asked for. */
export function headOf(first: Buffer, given: number): Print {
  const there = Math.min(first.length, given, fileLimits.printBytes);
  return printOf(first.subarray(0, there === 0 ? 0 : 2 ** Math.floor(Math.log2(there))));
}

/**
 * The id of a new generation: of its first line and its inode, so that a reader that has to begin again gives the same; and
 * numbered where one inode began with the same line before. Its first line alone would name two logs that begin alike.
 */
export function generationId(firstLine: Uint8Array, ino: string, isTaken: (id: string) => boolean): string {
  const text = `${ino}\n${Buffer.from(firstLine.subarray(0, fileLimits.printBytes)).toString('latin1')}`;
  const base = crypto.hash('sha256', text, 'hex').slice(0, 16);
  for (let count = 1; ; count++) {
    const id = count === 1 ? base : `${base}-${count}`;
    if (!isTaken(id)) return id;
  }
}

/** Whether these may be one text: the file itself, or a name that rotation gives to it. */
export function isKin(generation: Pick<Generation, 'ino' | 'path'>, file: { path: string; ino: string }): boolean {
  return generation.ino === file.ino || stemOf(basename(generation.path)) === stemOf(basename(file.path));
}

/**
 * Whether a file beside a log that is read has lines that were written to that log since: it was rotated more than once
 * between two looks. What was rotated before the first look is read where a pattern names it.
 */
export function isLaterRotation(
  { path, since }: Pick<Generation, 'path' | 'since'>,
  file: { readonly path: string; readonly modified: string },
): boolean {
  const isBeside = dirname(path) === dirname(file.path) && stemOf(basename(path)) === stemOf(basename(file.path));
  return isBeside && BigInt(file.modified) >= BigInt(since) * 1_000_000n;
}

/** The last bytes that were read of it, where the file has the generation whole: what was read stands where it was read. */
export async function heldTail(
  text: TextFile,
  { tail, offset }: Pick<Generation, 'tail' | 'offset'>,
): Promise<Buffer | undefined> {
  const found = await text.slice(offset - tail.bytes, tail.bytes);
  return found.length === tail.bytes && printOf(found).hash === tail.hash ? found : undefined;
}

/** Whether a shorter file is the beginning of a longer one, as a copy is while it is made. */
export async function isBeginning(short: TextFile, long: TextFile): Promise<boolean> {
  const length = await short.length();
  const count = Math.min(length, fileLimits.printBytes);
  for (const from of new Set([0, length - count])) {
    const [one, other] = [await short.slice(from, count), await long.slice(from, count)];
    if (!one.equals(other)) return false;
  }
  return true;
}
