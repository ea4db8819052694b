// Events that come back are what they were when they were deferred, and of equal ones the first goes on. Records of redriven
// letters survive their page: bytes exactly, shared ones once.
import { expect, test } from 'vitest';
import { encodeDeferred, encodeRedriven, firstBatch, type DeferredRecord } from '../../src/domain/queue-page.js';
import { jsonOfEvent } from '../../src/domain/stage.js';
import { queues } from '../../src/store/queues.js';
import { anEvent, aPageFacts } from '../support/builders.js';

const page = aPageFacts({ queued: { queue: 'deferred', stage: 'enrich', keys: null } });
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
    queues,
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
  expect(batch.queueKeys).toEqual(['1.2.3', '1.2.4']);
  expect(batch.duplicate).toBe(0);
});

test('of equal ones the first goes on, the others are duplicates, and all their rows are taken out', () => {
  const batch = firstBatch(queues, page, [put({}), put({ page: 5, context: { later: true } })].map(encodeDeferred));
  expect(batch.events).toHaveLength(1);
  expect([...batch.contexts]).toEqual([[0, {}]]);
  expect(batch.duplicate).toBe(1);
  expect(batch.queueKeys).toEqual(['1.2.3', '1.5.3']);
});

test('a page of the source begins with its records', () => {
  const records = [Buffer.from('a')];
  expect(firstBatch(queues, aPageFacts(), records)).toMatchObject({ records, events: [] });
});

test('a page of a queue that this worker does not have is no page of a source', () => {
  const elsewhere = aPageFacts({ queued: { queue: 'elsewhere', stage: null, keys: ['1'] } });
  expect(() => firstBatch(queues, elsewhere, [])).toThrow(
    'found a page of the queue elsewhere, expected one of letters, deferred',
  );
});

const earlier = { deaths: 2, key: '1.1.4' };
const redrivenPage = aPageFacts({ queued: { queue: 'letters', stage: 'validate', keys: null } });
const bytes = Buffer.from([0, 255, 10, 128]);
const first = { epoch: 1, page: 1, ordinal: 4, part: 1, holder: 4, letter: earlier, record: bytes };
const sibling = { ...first, ordinal: 5, part: 2, record: null };

test('a page of them is a batch with one record a letter, and where each comes from', () => {
  const whole = { ...first, ordinal: 9, holder: 9, part: null, record: Buffer.from('whole') };
  const batch = firstBatch(queues, redrivenPage, [first, sibling, whole].map(encodeRedriven));
  expect(batch.records.map((record) => Buffer.from(record))).toEqual([bytes, bytes, Buffer.from('whole')]);
  // The same object: who dies again among them shares the bytes again.
  expect(batch.records[0]).toBe(batch.records[1]);
  expect(batch.origins).toEqual([
    { part: 1, letter: earlier, stream: null },
    { part: 2, letter: earlier, stream: null },
    { part: null, letter: earlier, stream: null },
  ]);
  expect(batch.queueKeys).toEqual(['1.1.4', '1.1.5', '1.1.9']);
});

test('a letter whose bytes are not there is an error of the page, not an empty record', () => {
  expect(() => firstBatch(queues, redrivenPage, [encodeRedriven(sibling)])).toThrow(
    'no bytes of the record of dead letter 1.1.4',
  );
});
