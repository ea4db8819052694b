// A source that has as many records as a test says, and counts how often it is looked at: for following.
import { z } from 'zod';
import { defineSource, type Source } from '../../src/domain/source.js';

export interface Growth {
  /** Records there are. */
  count: number;
  looks: number;
  /** Of `announced`: cheap looks, and what the next one throws. */
  cheapLooks: number;
  failure: Error | undefined;
}

const growths = new Map<string, Growth>();

export function growthOf(source: string): Growth {
  const growth = growths.get(source) ?? { count: 0, looks: 0, cheapLooks: 0, failure: undefined };
  growths.set(source, growth);
  return growth;
}

interface Cursor {
  readonly v: 1;
  readonly next: number;
}

const definition = defineSource<Record<string, never>, Cursor>({
  type: 'growing',
  summary: 'grows as a test says',
  options: z.strictObject({}) as unknown as z.ZodType<Record<string, never>>,
  origin: () => 'a test',
  defaultId: () => 'growing',
  cursor: z.strictObject({ v: z.literal(1), next: z.int() }),
  initialCursor: { v: 1, next: 0 },
  mapperVersion: 1,
  async prepare({ sourceId }, cursor) {
    const growth = growthOf(sourceId);
    growth.looks += 1;
    return { cursor, recordsExpected: growth.count - cursor.next };
  },
  async *read({ sourceId }, { next: from }) {
    for (let next = from; next < growthOf(sourceId).count;) {
      const record = Buffer.from(String(next));
      next += 1;
      yield { records: [record], cursor: { v: 1, next } };
    }
  },
  toEvents: (record) => [
    {
      type: 'growing.grown',
      identity: { kind: 'immutable', key: Buffer.from(record).toString() },
      data: { index: Number(Buffer.from(record)) },
    },
  ],
});

export const growing = definition as unknown as Source;

/** The same with a cheap look of its own. */
export const announced = defineSource<Record<string, never>, Cursor>({
  ...definition,
  type: 'announced',
  async hasNews({ sourceId }, { next }) {
    const growth = growthOf(sourceId);
    growth.cheapLooks += 1;
    const { failure } = growth;
    growth.failure = undefined;
    if (failure !== undefined) throw failure;
    return growth.count > next;
  },
}) as unknown as Source;
