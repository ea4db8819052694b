// A reader of files as a source is one, without an engine: what it gives is committed chunk by chunk, or lost.
import type { StatePatch } from '../../../src/domain/source-state.js';
import { filesHaveNews, prepareFiles } from '../../../src/sources/files/look.js';
import { newLines, type FileLines } from '../../../src/sources/files/new-lines.js';
import { memoryState } from '../../../src/testing/memory-state.js';
import { eventually } from '../../support/eventually.js';

export interface ReadLine {
  readonly id: string;
  readonly text: string;
  readonly flags: object;
}

export class FilesReader {
  readonly #pattern: string;
  readonly #lineBytesMax: number;
  #rows = new Map<string, StatePatch>();
  #committed = {};
  readonly lines: ReadLine[] = [];

  constructor(pattern: string, lineBytesMax = 1_000) {
    [this.#pattern, this.#lineBytesMax] = [pattern, lineBytesMax];
  }

  get state() {
    return memoryState(() => this.#rows.values());
  }

  get texts(): string[] {
    return this.lines.map(({ text }) => text);
  }

  hasNews(): Promise<boolean> {
    return filesHaveNews(this.state, this.#pattern, this.#committed);
  }

  prepare() {
    return prepareFiles(this.state, this.#pattern);
  }

  /** Until a look finds nothing new: what was written in the moment of a look is looked at once more. */
  async settle(): Promise<boolean> {
    return eventually('nothing is new', async () => {
      await this.read();
      return !(await this.hasNews());
    });
  }

  /** Stops after so many chunks, of which the last is not committed: as a reader that was killed. */
  async read(killedAfter = Infinity): Promise<ReadLine[]> {
    const [signal, before] = [new AbortController().signal, this.lines.length];
    let chunks = 0;
    for await (const chunk of newLines({
      state: this.state,
      signal,
      pattern: this.#pattern,
      lineBytesMax: this.#lineBytesMax,
    })) {
      const patches = chunk.state(chunk.note ?? { first: chunk.lines[0]?.bytes.toString() ?? null });
      if (++chunks > killedAfter) break;
      this.#commit(chunk, patches);
    }
    return this.lines.slice(before);
  }

  #commit(chunk: FileLines, patches: readonly StatePatch[]): void {
    for (const { bytes, offset, flags } of chunk.lines)
      this.lines.push({ id: `${chunk.generation}:${offset}`, text: bytes.toString('latin1'), flags });
    for (const patch of patches) {
      const name = `${patch.kind} ${patch.key}`;
      if (patch.value === null) this.#rows.delete(name);
      else this.#rows.set(name, JSON.parse(JSON.stringify(patch)) as StatePatch);
    }
    this.#committed = {};
  }
}
