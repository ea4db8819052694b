// The second pass of a look: what changed is read and told, in the order of keys; then what is gone. A row that has an event of
// this look already is left to the next one, so that a reader that goes on where another was stopped tells nothing twice.
import * as crypto from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import type { StatePatch } from '../../domain/source-state.js';
import type { Chunk, RawRecord, SourceContext } from '../../domain/source.js';
import { outcomeOf, versionOf, type Told } from './changes.js';
import type { Cursor } from './cursor.js';
import { isSettled, rereadBefore, type Findings } from './findings.js';
import { treeLimits } from './limits.js';
import { isSameRow, patch, type Pair, type Row } from './manifest.js';
import type { TreeOptions } from './options.js';
import { factsOf } from './print.js';
import type { Contents } from './read-file.js';
import { encodeRecord } from './record.js';
import { Formers } from './renames.js';
import type { Root } from './root.js';
import type { Tree } from './tree.js';
import { Waiting } from './waiting.js';
import { Windows } from './windows.js';

type Context = SourceContext<TreeOptions>;
type Chunks = AsyncGenerator<Chunk<Cursor>, void, void>;

export class Telling {
  readonly #context: Context;
  readonly #tree: Tree;
  readonly #windows: Windows;
  readonly #root: Root;
  readonly #findings: Findings;
  readonly #formers: Formers;
  readonly #before: number;
  readonly #seal = crypto.createHash('sha256');
  #cursor: Cursor;
  #hasGiven = false;
  /** All rows are as this pass found the tree. */
  #whole = true;
  #due: number | null = null;
  readonly #waiting: Waiting;
  /** One that waits is new: until it was read nobody knows which of the gone ones it was. */
  #isNewWaiting = false;
  #records: RawRecord[] = [];
  #state: StatePatch[] = [];

  constructor(context: Context, tree: Tree, root: Root, findings: Findings, cursor: Cursor) {
    [this.#context, this.#tree, this.#root, this.#findings, this.#cursor] = [context, tree, root, findings, cursor];
    this.#formers = new Formers(findings.gone, findings.claimed);
    this.#before = rereadBefore(context.options);
    this.#waiting = new Waiting(context.options.settleMs, cursor.since);
    this.#windows = new Windows(
      context,
      tree,
      root,
      (pair) => this.#isLeft(pair) || this.#waiting.isWritten(pair.print!),
    );
  }

  async *chunks(): Chunks {
    for await (const { pairs, contents } of this.#windows.all()) {
      this.#context.signal.throwIfAborted();
      const read = await contents;
      for (const pair of pairs) this.#see(pair, read);
      yield* this.#given();
    }
    yield* this.#gone();
    yield* this.#end();
  }

  /** It has its event of this look, or lies where another disk was. */
  #isLeft({ key, row }: Pair): boolean {
    return this.#hasEvent(row) || this.#findings.unmounted.has(key);
  }

  #hasEvent(row: Row | undefined): boolean {
    return row !== undefined && row.at >= this.#cursor.look;
  }

  #see(pair: Pair, read: ReadonlyMap<string, Contents | null>): void {
    const { key, row } = pair;
    const print = pair.print!;
    this.#findings.gone.delete(key);
    this.#findings.out.delete(key);
    if (row !== undefined && isSettled(print, row, this.#before)) return this.#keep(key, row);
    const contents = read.get(key);
    if (contents === null) return this.#leave();
    if (contents === undefined) return this.#postpone(pair, print);
    if (contents.moving === true && this.#waiting.isWritten(contents.print, true))
      return this.#wait(pair, contents.print);
    this.#tell(pair, contents);
  }

  /** It was not read: it is being written, or it is for the next look. */
  #postpone(pair: Pair, print: string): void {
    if (this.#findings.unmounted.has(pair.key) || pair.row?.print === print) this.#leave();
    else if (this.#hasEvent(pair.row)) this.#again(pair.key);
    else this.#wait(pair, print);
  }

  #wait({ key, row }: Pair, print: string): void {
    if (row === undefined) this.#isNewWaiting = true;
    this.#waiting.forQuiet(key, print);
    this.#leave();
  }

  /** It changed once more since it was told. */
  #again(key: string): void {
    this.#waiting.add(key, Date.now());
    this.#leave();
  }

  #tell(pair: Pair, contents: Contents): void {
    const { key, row } = pair;
    const facts = factsOf(contents.print);
    const former = row === undefined ? this.#formers.of(key, facts, contents.sha256) : undefined;
    if (former !== undefined && this.#hasEvent(former.row)) {
      this.#isNewWaiting = true;
      return this.#again(key);
    }
    const { look } = this.#cursor;
    const outcome = outcomeOf(pair, contents, former, { look, nowMs: Date.now(), clockMs: treeLimits.clockMs });
    if (former !== undefined) {
      this.#findings.gone.delete(former.key);
      this.#state.push(patch(former.key, null));
    }
    if (row === undefined || !isSameRow(row, outcome.row, this.#before)) this.#state.push(patch(key, outcome.row));
    if (outcome.told !== undefined) this.#record(key, outcome.row, outcome.told, contents);
    this.#keep(key, outcome.row);
  }

  #record(key: string, { born, name = key }: Row, told: Told, contents?: Contents): void {
    const { look, first } = this.#cursor;
    const { bytes, moving } = contents ?? {};
    const content =
      bytes === undefined
        ? {}
        : isUtf8(bytes) && !bytes.includes(0)
          ? { text: Buffer.from(bytes).toString() }
          : { base64: Buffer.from(bytes).toString('base64') };
    const seen = Date.now();
    this.#records.push(
      encodeRecord({ v: 1, ...told, key, look, born, name, first, seen, ...content, ...(moving ? { moving } : {}) }),
    );
  }

  /** The row stands for the entry as it is. */
  #keep(key: string, row: Row): void {
    if (row.racy !== undefined || row.unreadable !== undefined) this.#leave();
    this.#seal.update(`${key}\0${row.print}\0`);
    const { rehashHours } = this.#context.options;
    if (rehashHours !== undefined && row.read !== undefined)
      this.#due = Math.min(this.#due ?? Infinity, (row.read + rehashHours * 3_600) * 1_000);
  }

  #leave(): void {
    this.#whole = false;
  }

  *#given(): Generator<Chunk<Cursor>, void, void> {
    if (this.#records.length === 0 && this.#state.length === 0) return;
    this.#cursor = { ...this.#cursor, open: true, told: this.#cursor.told + Math.max(1, this.#records.length) };
    this.#hasGiven = true;
    const [records, state] = [this.#records, this.#state];
    [this.#records, this.#state] = [[], []];
    yield { records, state, cursor: this.#cursor };
  }

  async *#gone(): Chunks {
    const { gone, out } = this.#findings;
    if (this.#isNewWaiting) this.#leave();
    else yield* this.#deleted(gone);
    for (const keys of parts([...out.keys()], treeLimits.chunkRows)) {
      for (const key of keys) this.#state.push(patch(key, { ...out.get(key)!, out: true }));
      yield* this.#given();
    }
  }

  /** Asked for once more: what came back meanwhile is not gone. */
  async *#deleted(gone: ReadonlyMap<string, Row>): Chunks {
    for (const keys of parts([...gone.keys()], treeLimits.chunkEvents)) {
      this.#context.signal.throwIfAborted();
      const prints = await this.#tree.prints(this.#root.path, keys);
      for (const [at, key] of keys.entries()) {
        const row = gone.get(key)!;
        if (prints[at] !== null) this.#leave();
        else if (this.#hasEvent(row)) this.#again(key);
        else {
          this.#state.push(patch(key, null));
          this.#record(key, { ...row, name: row.name ?? key }, { event: 'deleted', was: versionOf(row) });
        }
      }
      yield* this.#given();
    }
  }

  /** Where files are being written the next look is at once, when they may be done. */
  *#end(): Generator<Chunk<Cursor>, void, void> {
    const isWaiting = this.#waiting.count > 0;
    const { look } = this.#cursor;
    const last: Cursor = {
      ...this.#cursor,
      look: isWaiting ? look + 1 : look,
      open: isWaiting,
      first: isWaiting && this.#cursor.first,
      seal: this.#whole && !isWaiting && this.#findings.unmounted.size === 0 ? this.#seal.digest('hex') : null,
      due: this.#due,
      since: this.#waiting.since(),
      root: { body: this.#root.body, gone: false },
    };
    // A look that found nothing is as if it had not been.
    const isSame = JSON.stringify({ ...last, open: true }) === JSON.stringify({ ...this.#cursor, open: true });
    if (this.#hasGiven || !isSame) yield { records: [], cursor: last };
    if (isWaiting) throw this.#waiting.wait();
  }
}

function* parts<T>(all: readonly T[], size: number): Generator<readonly T[], void, void> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
