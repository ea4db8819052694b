// What every source must do, whatever its type, as sentences that hold or do not. They know no test runner:
//
//   const checks = sourceChecks(() => ({ source, options: { … } }));
//   for (const { name, run } of checks) test(name, run);
//
// and `tributary types test` runs them, too.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCatalogue } from '../domain/catalogue.js';
import { hashAnyEvent } from '../domain/content-hash.js';
import type { EventDraft } from '../domain/event.js';
import { sourceIdSchema } from '../domain/source-id.js';
import { isRecordRejected, type Chunk, type RawRecord } from '../domain/source.js';
import { orderOf } from '../domain/version-order.js';
import { limits } from '../limits.js';
import { canary, Reading, type Subject } from './reading.js';
import { atOneMoment } from './still-clock.js';

export type { Subject } from './reading.js';

/** One thing that must hold of every source. */
export interface Check {
  /** A sentence about the source. */
  readonly name: string;
  /** Rejects with what does not hold. */
  readonly run: () => Promise<void>;
}

/** What one reading from the beginning gave. */
interface Read {
  readonly subject: Subject;
  readonly chunks: readonly Chunk<unknown>[];
  /** A reader on a machine that has nothing yet. */
  readonly reading: () => Reading;
}

type Sentence = readonly [string, (read: Read) => Promise<void> | void];

/**
 * What must hold of every source, as checks for any test runner. `make` gets a directory for what the source reads; it is made
 * once, and goes with the process. `run` of a check rejects with what does not hold.
 *
 * @example
 * ```ts
 * import { test } from 'node:test';
 * import { sourceChecks } from 'tributary-events/testing';
 *
 * for (const { name, run } of sourceChecks(() => ({ source: notes, options: { path: 'notes.jsonl' } }))) test(name, run);
 * ```
 */
export function sourceChecks(make: (directory: string) => Promise<Subject> | Subject): readonly Check[] {
  const moment = Date.now();
  let read: Promise<Read> | undefined;
  return sentences.map(([name, holds]) => ({
    name,
    run: () => atOneMoment(moment, async () => holds(await (read ??= firstRead(make)))),
  }));
}

async function firstRead(make: (directory: string) => Promise<Subject> | Subject): Promise<Read> {
  const root = mkdtempSync(join(tmpdir(), 'tributary-source-'));
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  const subject = await make(join(root, 'origin'));
  let places = 0;
  const reading = (): Reading => new Reading(subject, join(root, `place-${places++}`));
  const first = reading();
  await first.prepare();
  return { subject, chunks: await first.rest(), reading };
}

const sentences: readonly Sentence[] = [
  ['declares event types that are well-formed', ({ subject: { source } }) => void createCatalogue([source])],
  [
    'gives enough to say anything about it: three chunks, and no record twice',
    ({ chunks, subject: { source } }) => {
      assert.ok(chunks.length >= 3, `it gave ${chunks.length} chunks; give it options for at least three`);
      if (source.overlaps !== true)
        assert.equal(new Set(recordsOf(chunks)).size, recordsOf(chunks).length, 'a record came twice');
    },
  ],
  [
    'stopped at any chunk and read on within the run, gives each record once and identical',
    async (read) => {
      for (let count = 0; count <= read.chunks.length; count++)
        await readsOn(read, count, await stoppedAfter(read, count));
    },
  ],
  [
    'stopped at any chunk and read on by a new run, gives each record once and identical',
    async (read) => {
      for (let count = 0; count <= read.chunks.length; count++) {
        const stopped = await stoppedAfter(read, count);
        await stopped.prepare();
        await readsOn(read, count, stopped);
      }
    },
  ],
  [
    'read to its end, has nothing new, again and again',
    async (read) => {
      const known = new Set(idsOf(read.subject, read.chunks));
      const done = await stoppedAfter(read, read.chunks.length);
      for (let run = 0; run < 3; run++) {
        await done.prepare();
        for (const chunk of await done.rest()) {
          if (read.subject.source.overlaps !== true)
            assert.equal(chunk.records.length, 0, 'it gave records again; say overlaps: true where that is meant');
          assert.deepEqual(
            idsOf(read.subject, [chunk]).filter((id) => !known.has(id)),
            [],
          );
          done.commit(chunk);
        }
      }
    },
  ],
  [
    'has cursors that are small and survive JSON',
    ({ chunks, subject: { source } }) => {
      for (const { cursor } of chunks) {
        const text = JSON.stringify(cursor);
        assert.deepEqual(source.cursor.parse(JSON.parse(text)), cursor);
        assert.ok(
          typeof cursor === 'object' && cursor !== null && 'v' in cursor,
          `the cursor ${text.slice(0, 80)} has no version v`,
        );
        assert.ok(
          Buffer.byteLength(text) <= limits.cursorBytesMax,
          `a cursor has ${text.length} bytes, at most ${limits.cursorBytesMax} are kept; larger state belongs in state rows`,
        );
      }
    },
  ],
  [
    'keeps to the bounds of records and chunks',
    ({ chunks }) => {
      for (const { records, events } of chunks) {
        for (const record of records)
          assert.ok(
            record.byteLength <= limits.recordBytesMax,
            `a record has ${record.byteLength} bytes, at most ${limits.recordBytesMax} are taken`,
          );
        assert.ok(
          (events ?? records.length) <= limits.pageEventsMax,
          `a chunk has ${events ?? records.length} events, at most ${limits.pageEventsMax} are taken`,
        );
      }
    },
  ],
  [
    'gives away no secret of its options: not in a cursor, a row, a record, its origin or its name',
    ({ chunks, subject }) => {
      const { secret = canary, source } = subject;
      const options = parsed(subject);
      const given = JSON.stringify([
        chunks.map(({ cursor, state }) => [cursor, state]),
        source.origin(options),
        source.defaultId(options),
      ]);
      assert.ok(!(given + recordsOf(chunks).join()).includes(secret), 'the secret is in what it gives away');
    },
  ],
  [
    'ends by throwing when it is told to stop, never as if there were no more',
    async ({ reading, subject: { source } }) => {
      const stopped = reading();
      await stopped.prepare();
      const reader = source.read(stopped.context, stopped.cursor);
      await reader.next();
      stopped.stopping.abort();
      await assert.rejects(async () => {
        for await (const chunk of reader) void chunk;
      }, 'it went on, or ended as if there were no more; call signal.throwIfAborted() between chunks');
    },
  ],
  [
    'maps a record to the same events at every call, and leaves the record as it is',
    ({ chunks, subject }) => {
      const before = recordsOf(chunks);
      assert.deepEqual(draftsOf(subject, chunks), draftsOf(subject, chunks));
      assert.deepEqual(recordsOf(chunks), before, 'the mapper changed a record');
    },
  ],
  [
    'gives each event an id of its own',
    ({ chunks, subject }) => {
      const ids = idsOf(subject, chunks);
      assert.ok(ids.length > 0, 'it gave no events');
      if (subject.source.overlaps !== true)
        assert.equal(
          new Set(ids).size,
          ids.length,
          `an id came twice: ${ids.find((id, at) => ids.indexOf(id) !== at)}`,
        );
    },
  ],
  [
    'says how many events its chunks hold at most',
    ({ chunks, subject }) => {
      for (const chunk of chunks) {
        const { records, events = records.length } = chunk;
        const made = draftsOf(subject, [chunk]).length;
        assert.ok(made <= events, `a chunk made ${made} events and said ${events}`);
      }
    },
  ],
  [
    'makes no event types but those it declares',
    ({ chunks, subject }) => {
      const { events } = subject.source;
      if (events === undefined) return;
      const made = new Set(draftsOf(subject, chunks).map(({ type }) => type));
      assert.deepEqual(
        [...made].filter((type) => !events.some((declared) => declared.type === type)),
        [],
      );
    },
  ],
  [
    'has a valid name of its own, and refuses options it does not know',
    ({ subject }) => {
      const { source, options } = subject;
      const id = source.defaultId(parsed(subject));
      assert.ok(sourceIdSchema.safeParse(id).success, `${JSON.stringify(id)} is no id of a source`);
      assert.equal(
        source.options.safeParse({ ...options, surprise: true }).success,
        false,
        'it takes an option "surprise"; use z.strictObject',
      );
    },
  ],
];

/** A reader that has committed the first chunks, on a machine that may have nothing of them. */
async function stoppedAfter({ reading, chunks }: Read, count: number): Promise<Reading> {
  const stopped = reading();
  await stopped.prepare();
  for (const chunk of chunks.slice(0, count)) stopped.commit(chunk);
  return stopped;
}

/** A source that says it overlaps may give more than what is left, of what is known. */
async function readsOn({ subject, chunks }: Read, count: number, stopped: Reading): Promise<void> {
  const [rest, left] = [await stopped.rest(), chunks.slice(count)];
  if (subject.source.overlaps !== true)
    return assert.deepEqual(recordsOf(rest), recordsOf(left), `after chunk ${count}`);
  const given = new Set(idsOf(subject, rest));
  assert.deepEqual(
    idsOf(subject, left).filter((id) => !given.has(id)),
    [],
    `left out after chunk ${count}`,
  );
}

/** Texts, so that a difference shows. */
function recordsOf(chunks: readonly Chunk<unknown>[]): string[] {
  return chunks.flatMap(({ records }) => records.map((record) => Buffer.from(record).toString('latin1')));
}

function draftsOf(subject: Subject, chunks: readonly Chunk<unknown>[]): EventDraft[] {
  return chunks.flatMap(({ records, stream = null }) => records.flatMap((record) => eventsOf(subject, record, stream)));
}

/** As the store has them. */
function idsOf(subject: Subject, chunks: readonly Chunk<unknown>[]): string[] {
  const { volatileFields } = subject.source;
  const rules = { source: 'conformance', volatileFields, versionOrder: orderOf(subject.source, parsed(subject)) };
  return chunks.flatMap(({ records, stream = null }) =>
    records.flatMap((record) =>
      eventsOf(subject, record, stream).map((draft, part) => hashAnyEvent(draft, 0, record, part, rules).id),
    ),
  );
}

function eventsOf(subject: Subject, record: RawRecord, stream: string | null): readonly EventDraft[] {
  try {
    return subject.source.toEvents(record, { options: parsed(subject), stream });
  } catch (error) {
    if (isRecordRejected(error)) return [];
    throw error;
  }
}

const parsedOptions = new WeakMap<Subject, unknown>();

function parsed(subject: Subject): unknown {
  if (!parsedOptions.has(subject)) parsedOptions.set(subject, subject.source.options.parse(subject.options));
  return parsedOptions.get(subject);
}
