// A decision is made whole or not at all, once, by one person, and never about what dies while it is made.
import { expect, test } from 'vitest';
import { limits } from '../../src/limits.js';
import { decideLetters, type DecisionOrder, type DecisionPoint } from '../../src/store/decide-letters.js';
import { persistPage } from '../../src/store/persist.js';
import { listDeadLetters } from '../../src/store/reading/search-dead-letters.js';
import { after, aPage, openedRun, type BuiltRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

function letters(count: number) {
  return Array.from({ length: count }, (_, ordinal) => ({
    ordinal,
    stage: 'validate',
    code: ordinal % 2 === 0 ? 'even' : 'odd',
    error: 'x',
    event: null,
    raw: Buffer.from('x'),
  }));
}

async function withLetters(count: number): Promise<BuiltRun> {
  const run = await openedRun(database.workerPool);
  const page = aPage(run, { dead: letters(count) });
  await persistPage(database.workerPool, page);
  return after(run, page);
}

function order(source: string, part: Partial<DecisionOrder> = {}): DecisionOrder {
  return { source, decision: 'redriven', by: 'ada', reason: null, ...part };
}

async function counts(source: string): Promise<unknown> {
  const { rows } = await database.pool.query(
    `select (select count(*) from dead_letter_decisions where source = $1)::integer as decisions, (select count(*) from deferred where source = $1)::integer as deferred`,
    [source],
  );
  return rows[0];
}

test.each<DecisionPoint>(['begun', 'recorded'])(
  'a failure at %s leaves nothing behind, and the next try does all',
  async (point) => {
    const { source } = await withLetters(5);
    const failing = decideLetters(database.pool, order(source), async (at) => {
      if (at === point) throw new Error('made to fail');
    });
    await expect(failing).rejects.toThrow('made to fail');
    expect(await counts(source)).toEqual({ decisions: 0, deferred: 0 });
    expect(await decideLetters(database.pool, order(source))).toBe(5);
    expect(await counts(source)).toEqual({ decisions: 5, deferred: 5 });
  },
);

test('ten at once decide each letter once, over several batches', async () => {
  const total = 2 * limits.letterBatchRows + 1;
  const { source } = await withLetters(total);
  const decided = await Promise.all(Array.from({ length: 10 }, () => decideLetters(database.pool, order(source))));
  expect(decided.reduce((sum, count) => sum + count, 0)).toBe(total);
  expect(await counts(source)).toEqual({ decisions: total, deferred: total });
});

test('what dies while letters are redriven is not redriven with them', async () => {
  const run = await withLetters(3);
  let died = false;
  const decided = await decideLetters(database.pool, order(run.source), async (at) => {
    if (at !== 'begun' || died) return;
    died = true;
    await database.pool.query(
      `insert into dead_letters (source, epoch, page, ordinal, stage, code, error, raw) values ($1, 9, 9, 9, 'validate', 'even', 'x', 'x')`,
      [run.source],
    );
  });
  expect(decided).toBe(3);
  expect(await listDeadLetters(database.pool, { source: run.source, state: 'open' }, 10)).toMatchObject([{ epoch: 9 }]);
});

test('filters and keys choose; discarded ones are redriven by key only', async () => {
  const { source } = await withLetters(6);
  expect(await decideLetters(database.pool, order(source, { decision: 'discarded', reason: 'odd', code: 'odd' }))).toBe(
    3,
  );
  const [first, second] = await listDeadLetters(database.pool, { source, state: 'discarded' }, 10);
  expect(await decideLetters(database.pool, order(source, { stage: 'hash' }))).toBe(0);
  expect(await decideLetters(database.pool, order(source, { keys: [first!] }))).toBe(1);
  expect(
    await decideLetters(database.pool, order(source, { keys: [first!], decision: 'discarded', reason: 'x' })),
  ).toBe(0);
  expect(await decideLetters(database.pool, order(source))).toBe(3);
  expect(await listDeadLetters(database.pool, { source, state: 'discarded' }, 10)).toMatchObject([
    { ordinal: second!.ordinal },
    { ordinal: 5 },
  ]);
});

test('who discards says why, or Postgres refuses it', async () => {
  const { source } = await withLetters(1);
  await expect(decideLetters(database.pool, order(source, { decision: 'discarded' }))).rejects.toThrow(
    'who_discards_says_why',
  );
});

test('a decision waits for a page that is being committed, and a page for a decision', async () => {
  const run = await withLetters(2);
  const page = aPage(run, {
    dead: [{ ordinal: 0, stage: 'validate', code: 'even', error: 'x', event: null, raw: Buffer.from('x') }],
  });
  let decided: Promise<number> | undefined;
  await persistPage(database.workerPool, page, async (at) => {
    if (at === 'begun') decided = decideLetters(database.pool, order(run.source));
  });
  expect(await decided).toBeGreaterThanOrEqual(2);
});
