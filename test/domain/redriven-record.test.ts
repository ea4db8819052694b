// Records of redriven letters survive their page: bytes exactly, shared ones once.
import { expect, test } from 'vitest';
import { firstBatch } from '../../src/domain/deferred-event.js';
import { encodeRedriven } from '../../src/domain/redriven-record.js';
import { aPageFacts } from '../support/builders.js';

const letter = { deaths: 2, key: '1.1.4' };
const bytes = Buffer.from([0, 255, 10, 128]);
const first = { epoch: 1, page: 1, ordinal: 4, part: 1, holder: 4, letter, record: bytes };
const sibling = { ...first, ordinal: 5, part: 2, record: null };

test('a page of them is a batch with one record a letter, and where each comes from', () => {
  const whole = { ...first, ordinal: 9, holder: 9, part: null, record: Buffer.from('whole') };
  const batch = firstBatch(aPageFacts({ resumeStage: 'validate' }), [first, sibling, whole].map(encodeRedriven));
  expect(batch.records.map((record) => Buffer.from(record))).toEqual([bytes, bytes, Buffer.from('whole')]);
  // The same object: who dies again among them shares the bytes again.
  expect(batch.records[0]).toBe(batch.records[1]);
  expect(batch.origins).toEqual([{ part: 1, letter }, { part: 2, letter }, { part: null, letter }]);
  expect(batch.redriven).toEqual([4, 5, 9].map((ordinal) => ({ epoch: 1, page: 1, ordinal })));
});

test('a letter whose bytes are not there is an error of the page, not an empty record', () => {
  expect(() => firstBatch(aPageFacts({ resumeStage: 'validate' }), [encodeRedriven(sibling)])).toThrow('no bytes of the record of dead letter 1.1.4');
});
