// What is known of a source's files: a row for each generation, and one for each path with how it looked when it was read
// last. So a look that finds nothing new is a stat of each path and opens none.
import { z } from 'zod';
import type { Json } from '../../domain/event.js';
import type { SourceState, StatePatch } from '../../domain/source-state.js';
import { stateKey } from '../../domain/state-key.js';
import { stateRows } from '../../domain/state-rows.js';
import type { FoundFile } from './found-files.js';
import { generationRow, headOf, isFullHead, type Generation } from './generation.js';
import { fileLimits } from './limits.js';
import type { FileFacts } from './regular-file.js';

const [generationKind, fileKind] = ['generation', 'file'];

const fileRow = z.strictObject({
  ino: z.string(),
  size: z.int(),
  modified: z.string(),
  changed: z.string(),
  /** It was written just before it was looked at: it may have changed since and look the same. */
  fresh: z.boolean().optional(),
  /** What it holds; null: nothing that was read. */
  generation: z.string().nullable(),
  /** Bytes of text at its end that wait for the end of their line. */
  waiting: z.int().optional(),
  problem: z.strictObject({ code: z.string(), message: z.string() }).optional(),
});
export type FileRow = z.infer<typeof fileRow>;

export class KnownFiles {
  readonly generations = new Map<string, Generation>();
  /** By path. */
  readonly files = new Map<string, FileRow>();
  /** Ids by the last print of their beginning. */
  readonly #heads = new Map<string, Set<string>>();
  #last = 0;

  static async read(state: SourceState): Promise<KnownFiles> {
    const known = new KnownFiles();
    for await (const { key, value } of stateRows(state, generationKind))
      known.put({ note: undefined, ...generationRow.parse(value), id: key } as Generation);
    for await (const { value } of stateRows(state, fileKind)) {
      const { path, ...row } = z.looseObject({ path: z.string() }).parse(value);
      known.files.set(path, fileRow.parse(row));
    }
    return known;
  }

  get nextNumber(): number {
    return this.#last + 1;
  }

  put(generation: Generation): void {
    const before = this.generations.get(generation.id);
    if (before !== undefined) this.#heads.get(headKey(before.head))!.delete(before.id);
    this.generations.set(generation.id, generation);
    const key = headKey(generation.head);
    this.#heads.set(key, (this.#heads.get(key) ?? new Set()).add(generation.id));
    this.#last = Math.max(this.#last, generation.number);
  }

  /** Those that begin as these bytes do, as far as both go; the longest first. */
  beginningWith(first: Buffer): Generation[] {
    const prints = headOf(first, first.length);
    const found = prints.flatMap((_, at) => [...(this.#heads.get(headKey(prints.slice(0, at + 1))) ?? [])]);
    const longer = isFullHead({ head: prints }) ? [] : this.#longerThan(prints);
    return [...found.map((id) => this.generations.get(id)!), ...longer].sort((one, other) => other.offset - one.offset);
  }

  #longerThan(prints: readonly string[]): Generation[] {
    const [length, last] = [prints.length, prints.at(-1)];
    if (last === undefined) return [];
    return [...this.generations.values()].filter(({ head }) => head.length > length && head[length - 1] === last);
  }

  /** Whether a path looks as it did when it was read last. */
  looksRead(found: FoundFile): boolean {
    const row = this.files.get(found.path);
    return (
      row !== undefined &&
      row.ino === found.ino &&
      row.size === found.size &&
      row.modified === found.modified &&
      row.changed === found.changed
    );
  }

  /** Of generations that no path holds, the oldest beyond what is remembered. */
  forgotten(): StatePatch[] {
    const over = this.generations.size - fileLimits.generationsMax;
    if (over <= 0) return [];
    const held = new Set([...this.files.values()].map(({ generation }) => generation));
    const old = [...this.generations.values()].filter(({ id }) => !held.has(id));
    return old
      .sort((one, other) => one.number - other.number)
      .slice(0, over)
      .map(({ id }) => ({ kind: generationKind, key: id, value: null }));
  }
}

/** How a file looked when it was read. `startedMs`: when that began; `waiting`: bytes of a last line without an end. */
export function rowOf(
  { ino, size, modified, changed }: FileFacts,
  startedMs: number,
  generation: Generation | undefined,
  problem?: FileRow['problem'],
  waiting = 0,
): FileRow {
  const fresh = Number(BigInt(changed) / 1_000_000n) >= startedMs - fileLimits.tickMs;
  return {
    ino,
    size,
    modified,
    changed,
    ...(fresh ? { fresh } : {}),
    generation: generation?.id ?? null,
    ...(waiting > 0 && problem === undefined ? { waiting } : {}),
    ...(problem === undefined ? {} : { problem }),
  };
}

function headKey(head: readonly string[]): string {
  return `${head.length} ${head.at(-1)}`;
}

export function generationPatch({ id, note, ...row }: Generation): StatePatch {
  return { kind: generationKind, key: id, value: (note === undefined ? row : { ...row, note }) as Json };
}

export function filePatch(path: string, row: FileRow | null): StatePatch {
  return { kind: fileKind, key: stateKey(Buffer.from(path)), value: row === null ? null : ({ path, ...row } as Json) };
}
