// What was read of each file, read again from the files as they are. A generation is where its bytes are: under its name, under
// a name that rotation gave it, or packed.
import type { Json } from '../../domain/event.js';
import type { Audited } from '../../domain/audit.js';
import type { RawRecord } from '../../domain/source.js';
import { findFiles, type FoundFile } from './found-files.js';
import type { Generation } from './generation.js';
import { KnownFiles } from './known-files.js';
import { fileLimits } from './limits.js';
import { LineSplitter, type Line } from './line-splitter.js';
import type { FileLines, LinesAsked } from './new-lines.js';
import { linePieces } from './pieces.js';
import { portions } from './portions.js';
import { recognise } from './recognise.js';
import { FileRefused } from './regular-file.js';
import { openText, type TextFile } from './text-file.js';

/** What a source makes of lines; `note` is given back with the next ones, as `FileLines.state` keeps it. */
export type RecordsOf = (lines: Omit<FileLines, 'state'>) => {
  readonly records: readonly RawRecord[];
  readonly note?: Json | undefined;
};

export async function* auditFiles(asked: LinesAsked, recordsOf: RecordsOf): AsyncGenerator<Audited, void, void> {
  const known = await KnownFiles.read(asked.state);
  const audit = new FilesAudit(asked, recordsOf, known, await filesOf(asked.pattern));
  yield* audit.all();
}

/** A folder that is gone has no files: all that was read of it is told as not there. */
async function filesOf(pattern: string): Promise<readonly FoundFile[]> {
  try {
    return (await findFiles(pattern)).files;
  } catch (error) {
    if (error instanceof FileRefused) return [];
    throw error;
  }
}

class FilesAudit {
  readonly #asked: LinesAsked;
  readonly #recordsOf: RecordsOf;
  readonly #known: KnownFiles;
  readonly #files: readonly FoundFile[];
  /** Ids: a packed copy beside its original is one text. */
  readonly #found = new Set<string>();

  constructor(asked: LinesAsked, recordsOf: RecordsOf, known: KnownFiles, files: readonly FoundFile[]) {
    [this.#asked, this.#recordsOf, this.#known, this.#files] = [asked, recordsOf, known, files];
  }

  async *all(): AsyncGenerator<Audited, void, void> {
    for (const file of this.#files) {
      this.#asked.signal.throwIfAborted();
      yield* this.#file(file);
    }
    for (const { id, path, offset } of this.#known.generations.values())
      if (!this.#found.has(id)) yield { part: path, covered: { unit: 'byte', there: null, read: offset } };
  }

  async *#file(found: FoundFile): AsyncGenerator<Audited, void, void> {
    const { path: part } = found;
    let text: TextFile | undefined;
    try {
      text = await openText(part);
      if (text !== undefined) yield* this.#text(text, found);
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      yield { part, covered: { unit: 'byte', there: found.size, read: 0, differs: error.message } };
    } finally {
      await text?.close();
    }
  }

  async *#text(text: TextFile, { path: part, named }: FoundFile): AsyncGenerator<Audited, void, void> {
    const first = await text.slice(0, fileLimits.printBytes);
    const held = await recognise(text, first, this.#known, this.#files);
    if (held.as === 'new') {
      const there = await text.length();
      if (named && there > 0) yield { part, covered: { unit: 'byte', there, read: 0 } };
      return;
    }
    if (held.as === 'copy' || this.#found.has(held.generation.id)) return;
    this.#found.add(held.generation.id);
    yield* this.#records(text, first, held.generation);
    yield { part, covered: { unit: 'byte', there: await text.length(), read: held.generation.offset } };
  }

  async *#records(text: TextFile, first: Buffer, generation: Generation): AsyncGenerator<Audited, void, void> {
    const firstLines = new LineSplitter(this.#asked.lineBytesMax).push(first).map(({ bytes }) => bytes);
    let note: Json | undefined;
    for await (const lines of this.#lines(text, generation.offset)) {
      const read = this.#recordsOf({ generation: generation.id, path: text.path, lines, first: firstLines, note });
      note = read.note;
      yield { part: text.path, records: read.records };
    }
  }

  /** Up to where it was read, and nothing behind it. */
  async *#lines(text: TextFile, offset: number): AsyncGenerator<readonly Line[], void, void> {
    const { pieces: make = (at, rest) => linePieces(this.#asked.lineBytesMax, at, rest) } = this.#asked;
    const pieces = make(0, false, undefined);
    let at = 0;
    for await (const block of text.blocks(0)) {
      this.#asked.signal.throwIfAborted();
      yield* portions(pieces.push(block.subarray(0, offset - at)), pieces.besideBytes);
      at += block.length;
      if (at >= offset) break;
    }
    yield* portions(pieces.end(true), pieces.besideBytes);
  }
}
