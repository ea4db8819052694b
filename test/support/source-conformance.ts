// What every source must do, whatever its type: one suite for all. A source of yours passes it by one call of
// `describeSource` in a test file.
import { memoryState } from './memory-state.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { admitDeletions } from '../../src/domain/deletions.js';
import type { EventDraft, Json } from '../../src/domain/event.js';
import { sourceIdSchema } from '../../src/domain/source-id.js';
import type { Chunk, RawRecord, Source, SourceContext } from '../../src/domain/source.js';
import { RecordRejected } from '../../src/domain/source.js';
import { limits } from '../../src/limits.js';

export interface Subject {
  readonly source: Source;
  /** Options as a user writes them. They must give at least three chunks, and no event twice. */
  readonly options: Record<string, unknown>;
  /** What must not be found in anything the source gives away. */
  readonly secret?: string;
}

/** The least of an engine: holds the state rows a source hands over, as the store would after each page. */
class Reading {
  readonly rows = new Map<string, { kind: string; key: string; value: Json }>();
  readonly stopping = new AbortController();
  cursor: unknown;
  private readonly subject: Subject;
  private readonly directory: string;

  constructor(subject: Subject, directory: string) {
    this.subject = subject;
    this.directory = directory;
    this.cursor = subject.source.initialCursor;
  }

  get context(): SourceContext<unknown> {
    const options = this.subject.source.options.parse(this.subject.options);
    return {
      sourceId: 'conformance',
      options,
      directory: this.directory,
      state: memoryState(() => this.rows.values()),
      secret: async () => 'canary',
      admitDeletions: (deletions) => admitDeletions('conformance', deletions, false),
      signal: this.stopping.signal,
    };
  }

  /** A position is only what is left of it after a trip through Postgres. */
  commit({ cursor, state }: Pick<Chunk<unknown>, 'cursor' | 'state'>): void {
    this.cursor = this.subject.source.cursor.parse(JSON.parse(JSON.stringify(cursor)));
    for (const row of state ?? []) {
      if (row.value === null) this.rows.delete(`${row.kind} ${row.key}`);
      else this.rows.set(`${row.kind} ${row.key}`, JSON.parse(JSON.stringify(row)));
    }
  }

  async prepare(): Promise<void> {
    this.commit(await this.subject.source.prepare(this.context, this.cursor));
  }

  async rest(): Promise<Chunk<unknown>[]> {
    const chunks: Chunk<unknown>[] = [];
    for await (const chunk of this.subject.source.read(this.context, this.cursor)) chunks.push(chunk);
    return chunks;
  }
}

/** Texts, so that a difference shows. */
function recordsOf(chunks: readonly Chunk<unknown>[]): string[] {
  return chunks.flatMap(({ records }) => records.map((record) => Buffer.from(record).toString('latin1')));
}

export function describeSource(name: string, make: (directory: string) => Promise<Subject> | Subject): void {
  describe(`the ${name} source`, () => {
    const root = mkdtempSync(join(tmpdir(), 'tributary-conformance-'));
    let [places, subject, chunks]: [number, Subject, Chunk<unknown>[]] = [0, undefined as never, []];
    const reading = () => new Reading(subject, join(root, `place-${places++}`));

    beforeAll(async () => {
      // A source may note when it looked; then two first looks differ in nothing else.
      vi.useFakeTimers({ toFake: ['Date'] });
      subject = await make(join(root, 'origin'));
      const first = reading();
      await first.prepare();
      chunks = await first.rest();
    });
    afterAll(() => {
      vi.useRealTimers();
      rmSync(root, { recursive: true, force: true });
    });

    /** A reader that has committed the first chunks, on a machine that may have nothing of them. */
    async function stoppedAfter(count: number): Promise<Reading> {
      const stopped = reading();
      await stopped.prepare();
      for (const chunk of chunks.slice(0, count)) stopped.commit(chunk);
      return stopped;
    }

    test('gives enough to say anything about it', () => {
      expect(chunks.length).toBeGreaterThanOrEqual(3);
      expect(new Set(recordsOf(chunks)).size).toBe(recordsOf(chunks).length);
    });

    test('stopped at any chunk and read on within the run, gives each record once and identical', async () => {
      for (let count = 0; count <= chunks.length; count++) {
        const rest = await (await stoppedAfter(count)).rest();
        expect([count, recordsOf(rest)]).toEqual([count, recordsOf(chunks.slice(count))]);
      }
    });

    test('stopped at any chunk and read on by a new run, gives each record once and identical', async () => {
      for (let count = 0; count <= chunks.length; count++) {
        const stopped = await stoppedAfter(count);
        await stopped.prepare();
        expect([count, recordsOf(await stopped.rest())]).toEqual([count, recordsOf(chunks.slice(count))]);
      }
    });

    test('read to its end, has nothing new, again and again', async () => {
      const done = await stoppedAfter(chunks.length);
      for (let run = 0; run < 3; run++) {
        await done.prepare();
        for (const chunk of await done.rest()) {
          expect(chunk.records).toEqual([]);
          done.commit(chunk);
        }
      }
    });

    test('has cursors that are small and survive JSON', () => {
      for (const { cursor } of chunks) {
        const text = JSON.stringify(cursor);
        expect(subject.source.cursor.parse(JSON.parse(text))).toEqual(cursor);
        expect(cursor).toHaveProperty('v');
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limits.cursorBytesMax);
      }
    });

    test('keeps to the bounds of records and chunks', () => {
      for (const { records, events } of chunks) {
        for (const record of records) expect(record.byteLength).toBeLessThanOrEqual(limits.recordBytesMax);
        expect(events ?? records.length).toBeLessThanOrEqual(limits.pageEventsMax);
      }
    });

    test('gives away no secret of its options: not in a cursor, a row, a record, its origin or its name', () => {
      const { secret = 'a canary that was never set', source, options } = subject;
      const parsed = source.options.parse(options);
      const public_ = JSON.stringify([chunks.map(({ cursor, state }) => [cursor, state]), source.origin(parsed), source.defaultId(parsed)]);
      expect(public_ + recordsOf(chunks).join()).not.toContain(secret);
    });

    test('ends by throwing when it is told to stop, never as if there were no more', async () => {
      const stopped = reading();
      await stopped.prepare();
      const reader = subject.source.read(stopped.context, stopped.cursor);
      await reader.next();
      stopped.stopping.abort();
      const drained = (async () => {
        for await (const chunk of reader) void chunk;
      })();
      await expect(drained).rejects.toThrow();
    });

    test('maps a record to the same events at every call, and leaves the record as it is', () => {
      const options = subject.source.options.parse(subject.options);
      for (const record of chunks.flatMap(({ records }) => records)) {
        const before = Buffer.from(record);
        const [first, second] = [eventsOf(subject.source, record, options), eventsOf(subject.source, record, options)];
        expect(isDeepStrictEqual(first, second)).toBe(true);
        expect(before.equals(Buffer.from(record))).toBe(true);
      }
    });

    test('gives each event an id of its own', () => {
      const options = subject.source.options.parse(subject.options);
      const ids = chunks.flatMap(({ records }) => records.flatMap((record) => eventsOf(subject.source, record, options).map(idOf)));
      expect(ids.length).toBeGreaterThan(0);
      expect(new Set(ids).size).toBe(ids.length);
    });

    test('says how many events its chunks hold at most', () => {
      const options = subject.source.options.parse(subject.options);
      for (const { records, events = records.length } of chunks) {
        expect(records.flatMap((record) => eventsOf(subject.source, record, options)).length).toBeLessThanOrEqual(events);
      }
    });

    test('has a valid name of its own, and refuses options it does not know', () => {
      const { source, options } = subject;
      expect(sourceIdSchema.safeParse(source.defaultId(source.options.parse(options))).success).toBe(true);
      expect(source.options.safeParse({ ...options, surprise: true }).success).toBe(false);
    });
  });
}

function eventsOf(source: Source, record: RawRecord, options: unknown): readonly EventDraft[] {
  try {
    return source.toEvents(record, { options, stream: null });
  } catch (error) {
    if (error instanceof RecordRejected) return [];
    throw error;
  }
}

function idOf({ identity }: EventDraft): string {
  if (identity.kind === 'content') throw new Error('events without an upstream name are not compared here');
  return identity.kind === 'versioned' ? `${identity.key}@${identity.version}` : identity.key;
}
