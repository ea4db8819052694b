// fetchPage: a reader is kept between pages, and closed as soon as it is of no use: processes and files hang on it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { StatePatch } from '../../src/domain/source-state.js';
import { defineSource, type Source } from '../../src/domain/source.js';
import { statePatchBytesMax } from '../../src/domain/state-patch.js';
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
        cursor: { v: 1, next: next + 1, ...(fails && how === 'cannot be stored' ? { note: '\u0000' } : {}) },
        state: stateOf(how, next),
      };
    }
  },
  toEvents: (record) => [
    { type: 'failing.read', identity: { kind: 'immutable', key: Buffer.from(record).toString() }, data: {} },
  ],
}) as unknown as Source;

/** `no row`: the third record comes with a key that no row can have. `large`: each comes with a third of what a page can hold. */
function stateOf(how: string, record: number): StatePatch[] {
  if (how === 'no row') return [{ kind: 'file', key: record === 2 ? 'a\0b' : `f${record}`, value: record }];
  if (how !== 'large') return [];
  const rows = Math.floor(statePatchBytesMax / 3 / 60_100);
  return Array.from({ length: rows }, (_, at) => ({
    kind: 'file',
    key: `f${record}.${at}`,
    value: 'x'.repeat(60_000),
  }));
}

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

test('a row of state that cannot be stored is told by source, kind and key; what came before it is kept, and nothing of its own', async () => {
  const source = uniqueSource('no-row');
  const ended = worker.sync({ source: { type: 'failing', id: source, options: { how: 'no row' } } });
  await expect(ended).rejects.toMatchObject({
    cause: {
      type: 'NeedsAttention',
      message: expect.stringContaining(
        `${source} gave a row of state that cannot be stored, kind "file", key "a\\u0000b"`,
      ),
    },
  });
  const { rows } = await database.pool.query(
    `select cursor ->> 'next' as next, (select array_agg(key order by key) from source_state s where s.source = c.source) as keys,
            (select count(*)::integer from pages p where p.source = c.source and not exists (
               select from ledger l where l.source = p.source and l.epoch = p.epoch and l.seq = p.seq)) as uncommitted
       from source_cursors c where source = $1`,
    [source],
  );
  expect(rows).toEqual([{ next: '2', keys: ['f0', 'f1'], uncommitted: 0 }]);
});

test('a page ends before its patches of state are more than it can hold', async () => {
  const source = uniqueSource('large');
  expect(await worker.sync({ source: { type: 'failing', id: source, options: { how: 'large' } } })).toMatchObject({
    outcome: 'done',
    inserted: records,
  });
  const { rows } = await database.pool.query('select fetched from ledger where source = $1 order by seq', [source]);
  expect(rows).toEqual([{ fetched: 3 }, { fetched: 1 }]);
});

test('a reader that came to its end is closed', async () => {
  const source = uniqueSource('ended');
  await worker.sync({ source: { type: 'failing', id: source, options: { how: 'throws' } } });
  expect(opened.get(source)!.every(({ signal }) => signal.aborted)).toBe(true);
});
