// Sums and rates of figures about events.
import { expect, test } from 'vitest';
import { eventsPerSecond, knownOf, totalOf } from '../../src/domain/event-figures.js';
import { noCounts } from '../../src/domain/page.js';

const standing = { fetched: 21, inserted: 1, known: 2, removed: 3, deferred: 4, dead: 5, discarded: 6 };

test('sources add up figure by figure, and of none everything is 0', () => {
  const doubled = { fetched: 42, inserted: 2, known: 4, removed: 6, deferred: 8, dead: 10, discarded: 12 };
  expect(totalOf([standing, standing])).toEqual(doubled);
  expect(Object.values(totalOf([]))).toEqual([0, 0, 0, 0, 0, 0, 0]);
});

test('what was not new is known, however it was recognised', () => {
  expect(knownOf({ ...noCounts, fetched: 11, inserted: 1, duplicate: 2, suppressed: 3, existing: 5 })).toBe(10);
});

test('a rate is over the time that was worked, also over none', () => {
  expect([eventsPerSecond(3_000, 1_500), eventsPerSecond(1, 3_000), eventsPerSecond(5, 0)]).toEqual([2_000, 0, 5_000]);
});
