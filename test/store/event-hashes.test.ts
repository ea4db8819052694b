import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { claimKeys, countKnownKeys, findKnownKeys } from '../../src/store/event-hashes.js';
import { inTransaction } from '../../src/store/transaction.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();
const at = new Date('2026-11-01T00:00:00Z');
const keys = (count: number) => Array.from({ length: count }, () => randomBytes(32).toString('hex'));
const claim = (wanted: readonly string[]) =>
  inTransaction(database.workerPool, (session) =>
    claimKeys(
      session,
      'a',
      at,
      wanted.map((key) => ({ key, id: key.slice(0, 8) })),
    ),
  );

test('a claim gives the keys that were new', async () => {
  const [a, b, c] = keys(3) as [string, string, string];
  expect(await claim([a, b])).toBe('all');
  expect(await claim([a, b, c])).toEqual(new Set([c]));
  expect(await claim([a, b])).toEqual(new Set());
  expect(await claim([])).toBe('all');
});

test('a look-up gives the known ones of those asked, in one statement for any number', async () => {
  const [known, unknown] = [keys(70_000), keys(100)];
  await claim(known);
  expect((await findKnownKeys(database.workerPool, [...known, ...unknown])).size).toBe(70_000);
  expect(await countKnownKeys(database.workerPool, [...unknown, known[69_999]!])).toBe(1);
  expect(await findKnownKeys(database.workerPool, [])).toEqual(new Set());
});

test('bulk claims that overlap, in any order, at once, never deadlock, and each key has one winner', async () => {
  const shared = keys(3_000);
  const orders = [shared, shared.toReversed(), [...shared.slice(1_500), ...shared.slice(0, 1_500)], shared.toSorted()];
  const won = await Promise.all(orders.map((order) => claim(order)));
  const winners = won.flatMap((claimed) => (claimed === 'all' ? shared : [...claimed]));
  expect(winners.toSorted()).toEqual(shared.toSorted());
});
