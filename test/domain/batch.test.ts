// The size of pages, as people set it: what cannot be used is named by its field.
import { expect, test } from 'vitest';
import { batchMax, batchProblem } from '../../src/domain/batch.js';

test.each(Object.entries(batchMax))('%s may be any whole number from 1 to %i', (name, max) => {
  for (const value of [1, 2, max]) expect(batchProblem({ [name]: value })).toBeNull();
  for (const value of [0, -1, max + 1, 1.5, Number.NaN, '7', null])
    expect(batchProblem({ [name]: value })).toBe(`batch.${name}: expected a whole number from 1 to ${max}`);
});

test.each([null, undefined, 5, 'events', [], [5], {}])('%j is no change', (change) => {
  expect(batchProblem(change)).toMatch(/^batch: expected an object .* events, bytes, inFlight$/);
});

test('a field that is not known is named, beside those that are', () => {
  expect(batchProblem({ events: 5, size: 5 })).toBe('batch.size: is unknown, expected one of events, bytes, inFlight');
  expect(batchProblem({ events: 5, bytes: 5, inFlight: 1 })).toBeNull();
});
