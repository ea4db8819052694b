// The sums and the name of pages.
import { expect, test } from 'vitest';
import { addCounts, noCounts, pageName } from '../../src/domain/page.js';

const kinds = { inserted: 1, duplicate: 2, existing: 3, suppressed: 4, removed: 5, deferred: 6, dead: 7 };
const counts = { fetched: 28, ...kinds, failures: 8 };

test('each count is added to its own', () => {
  expect(addCounts(counts, noCounts)).toEqual(counts);
  expect(addCounts(counts, counts)).toEqual({
    fetched: 56,
    inserted: 2,
    duplicate: 4,
    existing: 6,
    suppressed: 8,
    removed: 10,
    deferred: 12,
    dead: 14,
    failures: 16,
  });
});

test('no two pages have one name', () => {
  expect(pageName({ source: 'acme/api', epoch: 1, seq: 12 })).toBe('acme/api#1.12');
});
