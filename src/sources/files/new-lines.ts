// The lines that were not read yet, of all files of a source, chunk by chunk, each with the rows that say so. From wherever
// the rows stand, the same lines at the same offsets of the same generations.
import type { Json } from '../../domain/event.js';
import type { SourceState, StatePatch } from '../../domain/source-state.js';
import type { FoundFile } from './found-files.js';
import { generationId, headOf, isFullHead, isLaterRotation, printOf, type Generation } from './generation.js';
import { filePatch, generationPatch, KnownFiles, rowOf, type FileRow } from './known-files.js';
import { fileLimits } from './limits.js';
import { LineSplitter, type Line } from './line-splitter.js';
import { isQuiet, lookAt, type Look } from './look.js';
import { linePieces, type Pieces } from './pieces.js';
import { portions, tailIn } from './portions.js';
import { recognise } from './recognise.js';
import { FileRefused } from './regular-file.js';
import { openText, type TextFile } from './text-file.js';

export interface LinesAsked {
  readonly state: SourceState;
  readonly signal: AbortSignal;
  /** A path or a pattern. */
  readonly pattern: string;
  /** A longer line is cut. */
  readonly lineBytesMax: number;
  /** What a file is made of, where not of lines: rows of CSV hold line ends. */
  readonly pieces?: ((offset: number, isRest: boolean, note: Json | undefined) => Pieces) | undefined;
}

/** Lines of one generation, in a row. */
export interface FileLines {
  /** Undefined with lines: never. Without lines: a file was looked at and had nothing new. */
  readonly generation: string | undefined;
  readonly path: string;
  readonly lines: readonly Line[];
  /** The first whole lines of the file, of its first KiB: where a header stands. */
  readonly first: readonly Buffer[];
  /** What was kept about the generation with an earlier chunk. */
  readonly note: Json | undefined;
  /** The rows of this chunk, to be taken once. `note`: kept from now on, a few hundred bytes. */
  state(note?: Json): StatePatch[];
}

export async function* newLines(asked: LinesAsked): AsyncGenerator<FileLines, void, void> {
  const known = await KnownFiles.read(asked.state);
  const look = await lookAt(asked.pattern, known);
  for (const found of look.changed) {
    asked.signal.throwIfAborted();
    yield* new FileReading(asked, known, look, found).chunks();
  }
  const patches = [...look.gone.map((path) => filePatch(path, null)), ...known.forgotten()];
  if (patches.length > 0)
    yield {
      generation: undefined,
      path: look.gone[0] ?? '',
      lines: [],
      first: [],
      note: undefined,
      state: () => patches,
    };
}

/** One file, from where its generation was read to where it ends now. */
class FileReading {
  readonly #asked: LinesAsked;
  readonly #known: KnownFiles;
  readonly #look: Look;
  readonly #found: FoundFile;
  #generation: Generation | undefined;
  #pieces!: Pieces;
  /** The last bytes before the block that is looked at. */
  #window: Buffer = Buffer.alloc(0);
  #first: Buffer = Buffer.alloc(0);
  #firstLines: readonly Buffer[] = [];
  /** Of the block that comes next. */
  #at = 0;

  constructor(asked: LinesAsked, known: KnownFiles, look: Look, found: FoundFile) {
    [this.#asked, this.#known, this.#look, this.#found] = [asked, known, look, found];
  }

  async *chunks(): AsyncGenerator<FileLines, void, void> {
    const startedMs = Date.now();
    let text: TextFile | undefined;
    try {
      text = await openText(this.#found.path);
      // Gone since the look: the next one tells.
      if (text === undefined) return;
      yield* this.#read(text, startedMs);
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      const facts = text?.facts ?? this.#found;
      yield this.#chunk([], rowOf(facts, startedMs, this.#generation, { code: error.code, message: error.message }));
    } finally {
      await text?.close();
    }
  }

  async *#read(text: TextFile, startedMs: number): AsyncGenerator<FileLines, void, void> {
    this.#first = await text.slice(0, fileLimits.printBytes);
    this.#firstLines = new LineSplitter(this.#asked.lineBytesMax).push(this.#first).map(({ bytes }) => bytes);
    await text.checkPacking();
    const found = await recognise(text, this.#first, this.#known, this.#look.files);
    if (found.as === 'copy' || (found.as === 'new' && !this.#isWanted())) {
      const held = found.as === 'copy' ? found.generation : undefined;
      yield this.#chunk([], rowOf(text.facts, startedMs, held));
      return;
    }
    if (found.as === 'continues') {
      [this.#generation, this.#at, this.#window] = [found.generation, found.generation.offset, found.tail];
      this.#moved(text);
    }
    const isRest = this.#window.length > 0 && this.#window.at(-1) !== 10;
    const { pieces = (offset, rest) => linePieces(this.#asked.lineBytesMax, offset, rest) } = this.#asked;
    this.#pieces = pieces(this.#at, isRest, this.#generation?.note);
    yield* this.#blocks(text, startedMs);
  }

  #isWanted(): boolean {
    const { named } = this.#found;
    return named || [...this.#known.generations.values()].some((one) => isLaterRotation(one, this.#found));
  }

  /** A chunk waits for the next block, so that the last one can say that the file was read to its end. */
  async *#blocks(text: TextFile, startedMs: number): AsyncGenerator<FileLines, void, void> {
    let waiting: readonly Line[] = [];
    let problem: FileRow['problem'];
    try {
      for await (const block of text.blocks(this.#at)) {
        this.#asked.signal.throwIfAborted();
        for (const lines of portions(this.#pieces.push(block), this.#pieces.besideBytes)) {
          if (waiting.length > 0) yield this.#chunk(waiting);
          this.#advance(lines, text, await this.#tailBefore(lines.at(-1)!.end, block, text));
          waiting = lines;
        }
        this.#window = tailIn(block, block.length, this.#window);
        this.#at += block.length;
      }
    } catch (error) {
      if (!(error instanceof FileRefused)) throw error;
      problem = { code: error.code, message: error.message };
    }
    const rest = problem === undefined ? this.#pieces.end(isFinished(text)) : [];
    for (const lines of portions(rest, this.#pieces.besideBytes)) {
      if (waiting.length > 0) yield this.#chunk(waiting);
      this.#advance(lines, text, await this.#tailBefore(lines.at(-1)!.end, Buffer.alloc(0), text));
      waiting = lines;
    }
    yield this.#chunk(waiting, rowOf(text.facts, startedMs, this.#generation, problem, this.#pieces.waiting));
  }

  /** A piece may have ended before this block, when only the block told that it did. */
  async #tailBefore(end: number, block: Buffer, text: TextFile): Promise<Buffer> {
    if (end >= this.#at) return tailIn(block, end - this.#at, this.#window);
    const start = Math.max(0, end - fileLimits.printBytes);
    return text.slice(start, end - start);
  }

  /** `tail`: the bytes before the end of these lines. */
  #advance(lines: readonly Line[], text: TextFile, tail: Buffer): void {
    const before = this.#generation ?? this.#begun(lines[0]!, text);
    const offset = lines.at(-1)!.end;
    this.#generation = {
      ...before,
      head: isFullHead(before) ? before.head : headOf(this.#first, offset),
      tail: printOf(tail),
      offset,
      lines: before.lines + lines.length,
      cut: before.cut + lines.filter(({ flags }) => flags.cut).length,
    };
  }

  #begun(first: Line, { path, facts: { ino } }: TextFile): Generation {
    return {
      id: generationId(first.bytes, ino, (id) => this.#known.generations.has(id)),
      number: this.#known.nextNumber,
      since: Date.now(),
      head: [],
      tail: printOf(Buffer.alloc(0)),
      offset: 0,
      lines: 0,
      cut: 0,
      path,
      ino,
      note: undefined,
    };
  }

  /** Where a generation is read from now. A packed copy is no better place than the file that was packed, unless that is gone. */
  #moved({ path, facts: { ino }, packing }: TextFile): void {
    const there = this.#look.files.some((file) => file.ino === this.#generation!.ino);
    if (packing === 'none' || !there) this.#generation = { ...this.#generation!, path, ino };
  }

  #chunk(lines: readonly Line[], row?: FileRow): FileLines {
    const [generation, path] = [this.#generation, this.#found.path];
    return {
      generation: generation?.id,
      path,
      lines,
      first: this.#firstLines,
      note: generation?.note,
      state: (note = generation?.note) => {
        const patches: StatePatch[] = [];
        if (generation !== undefined) {
          const kept = { ...generation, note };
          this.#known.put(kept);
          // What was read since stands on it, but for what is kept.
          if (this.#generation !== undefined) this.#generation = { ...this.#generation, note };
          patches.push(generationPatch(kept));
        }
        if (row !== undefined) {
          this.#known.files.set(path, row);
          patches.push(filePatch(path, row));
        }
        return patches;
      },
    };
  }
}

/** A packed file is written once. To any other somebody may write still, unless nobody did for long. */
function isFinished({ packing, facts }: TextFile): boolean {
  return packing !== 'none' || isQuiet(facts.modified);
}
