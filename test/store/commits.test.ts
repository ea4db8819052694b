// The commit feed: every commit gets a number, numbers follow visibility, and a reader of `number > last` misses none, also
// while another transaction stays open long and has a lower id.
import { expect, test } from 'vitest';
import { insertCommit, numberCommits } from '../../src/store/commits.js';
import { inTransaction } from '../../src/store/transaction.js';
import { testDatabase } from '../support/database.js';
import { createGate } from '../support/gate.js';

const database = testDatabase();
const at = new Date('2026-11-01T00:00:00Z');

async function commit(seq: number, before: () => Promise<void> = async () => {}): Promise<void> {
  await inTransaction(database.workerPool, async (session) => {
    await insertCommit(session, { source: 'feed', epoch: 1, seq }, 1, at);
    await before();
  });
  await numberCommits(database.workerPool);
}

interface Seen {
  readonly seq: number;
  readonly number: number;
}

async function readAfter(last: number): Promise<Seen[]> {
  const { rows } = await database.pool.query<Seen>(
    'select seq, number::integer as number from commits where number > $1 order by number',
    [last],
  );
  return rows;
}

test('a reader who follows the numbers sees a slow transaction after the fast ones it overtook', async () => {
  const gate = createGate();
  const slow = commit(1, () => gate.pass());
  await gate.reached;
  await commit(2);
  await commit(3);
  const first = await readAfter(0);
  expect(first.map(({ seq }) => seq)).toEqual([2, 3]);
  gate.open();
  await slow;
  expect((await readAfter(first.at(-1)!.number)).map(({ seq }) => seq)).toEqual([1]);
});

test('with 300 commits by many at once a reader who polls all the while sees each exactly once', async () => {
  const seen: Seen[] = [];
  let last = (await readAfter(0)).at(-1)?.number ?? 0;
  let writing = true;
  const reader = (async () => {
    for (let more = true; more;) {
      more = writing;
      const rows = await readAfter(last);
      seen.push(...rows);
      last = rows.at(-1)?.number ?? last;
    }
  })();
  const writer = async (lane: number) => {
    for (let n = 0; n < 30; n++) await commit(1_000 + lane * 30 + n);
  };
  await Promise.all(Array.from({ length: 10 }, (_, lane) => writer(lane)));
  writing = false;
  await reader;
  expect(seen.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 300 }, (_, n) => 1_000 + n),
  );
  expect(seen.map(({ number }) => number)).toEqual(seen.map(({ number }) => number).toSorted((a, b) => a - b));
});

test('what a dead committer left unnumbered, whoever comes next numbers, once', async () => {
  await inTransaction(database.workerPool, (session) =>
    insertCommit(session, { source: 'feed', epoch: 1, seq: 5_000 }, 1, at),
  );
  const counts = await Promise.all(Array.from({ length: 8 }, () => numberCommits(database.workerPool)));
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
  expect(await numberCommits(database.workerPool)).toBe(0);
  const { rows } = await database.pool.query('select count(*)::integer as missing from commits where number is null');
  expect(rows[0].missing).toBe(0);
});
