// fetchPage: a reader is kept between pages, and closed as soon as it is of no use: processes and files hang on it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { defineSource, type Source } from '../../src/domain/source.js';
import { testDatabase } from '../support/database.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

interface Cursor {
  readonly v: 1;
  readonly next: number;
  readonly note?: string;
}

interface Opened {
  readonly from: number;
  readonly signal: AbortSignal;
  /** Were the readers before it closed when this one was opened? */
  readonly alone: boolean;
}

const records = 4;
const database = testDatabase();
const opened = new Map<string, Opened[]>();
let worker: TestWorker;

/** Fails with the first of its readers, as its options say, at the second record. */
const failing = defineSource<{ how: string }, Cursor>({
  type: 'failing',
  summary: 'fails once',
  options: z.strictObject({ how: z.string() }),
  origin: ({ how }) => `a test: ${how}`,
  defaultId: () => 'failing',
  cursor: z.strictObject({
    v: z.literal(1),
    next: z.int(),
    note: z.string().optional(),
  }) as unknown as z.ZodType<Cursor>,
  initialCursor: { v: 1, next: 0 },
  mapperVersion: 1,
  prepare: async (_context, cursor) => ({ cursor, recordsExpected: records }),
  async *read({ sourceId, signal, options: { how } }, { next: from }) {
    const readers = opened.get(sourceId) ?? [];
    opened.set(sourceId, [...readers, { from, signal, alone: readers.every((reader) => reader.signal.aborted) }]);
    for (let next = from; next < records; next++) {
      const fails = readers.length === 0 && next === 1;
      if (fails && how === 'throws') throw new Error('the line is dead');
      // A position Postgres refuses: what was read cannot be stored, and the reader stands in the middle.
      yield {
        records: [Buffer.from(String(next))],
        cursor: { v: 1, next: next + 1, ...(fails ? { note: '\u0000' } : {}) },
      };
    }
  },
  toEvents: (record) => [
    { type: 'failing.read', identity: { kind: 'immutable', key: Buffer.from(record).toString() }, data: {} },
  ],
}) as unknown as Source;

beforeAll(async () => {
  worker = await testWorker(database, { sources: [failing] });
});
afterAll(() => worker.stop());

test.each([
  ['throws', 'that throws'],
  ['cannot be stored', 'whose page cannot be stored'],
])('%s: a reader %s is closed before another is opened, and nothing it read is lost', async (how, _what) => {
  const source = uniqueSource('failing');
  const result = await worker.sync({
    source: { type: 'failing', id: source, options: { how } },
    batch: { events: 1, inFlight: 1 },
  });
  expect(result).toMatchObject({ outcome: 'done', total: records, inserted: records });
  expect(opened.get(source)).toMatchObject([{ alone: true }, { alone: true }]);
});

test('a reader that came to its end is closed', async () => {
  const source = uniqueSource('ended');
  await worker.sync({ source: { type: 'failing', id: source, options: { how: 'throws' } } });
  expect(opened.get(source)!.every(({ signal }) => signal.aborted)).toBe(true);
});
