// What holds a write besides a page's holding: it waits for its own locks only, and the books of both are right together.
import { beforeAll, expect, test } from 'vitest';
import { writeUnder } from '../../src/store/holding.js';
import { persistPage } from '../../src/store/persist.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { finishRemoval, markRemoval } from '../../src/store/remove-source.js';
import { configureSource } from '../../src/store/sources.js';
import type { AtPoint, Writing } from '../../src/store/writing.js';
import { after, anEvent, aPage, events, openedRun, stored } from '../support/builders.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { expressHolding, receiptsTable } from '../support/express-holding.js';
import { createGate } from '../support/gate.js';

const database = testDatabase();
const ingestedAt = new Date('2026-11-01T00:00:01Z');

beforeAll(() => database.pool.query(receiptsTable));

async function express(source: string, receipt: string, part: Partial<Writing>, at?: AtPoint) {
  return writeUnder(
    database.workerPool,
    expressHolding(source, receipt, ingestedAt),
    { ingestedAt, events: [], deferred: [], dead: [], returned: new Map(), ...part },
    at,
  );
}

/** Sessions that wait for a lock of this database, to mark a removal. */
const waiting = `(select datname, $1::text as source from pg_stat_activity where wait_event_type = 'Lock' and query like 'update sources set removal%') w
  where datname = current_database()`;

async function count(statement: string, source: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::integer as n from ${statement} and source = $1`,
    [source],
  );
  return rows[0]!.n;
}

async function proofOf(source: string) {
  const [proof] = await verifySources(database.pool, { source, contents: () => true });
  return { broken: proof!.invariants.filter(({ found }) => found > 0), ok: proof!.ok, events: proof!.events };
}

const large = 20_000;

test('a write beside the pages commits while a page of 20,000 stands before its COPY, and while it stands behind it', async () => {
  const run = await openedRun(database.workerPool);
  const { source } = run;
  const [claimed, inserted] = [createGate(), createGate()];
  const page = aPage(run, { events: events(source, large) });
  const persisting = persistPage(database.workerPool, page, async (at) => {
    if (at === 'claimed') await claimed.pass();
    if (at === 'inserted') await inserted.pass();
  });
  await claimed.reached;
  expect(await express(source, 'first', { events: events(source, 1, large) })).toMatchObject({
    fetched: 1,
    inserted: 1,
  });
  expect([await count('events where true', source), await count('ledger where epoch > 0', source)]).toEqual([1, 0]);
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 1 });
  claimed.open();
  await inserted.reached;
  expect(await express(source, 'second', { events: events(source, 1, large + 1) })).toMatchObject({ inserted: 1 });
  expect([await count('events where true', source), await count('ledger where epoch > 0', source)]).toEqual([2, 0]);
  inserted.open();
  expect(await persisting).toMatchObject({ inserted: large });
  expect(await count('commits where true', source)).toBe(3);
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: large + 2 });
  expect(
    await persistPage(database.workerPool, aPage(after(run, page), { events: events(source, 3, large) })),
  ).toMatchObject({ inserted: 1, existing: 2 });
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: large + 3 });
});

test('of the same events a page and many writes beside it take each once, and none waits for ever', async () => {
  const run = await openedRun(database.workerPool);
  const { source } = run;
  const all = Array.from({ length: 3_000 }, (_, ordinal) => stored(anEvent(source, ordinal)));
  const some = (at: number) => all.filter((_, ordinal) => ordinal % 7 === at);
  const [counts, ...others] = await Promise.all([
    persistPage(database.workerPool, aPage(run, { events: all })),
    ...Array.from({ length: 6 }, (_, at) => express(source, `delivery ${at}`, { events: some(at) })),
  ]);
  expect([counts, ...others].reduce((sum, { inserted }) => sum + inserted, 0)).toBe(all.length);
  expect(await count('events where true', source)).toBe(all.length);
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: all.length });
});

test('a delivery written twice is written once, also at the same moment', async () => {
  const { source } = await openedRun(database.workerPool);
  const tries = await Promise.all(
    Array.from({ length: 5 }, () => express(source, 'again', { events: events(source, 2) })),
  );
  expect(new Set(tries.map((counts) => JSON.stringify(counts)))).toEqual(new Set([JSON.stringify(tries[0])]));
  expect(tries[0]).toMatchObject({ fetched: 2, inserted: 2 });
  expect(await count('ledger where epoch = 0', source)).toBe(1);
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 2 });
});

test('what only a page can bring is refused whole: an event deferred, a dead letter, an event that Postgres refuses', async () => {
  const { source } = await openedRun(database.workerPool);
  const dead = [{ ordinal: 0, stage: 'validate', code: 'not_json', error: 'no JSON', event: null, raw: null }];
  const deferred = [
    { ordinal: 0, stage: 'own', event: {}, context: {}, processed: [], attempts: 1, nextAt: ingestedAt, error: null },
  ];
  const hostile = [stored({ ...anEvent(source, 1), dataText: '{"n":1e999999}' })];
  for (const part of [{ dead }, { deferred }, { events: [...events(source, 1), ...hostile] }]) {
    await expect(express(source, 'refused', part)).rejects.toThrow('only a page brings those');
  }
  expect([
    await count('events where true', source),
    await count('door.receipts where true', source),
    await count('ledger where true', source),
  ]).toEqual([0, 0, 0]);
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 0 });
});

test.each(['keep', 'delete'] as const)(
  'a source that is being removed, with events to %s, takes no write',
  async (word) => {
    const { source } = await openedRun(database.workerPool);
    await express(source, 'before', { events: events(source, 1) });
    await markRemoval(database.pool, source, word, 'a test');
    await expect(express(source, 'after', { events: events(source, 1, 1) })).rejects.toMatchObject({
      field: 'source',
      message: `source: ${source} was removed, and takes no more events`,
    });
    expect(await count('events where true', source)).toBe(1);
    if (word === 'delete') return;
    await finishRemoval(database.pool, source, word);
    await expect(express(source, 'after', { events: events(source, 1, 1) })).rejects.toThrow('takes no more events');
    await configureSource(database.pool, source, { options: {}, settings: {} });
    expect(await express(source, 'after', { events: events(source, 1, 1) })).toMatchObject({ inserted: 1 });
  },
);

test('a removal waits for a write that has begun', async () => {
  const { source } = await openedRun(database.workerPool);
  const gate = createGate();
  const writing = express(source, 'first', { events: events(source, 1) }, (at) =>
    at === 'inserted' ? gate.pass() : Promise.resolve(),
  );
  await gate.reached;
  const marking = markRemoval(database.pool, source, 'delete', 'a test');
  await eventually('the removal waits', async () => (await count(waiting, source)) > 0);
  gate.open();
  expect(await writing).toMatchObject({ inserted: 1 });
  expect(await marking).toMatchObject({ removal: 'delete' });
});

test.each([
  ['its event is altered', `update events set data = '{"n":7}' where source = $1 and epoch = 0`],
  ['its event is taken away', 'delete from events where source = $1 and epoch = 0 and page = 1'],
  [
    'its counts are altered',
    'update ledger set existing = 1, fetched = fetched + 1 where source = $1 and epoch = 0 and seq = 1',
  ],
  ['its last link is taken away', 'delete from chain_links where source = $1 and number = -2'],
  ['its first link is taken away', 'delete from chain_links where source = $1 and number = -1'],
  ['its head is taken away', 'delete from express_heads where source = $1'],
  ['its head is set back', 'update express_heads set links = 1 where source = $1'],
  ['its link is put among those of pages', 'update chain_links set number = 3 where source = $1 and number = -2'],
])('verify goes red when of a write beside the pages %s', async (_what, damage) => {
  const run = await openedRun(database.workerPool);
  await persistPage(database.workerPool, aPage(run, { events: events(run.source, 2) }));
  for (const at of [1, 2]) await express(run.source, `delivery ${at}`, { events: events(run.source, 1, 10 * at) });
  expect(await proofOf(run.source)).toEqual({ ok: true, broken: [], events: 4 });
  await database.pool.query(damage, [run.source]);
  expect(await proofOf(run.source)).toMatchObject({ ok: false });
});
