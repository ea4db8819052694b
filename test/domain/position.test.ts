// The digest of a position: what fences compare, so no two positions may share one, and it never changes.
import { expect, test } from 'vitest';
import { digestOf } from '../../src/domain/position.js';

test('equal positions have one digest of 16 digits, others have others', () => {
  expect(digestOf({ v: 1, next: 7 })).toMatch(/^[0-9a-f]{16}$/);
  expect(digestOf({ next: 7, v: 1 })).toBe(digestOf({ v: 1, next: 7 }));
  expect(new Set([null, {}, { v: 1, next: 7 }, { v: 1, next: 8 }].map(digestOf)).size).toBe(4);
});

test('it is the one that committed positions were stored with', () => {
  expect(digestOf({ v: 1, next: 0 })).toBe('2c205aa0199f1e6f');
});
