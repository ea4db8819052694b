// Events that come back are what they were when they were put off, and of equal ones the first goes on.
import { expect, test } from 'vitest';
import { encodeDeferred, firstBatch, type DeferredRecord } from '../../src/domain/deferred-event.js';
import { jsonOfEvent } from '../../src/domain/stage.js';
import { anEvent, aPageFacts } from '../support/builders.js';

const page = aPageFacts({ resumeStage: 'enrich' });
const raw = Buffer.from([0, 255]);
const [plain, withBytes] = [anEvent('built', 3), { ...anEvent('built', 4), raw }];

function put(part: Partial<DeferredRecord>): DeferredRecord {
  return {
    epoch: 1,
    page: 2,
    ordinal: 3,
    event: jsonOfEvent(plain, null),
    context: {},
    processed: [],
    attempts: 1,
    letter: null,
    ...part,
  };
}

test('each comes back with its bytes, its enrichment, its context and what it has been through', () => {
  const letter = { deaths: 2, key: '1.1.4' };
  const batch = firstBatch(
    page,
    [
      put({}),
      put({
        ordinal: 4,
        event: jsonOfEvent(withBytes, '{"a":1}'),
        context: { tries: 7 },
        processed: ['validate'],
        attempts: 5,
        letter,
      }),
    ].map(encodeDeferred),
  );
  expect(batch.events).toEqual([
    { ...plain, ordinal: 0, enrichment: null },
    { ...withBytes, ordinal: 1, enrichment: '{"a":1}' },
  ]);
  expect(batch.records).toEqual([]);
  expect([...batch.enrichment]).toEqual([[1, '{"a":1}']]);
  expect([...batch.contexts]).toEqual([
    [0, {}],
    [1, { tries: 7 }],
  ]);
  expect([...batch.returned]).toEqual([
    [0, { attempts: 1, processed: [], letter: null }],
    [1, { attempts: 5, processed: ['validate'], letter }],
  ]);
  expect(batch.redriven).toEqual([
    { epoch: 1, page: 2, ordinal: 3 },
    { epoch: 1, page: 2, ordinal: 4 },
  ]);
  expect(batch.duplicate).toBe(0);
});

test('of equal ones the first goes on, the others are duplicates, and all their rows are taken out', () => {
  const batch = firstBatch(page, [put({}), put({ page: 5, context: { later: true } })].map(encodeDeferred));
  expect(batch.events).toHaveLength(1);
  expect([...batch.contexts]).toEqual([[0, {}]]);
  expect(batch.duplicate).toBe(1);
  expect(batch.redriven.map((key) => key.page)).toEqual([2, 5]);
});

test('a page of the source begins with its records', () => {
  const records = [Buffer.from('a')];
  expect(firstBatch(aPageFacts(), records)).toMatchObject({ records, events: [] });
});
