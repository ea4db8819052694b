// The walk cut into windows: entries that follow each other, with so many of them to be looked into as make a chunk. The next
// window is read while the one before it is told.
import { setImmediate as turn } from 'node:timers/promises';
import type { SourceContext } from '../../domain/source.js';
import { limits } from '../../limits.js';
import { isSettled, rereadBefore } from './findings.js';
import { treeLimits } from './limits.js';
import { merged, type Pair } from './manifest.js';
import type { TreeOptions } from './options.js';
import { factsOf } from './print.js';
import type { Contents } from './read-file.js';
import { walkRequest, type Root } from './root.js';
import type { Tree } from './tree.js';

interface Window {
  readonly pairs: readonly Pair[];
  /** Of those that were looked into, by key; null: gone again. */
  readonly contents: Promise<ReadonlyMap<string, Contents | null>>;
}

export class Windows {
  readonly #context: SourceContext<TreeOptions>;
  readonly #tree: Tree;
  readonly #root: Root;
  readonly #before: number;
  readonly #isPassedOver: (pair: Pair) => boolean;

  constructor(context: SourceContext<TreeOptions>, tree: Tree, root: Root, isPassedOver: (pair: Pair) => boolean) {
    [this.#context, this.#tree, this.#root, this.#isPassedOver] = [context, tree, root, isPassedOver];
    this.#before = rereadBefore(context.options);
  }

  async *all(): AsyncGenerator<Window, void, void> {
    let held: Window | undefined;
    for await (const pairs of this.#cut()) {
      const contents = this.#read(pairs);
      // Whoever stops in the middle does not hear of its failure.
      contents.catch(() => undefined);
      if (held !== undefined) yield held;
      held = { pairs, contents };
    }
    if (held !== undefined) yield held;
  }

  async *#cut(): AsyncGenerator<readonly Pair[], void, void> {
    let [pairs, work, bytes]: [Pair[], number, number] = [[], 0, 0];
    const { options, state } = this.#context;
    const bytesMax = options.contents ? limits.chunkBytesMax : treeLimits.readBatchBytes;
    for await (const batch of merged(this.#tree.walk(walkRequest(this.#root, options)), state)) {
      for (const pair of batch) {
        if (pair.print === undefined) continue;
        const cost = this.#cost(pair);
        const isFull = work >= treeLimits.chunkEvents || (work > 0 && bytes + cost > bytesMax);
        if (isFull || pairs.length >= treeLimits.chunkRows) {
          yield pairs;
          [pairs, work, bytes] = [[], 0, 0];
        }
        pairs.push(pair);
        if (cost >= 0) [work, bytes] = [work + 1, bytes + cost];
      }
      await turn();
    }
    yield pairs;
  }

  /** Bytes that must be read; -1: nothing is to be done. */
  #cost({ print, row }: Pair): number {
    if (row !== undefined && isSettled(print!, row, this.#before)) return -1;
    const { letter, size } = factsOf(print!);
    return letter !== 'f' || size > this.#context.options.hashBytesMax ? 0 : size;
  }

  async #read(pairs: readonly Pair[]): Promise<ReadonlyMap<string, Contents | null>> {
    const { options } = this.#context;
    const contents = new Map<string, Contents | null>();
    const [keys, links]: [string[], boolean[]] = [[], []];
    for (const pair of pairs) {
      if (this.#cost(pair) < 0 || this.#isPassedOver(pair)) continue;
      const { letter } = factsOf(pair.print!);
      if (letter !== 'f' && letter !== 'l') contents.set(pair.key, { print: pair.print!, sha256: null });
      else {
        keys.push(pair.key);
        links.push(letter === 'l');
      }
    }
    if (keys.length === 0) return contents;
    const contentBytes = options.contents ? options.contentBytesMax : 0;
    const how = { root: this.#root.path, hashBytes: options.hashBytesMax, contentBytes };
    const read = await this.#tree.read(how, keys, links);
    for (const [at, key] of keys.entries()) contents.set(key, read[at]!);
    return contents;
  }
}
