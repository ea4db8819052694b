// What was read of the files a commit changed: their patches, what these touch, and where a file stands for another.
// A section of the record: for each such file one line of JSON, then as many bytes of its patch as the line says.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { gitLimits } from './limits.js';
import type { DiffRequest } from './diff-request.js';
import { hasDriver } from './diff-drivers.js';
import type { RawEntry } from './diff-tokens.js';
import { lfsPointerIn, symbolsOf } from './hunk-symbols.js';
import { languageOf } from './language.js';
import { wholeLines, type FilePatch } from './patch-reader.js';

const symbol = z.union([z.strictObject({ name: z.string(), type: z.string() }), z.strictObject({ text: z.string() })]);

const head = z.strictObject({
  /** Number of its raw entry in the record. */
  at: z.int().min(0),
  /** Bytes of the patch that follow; absent: it has none, or none is kept. */
  patch: z.int().min(0).optional(),
  /** sha256 and bytes of the whole patch, where not all of it follows. */
  cut: z.strictObject({ sha256: z.string(), bytes: z.int() }).optional(),
  symbols: z.array(symbol).optional(),
  /** There are more symbols, or the patch was too long to look for all. */
  moreSymbols: z.literal(true).optional(),
  lfs: z.strictObject({ oid: z.string(), size: z.int() }).optional(),
});

export type FileText = Omit<z.infer<typeof head>, 'patch'> & { readonly patch?: Buffer | undefined };

/** One for each commit: what is kept of all its patches together is bounded. */
export class TextWriter {
  readonly #request: DiffRequest;
  #left: number = gitLimits.patchCommitBytesMax;

  constructor(request: DiffRequest) {
    this.#request = request;
  }

  /** Empty for a file of which there is nothing to tell. */
  encode(at: number, entry: RawEntry, file: FilePatch): Buffer {
    const { kept } = file;
    if (kept === null || file.additions === null) return empty;
    const facts = this.#facts(entry, file, kept);
    const kind = this.#request.keepsPatch ? this.#patch(file, kept) : {};
    if (Object.keys(facts).length === 0 && kind.patch === undefined) return empty;
    const line = JSON.stringify({ at, ...facts, ...kind, patch: kind.patch?.length } satisfies z.input<typeof head>);
    return Buffer.concat([Buffer.from(`${line}\n`), kind.patch ?? empty]);
  }

  #facts(
    { path, status }: RawEntry,
    { sha256 }: FilePatch,
    kept: Buffer,
  ): Pick<FileText, 'symbols' | 'moreSymbols' | 'lfs'> {
    const text = kept.toString('latin1');
    const lfs = lfsPointerIn(text);
    const language = languageOf(path.toString('latin1'));
    // Two patches in one, of a file and of what is none.
    const found =
      this.#request.keepsSymbols && hasDriver(language) && status !== 'T' ? symbolsOf(text, language) : undefined;
    return {
      ...(found === undefined || found.symbols.length === 0 ? {} : { symbols: [...found.symbols] }),
      ...(found !== undefined && (found.more || sha256 !== null) ? { moreSymbols: true } : {}),
      ...(lfs === null ? {} : { lfs }),
    };
  }

  #patch({ sha256, bytes }: FilePatch, kept: Buffer): Pick<FileText, 'patch' | 'cut'> {
    const patch = kept.length <= this.#left ? kept : wholeLines(kept.subarray(0, this.#left));
    this.#left -= patch.length;
    if (sha256 === null && patch.length === kept.length) return { patch };
    return { patch, cut: { sha256: sha256 ?? createHash('sha256').update(kept).digest('hex'), bytes } };
  }
}

const empty = Buffer.alloc(0);

/** By number of the raw entry. */
export function decodeTexts(section: Buffer): ReadonlyMap<number, FileText> {
  const texts = new Map<number, FileText>();
  for (let start = 0; start < section.length;) {
    const end = section.indexOf(10, start);
    const { patch: length, ...rest } = head.parse(JSON.parse(section.toString('utf8', start, end)));
    start = end + 1 + (length ?? 0);
    texts.set(rest.at, length === undefined ? rest : { ...rest, patch: section.subarray(end + 1, start) });
  }
  return texts;
}
