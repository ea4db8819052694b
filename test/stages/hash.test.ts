// hash: every draft becomes an event, whatever is in its data.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventDraft, JsonObject } from '../../src/domain/event.js';
import { limits } from '../../src/limits.js';
import { hash } from '../../src/stages/hash.js';
import { aBatch, aDraft, aSource } from '../support/builders.js';

async function hashed(...drafts: readonly Partial<EventDraft>[]) {
  const batch = aBatch([], {
    drafts: drafts.map((part, ordinal) => ({
      draft: aDraft(part),
      ordinal,
      record: Buffer.from(`record ${ordinal}`),
      part: 0,
    })),
  });
  return hash.run(batch, { source: aSource(() => [], { volatileFields: ['seen'] }), options: {}, runId: 'run' });
}

test('data without canonical text is kept, hashed over its record and flagged (A1.7)', async () => {
  const { events, dead } = await hashed(
    { data: { n: NaN } },
    { data: { n: 1n } as never },
    { data: { at: new Date(NaN) } as never },
  );
  expect(dead).toEqual([]);
  expect(events.map(({ flags, dataText }) => [flags, dataText])).toEqual(Array(3).fill([['not_canonical'], '{}']));
  expect(new Set(events.map(({ id }) => id)).size).toBe(3);
});

test('what jsonb refuses is replaced in the text, and the original bytes stay beside it', async () => {
  const data = { text: 'a\0b \ud800 \\u0000 \\\ud800', 'k\0': 1 };
  const { events } = await hashed({ data });
  expect(JSON.parse(events[0]!.dataText)).toEqual({ text: 'a\uFFFDb \uFFFD \\u0000 \\\uFFFD', 'k\uFFFD': 1 });
  expect(events[0]!.flags).toEqual(['sanitized']);
  expect(JSON.parse(Buffer.from(events[0]!.raw!).toString())).toEqual(data);
});

test('text that only looks like an escape is left alone', async () => {
  const { events } = await hashed({ data: { text: '\\u0000 \\\\ud800 \u{1f600}' } });
  expect(events[0]).toMatchObject({ flags: null, raw: null });
});

test('any string gives a text that jsonb takes: no NUL, no half pair, as many characters', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({
        unit: fc.oneof(
          fc.constantFrom('\0', '\ud800', '\udc00', '\\', '"', '\\u0000', '\\ud800', 'd', '0'),
          fc.string({ unit: 'binary', maxLength: 2 }),
        ),
      }),
      async (text) => {
        const { events } = await hashed({ data: { text } });
        const stored = (JSON.parse(events[0]!.dataText) as { text: string }).text;
        expect(stored).toBe(text.toWellFormed().replaceAll('\0', '\uFFFD'));
      },
    ),
    { numRuns: 1_000 },
  );
});

test('an event too large is a dead letter with its record, to be mapped anew; its neighbours go on', async () => {
  const large: JsonObject = { text: 'x'.repeat(limits.eventDataBytesMax) };
  const { events, dead } = await hashed({ data: { n: 1 } }, { data: large }, { data: { n: 2 } });
  expect(events.map(({ ordinal }) => ordinal)).toEqual([0, 2]);
  expect(dead).toEqual([
    expect.objectContaining({ ordinal: 1, stage: 'hash', code: 'too_large', part: 0, raw: Buffer.from('record 1') }),
  ]);
});

test('where another event of its record died before, that one has the bytes', async () => {
  const record = Buffer.from('one record');
  const before = { ordinal: 0, stage: 'validate', code: 'bad_id', error: 'bad', event: null, raw: record, part: 0 };
  const large = {
    draft: aDraft({ data: { text: 'x'.repeat(limits.eventDataBytesMax) } }),
    ordinal: 1,
    record,
    part: 1,
  };
  const { dead } = await hash.run(aBatch([], { drafts: [large], dead: [before] }), {
    source: aSource(() => []),
    options: {},
    runId: 'run',
  });
  expect(dead[1]).toMatchObject({ ordinal: 1, part: 1, raw: null, holder: 0 });
});

test('a volatile field of the source does not count', async () => {
  const { events } = await hashed({ data: { a: 1, seen: 1 } }, { data: { a: 1, seen: 2 } });
  expect(events[0]!.contentHash).toBe(events[1]!.contentHash);
});
