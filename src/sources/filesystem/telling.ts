// The second pass of a look: what changed is read and told, in the order of keys; then what is gone. A row that has an event of
// this look already is left to the next one, so that a reader that goes on where another was stopped tells nothing twice.
import { setImmediate as turn } from 'node:timers/promises';
import * as crypto from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { WaitUntil } from '../../domain/errors.js';
import type { Chunk, RawRecord, SourceContext, StatePatch } from '../../domain/source.js';
import { limits } from '../../limits.js';
import { outcomeOf, versionOf, type Told } from './changes.js';
import type { Cursor } from './cursor.js';
import { isSettled, rereadBefore, type Findings } from './findings.js';
import { treeLimits } from './limits.js';
import { isSameRow, merged, patch, type Pair, type Row } from './manifest.js';
import type { TreeOptions } from './options.js';
import { factsOf, msOf } from './print.js';
import type { Contents } from './read-file.js';
import { encodeRecord } from './record.js';
import { Formers } from './renames.js';
import { walkRequest, type Root } from './root.js';
import type { Tree } from './tree.js';

type Context = SourceContext<TreeOptions>;
type Chunks = AsyncGenerator<Chunk<Cursor>, void, void>;

/** Pairs that follow each other, and those of them that are looked into. */
interface Window {
  readonly pairs: readonly Pair[];
  readonly contents: Promise<ReadonlyMap<string, Contents | null>>;
}

export class Telling {
  readonly #context: Context;
  readonly #tree: Tree;
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
  /** What is looked at again in this reading: how many, the first, and when. */
  #waiting = { count: 0, first: '', untilMs: Infinity };
  /** One that waits is new: until it was read nobody knows which of the gone ones it was. */
  #isNewWaiting = false;
  #records: RawRecord[] = [];
  #state: StatePatch[] = [];

  constructor(context: Context, tree: Tree, root: Root, findings: Findings, cursor: Cursor) {
    [this.#context, this.#tree, this.#root, this.#findings, this.#cursor] = [context, tree, root, findings, cursor];
    this.#formers = new Formers(findings.gone, findings.claimed);
    this.#before = rereadBefore(context.options);
  }

  async *chunks(): Chunks {
    for await (const { pairs, contents } of this.#windows()) {
      this.#context.signal.throwIfAborted();
      const read = await contents;
      for (const pair of pairs) this.#see(pair, read);
      yield* this.#given();
    }
    yield* this.#gone();
    yield* this.#end();
  }

  /** The next window is read while the one before it is told. */
  async *#windows(): AsyncGenerator<Window, void, void> {
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

  /** Bytes that must be read, or held; -1: nothing is to be done. */
  #cost({ print, row }: Pair): number {
    if (row !== undefined && isSettled(print!, row, this.#before)) return -1;
    const { options } = this.#context;
    const { letter, size } = factsOf(print!);
    if (letter !== 'f') return 0;
    return options.contents && size <= options.contentBytesMax ? size : size > options.hashBytesMax ? 0 : size;
  }

  async #read(pairs: readonly Pair[]): Promise<ReadonlyMap<string, Contents | null>> {
    const { options } = this.#context;
    const contents = new Map<string, Contents | null>();
    const [keys, links]: [string[], boolean[]] = [[], []];
    for (const pair of pairs) {
      if (this.#cost(pair) < 0 || this.#isLeft(pair)) continue;
      const { letter } = factsOf(pair.print!);
      if (letter !== 'f' && letter !== 'l') contents.set(pair.key, { print: pair.print!, sha256: null });
      else if (!this.#isWritten(pair.print!)) {
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

  /** It has its event of this look, or lies where another disk was. */
  #isLeft({ key, row }: Pair): boolean {
    return this.#hasEvent(row) || this.#findings.unmounted.has(key);
  }

  #hasEvent(row: Row | undefined): boolean {
    return row !== undefined && row.at >= this.#cursor.look;
  }

  /** Somebody changed it a moment ago. One that is written all the time is read as it is in the end. */
  #isWritten(print: string, moving = false): boolean {
    const { letter, ctimeNs } = factsOf(print);
    const { since } = this.#cursor;
    if (letter !== 'f' || (since !== null && Date.now() - since >= treeLimits.settleLongestMs)) return false;
    const age = Date.now() - msOf(ctimeNs);
    return moving || (age >= 0 && age < this.#context.options.settleMs);
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
    if (contents.moving === true && this.#isWritten(contents.print, true)) return this.#wait(pair, contents.print);
    this.#tell(pair, contents);
  }

  /** It was not read: it is being written, or it is for the next look. */
  #postpone(pair: Pair, print: string): void {
    if (this.#findings.unmounted.has(pair.key) || pair.row?.print === print) this.#leave();
    else if (this.#hasEvent(pair.row)) this.#again(pair.key, Date.now());
    else this.#wait(pair, print);
  }

  #wait({ key, row }: Pair, print: string): void {
    if (row === undefined) this.#isNewWaiting = true;
    const age = Math.max(0, Date.now() - msOf(factsOf(print).ctimeNs));
    this.#again(key, Date.now() + Math.max(1, this.#context.options.settleMs - age));
  }

  #again(key: string, atMs: number): void {
    const { count, first, untilMs } = this.#waiting;
    this.#waiting = { count: count + 1, first: count === 0 ? key : first, untilMs: Math.min(untilMs, atMs) };
    this.#leave();
  }

  #tell(pair: Pair, contents: Contents): void {
    const { key, row } = pair;
    const facts = factsOf(contents.print);
    const former = row === undefined ? this.#formers.of(key, facts, contents.sha256) : undefined;
    if (former !== undefined && this.#hasEvent(former.row)) {
      this.#isNewWaiting = true;
      return this.#again(key, Date.now());
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
        else if (this.#hasEvent(row)) this.#again(key, Date.now());
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
    const { count, first, untilMs } = this.#waiting;
    const isWaiting = count > 0;
    const { since, look } = this.#cursor;
    const now = Date.now();
    const last: Cursor = {
      ...this.#cursor,
      look: isWaiting ? look + 1 : look,
      open: isWaiting,
      first: isWaiting && this.#cursor.first,
      seal: this.#whole && !isWaiting && this.#findings.unmounted.size === 0 ? this.#seal.digest('hex') : null,
      due: this.#due,
      since: isWaiting ? (since ?? now) : null,
      root: { body: this.#root.body, gone: false },
    };
    // A look that found nothing is as if it had not been.
    const isSame = JSON.stringify({ ...last, open: true }) === JSON.stringify({ ...this.#cursor, open: true });
    if (this.#hasGiven || !isSame) yield { records: [], cursor: last };
    if (!isWaiting) return;
    // Twice as long each time: of a log that is always written there are six looks in a minute.
    const until = Math.max(untilMs, now + Math.max(0, now - (since ?? now)));
    throw new WaitUntil(
      'being_written',
      `${count === 1 ? `${first} is` : `${count} files, the first ${first}, are`} still being written`,
      new Date(Math.min(until, now + treeLimits.settleLongestMs)),
    );
  }
}

function* parts<T>(all: readonly T[], size: number): Generator<readonly T[], void, void> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}
