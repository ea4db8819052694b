// Gathers chunks of a source into one page: whole chunks, within the bounds of the page and the room that is left.
import { Transient } from '../domain/errors.js';
import type { BatchPlan } from '../domain/plan.js';
import { digestOf } from '../domain/position.js';
import type { StatePatch } from '../domain/source-state.js';
import type { Chunk, RawRecord, StreamRun } from '../domain/source.js';
import { statePatchBytesMax, statePatchesMax, stateSize, type StateSize } from '../domain/state-patch.js';
import { nextTurn } from '../domain/turns.js';
import { limits } from '../limits.js';
import { pageWeight } from './page-weight.js';
import type { Reader } from './readers.js';
import type { Lease } from './room.js';

export interface Gathered {
  readonly records: readonly RawRecord[];
  readonly state: readonly StatePatch[];
  readonly streams: readonly StreamRun[] | null;
  /** Undefined: nothing was read. */
  readonly cursor: unknown;
  readonly digest: string;
  readonly events: number;
  readonly bytes: number;
  /** Read, but it did not fit: the next page begins with it. */
  readonly held: Chunk<unknown> | undefined;
  /** The source ended. */
  readonly last: boolean;
  /** What the source threw after all this was read: the page keeps what came before it. */
  readonly broken: unknown;
}

/** Throws what the source threw before it gave anything, and what is wrong with the first chunk. */
export async function gather(source: string, reader: Reader, batch: BatchPlan, lease: Lease): Promise<Gathered> {
  const page = new Page(reader, batch, lease);
  try {
    for (let chunk = reader.held ?? (await take(reader)); chunk !== undefined; chunk = await take(reader)) {
      const size = sizeOf(source, chunk);
      if (!page.fits(size)) return page.ends({ held: chunk });
      page.add(chunk, size);
      // A source that answers from memory never waits, and would keep everything else waiting.
      await nextTurn();
      if (page.isOver()) return page.ends({});
    }
    return page.ends({ last: true });
  } catch (error) {
    // Whoever asked is gone, or nothing was read.
    if (reader.closed.aborted || page.isEmpty()) throw error;
    return page.ends({ broken: error });
  }
}

class Page {
  readonly #records: RawRecord[] = [];
  readonly #state: StatePatch[] = [];
  readonly #streams: [string | null, number][] = [];
  readonly #batch: BatchPlan;
  readonly #lease: Lease;
  readonly #until = performance.now() + limits.pageFetchMs;
  #cursor: unknown;
  #digest: string;
  #size: Size = { events: 0, bytes: 0, patches: 0, patchBytes: 0 };

  constructor(reader: Reader, batch: BatchPlan, lease: Lease) {
    [this.#digest, this.#batch, this.#lease] = [reader.digest, batch, lease];
  }

  isEmpty(): boolean {
    return this.#cursor === undefined;
  }

  isOver(): boolean {
    return performance.now() > this.#until;
  }

  /** The first chunk always does: a source bounds its chunks, and a page of none would never end. */
  fits(chunk: Size): boolean {
    if (this.isEmpty()) return true;
    const { events, bytes, patches, patchBytes } = together(this.#size, chunk);
    const canHold =
      events <= this.#batch.events &&
      bytes <= this.#batch.bytes &&
      patches <= statePatchesMax &&
      patchBytes <= statePatchBytesMax;
    return canHold && this.#hasRoom({ events, bytes });
  }

  /** A page that cannot grow goes on with what it has: it ends, and makes room, sooner than one that waits. */
  #hasRoom(size: { readonly events: number; readonly bytes: number }): boolean {
    const lacking = pageWeight(size) - this.#lease.bytes;
    return lacking <= 0 || this.#lease.grow(lacking);
  }

  add(chunk: Chunk<unknown>, size: Size): void {
    for (const record of chunk.records) this.#records.push(record);
    for (const patch of chunk.state ?? []) this.#state.push(patch);
    this.#addToStream(chunk.stream ?? null, chunk.records.length);
    this.#size = together(this.#size, size);
    this.#cursor = chunk.cursor;
    this.#digest = digestOf(chunk.cursor);
  }

  #addToStream(stream: string | null, records: number): void {
    const last = this.#streams.at(-1);
    if (last?.[0] === stream) last[1] += records;
    else if (records > 0) this.#streams.push([stream, records]);
  }

  ends({ held, last = false, broken }: Partial<Pick<Gathered, 'held' | 'last' | 'broken'>>): Gathered {
    const streams = this.#streams.some(([stream]) => stream !== null) ? this.#streams : null;
    const [records, state, cursor, digest] = [this.#records, this.#state, this.#cursor, this.#digest];
    return {
      records,
      state,
      streams,
      cursor,
      digest,
      events: this.#size.events,
      bytes: this.#size.bytes,
      held,
      last,
      broken,
    };
  }
}

interface Size extends StateSize {
  readonly events: number;
  readonly bytes: number;
}

function sizeOf(source: string, { records, events = records.length, state }: Chunk<unknown>): Size {
  const bytes = records.reduce((sum, record) => sum + record.byteLength, 0);
  return { events, bytes, ...stateSize(source, state ?? []) };
}

function together(one: Size, other: Size): Size {
  return {
    events: one.events + other.events,
    bytes: one.bytes + other.bytes,
    patches: one.patches + other.patches,
    patchBytes: one.patchBytes + other.patchBytes,
  };
}

async function take(reader: Reader): Promise<Chunk<unknown> | undefined> {
  const { value, done } = await reader.chunks.next();
  // A source that answers an abort by returning must not be believed: its end is not the end of what there is.
  if (reader.closed.aborted) throw new Transient('reader_closed', 'the reader was closed while it read');
  return done === true ? undefined : value;
}
