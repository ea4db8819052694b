// One record Postgres refuses never keeps its neighbours out: it is found and becomes a dead letter of the same page.
import { expect, test } from 'vitest';
import type { HashedEvent } from '../../src/domain/event.js';
import { persistPage } from '../../src/store/persist.js';
import type { Session } from '../../src/store/pool.js';
import { eventsPerTrial, findRefusedEvents, isRefusal } from '../../src/store/refused-events.js';
import { inTransaction } from '../../src/store/transaction.js';
import { after, anEvent, aPage, openedRun, stored } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

/** What no stage lets through, but a mistake in one might. */
const refused: Readonly<Record<string, Partial<HashedEvent>>> = {
  'NUL in the data': { dataText: '{"a":"\\u0000"}' },
  'half a surrogate pair': { dataText: '{"a":"\\ud800"}' },
  'text that is no JSON': { dataText: '{' },
  "data nested deeper than the server's stack": { dataText: `${'['.repeat(100_000)}${']'.repeat(100_000)}` },
  'a number that numeric does not hold': { dataText: '{"n":1e200000}' },
  'a time out of range': { time: '0000-01-01T00:00:00Z' },
  'NUL in the type': { type: 'a\0b' },
  'NUL in the id': { id: 'a\0b' },
  'NUL in the subject': { subject: 'a\0b' },
  'a broken flag': { flags: ['a{b'] },
  'a priority that is no number': { priority: Number.NaN as never },
  'a content hash that is none': { contentHash: 'zz' },
  'an id too long for the index': { id: longId(1_000) },
  'a type too long for an index that the hash table has not': { type: longId(900) },
};

/** Characters of four bytes that do not compress. */
function longId(length: number): string {
  return Array.from({ length }, (_, n) => String.fromCodePoint(0x1f600 + ((n * 7_919) % 50_000))).join('');
}

test.each(Object.entries(refused))(
  '%s: one of 200 events is refused, 199 are stored, the page is committed',
  async (_what, bad) => {
    const run = await openedRun(database.workerPool);
    const all = Array.from({ length: 200 }, (_, n) => anEvent(run.source, n));
    const events = all.map((event, n) => stored(n === 137 ? { ...event, ...bad } : event));
    const page = aPage(run, { events });
    expect(await persistPage(database.workerPool, page)).toMatchObject({ fetched: 200, inserted: 199, dead: 1 });
    const { rows } = await database.pool.query('select ordinal, stage, code, raw from dead_letters where source = $1', [
      run.source,
    ]);
    expect(rows).toEqual([
      expect.objectContaining({ ordinal: 137, stage: 'persist', code: expect.stringMatching(/^(22|54)/) }),
    ]);
    expect(JSON.parse(rows[0].raw)).toMatchObject({ ordinal: 137 });
    // Its key was not claimed: mended, it can come in.
    expect(
      await persistPage(database.workerPool, aPage(after(run, page), { events: [stored(all[137]!)] })),
    ).toMatchObject({ inserted: 1 });
  },
);

test.each([
  ['first and last among them', (n: number) => [0, 1, 50, 2_498, 2_499].includes(n), 5],
  ['every other one', (n: number) => n % 2 === 1, 1_250],
  ['all of them', () => true, 2_500],
])('refused ones, %s, are all found, and no other', async (_what, isBad, dead) => {
  const run = await openedRun(database.workerPool);
  const kinds = Object.values(refused).filter(({ dataText }) => (dataText?.length ?? 0) < 1_000);
  const events = Array.from({ length: 2_500 }, (_, n) =>
    stored({ ...anEvent(run.source, n), ...(isBad(n) ? kinds[n % kinds.length] : {}) }),
  );
  expect(await persistPage(database.workerPool, aPage(run, { events }))).toMatchObject({
    inserted: 2_500 - dead,
    dead,
  });
  const { rows } = await database.pool.query('select ordinal from dead_letters where source = $1 order by ordinal', [
    run.source,
  ]);
  expect(rows.map(({ ordinal }) => ordinal)).toEqual(events.flatMap((_, n) => (isBad(n) ? [n] : [])));
});

test('however many are refused, a statement tries a thousand, and the transaction is as it was', async () => {
  const run = await openedRun(database.workerPool);
  const lineage = { source: run.source, epoch: run.epoch, page: 1, ingestedAt: new Date() };
  const statementsFor = (bad: number): Promise<number> =>
    inTransaction(database.workerPool, async (session) => {
      const events = Array.from({ length: 3 * eventsPerTrial }, (_, n) =>
        stored({ ...anEvent(run.source, n), ...(n < bad ? { dataText: '{' } : {}) }),
      );
      const counted = { statements: 0 };
      expect(await findRefusedEvents(counting(session, counted), lineage, events)).toHaveLength(bad);
      const { rows } = await session.query(
        'select (select count(*) from events where source = $1) + (select count(*) from event_hashes where source = $1) as left',
        [run.source],
      );
      expect(rows).toEqual([{ left: '0' }]);
      return counted.statements;
    });
  expect([await statementsFor(1), await statementsFor(3 * eventsPerTrial)]).toEqual([6, 6]);
});

function counting(session: Session, counted: { statements: number }): Session {
  const query = (...words: Parameters<Session['query']>) => {
    counted.statements += 1;
    return session.query(...words);
  };
  return { query } as unknown as Session;
}

test('an event that is known already is not refused, whatever it is: it is not stored', async () => {
  const run = await openedRun(database.workerPool);
  const [known, fresh] = [anEvent(run.source, 0), anEvent(run.source, 1)];
  const first = aPage(run, { events: [stored(known)] });
  await persistPage(database.workerPool, first);
  const events = [stored({ ...known, dataText: '{' }), stored({ ...fresh, dataText: '{' })];
  expect(await persistPage(database.workerPool, aPage(after(run, first), { events }))).toMatchObject({
    existing: 1,
    dead: 1,
    inserted: 0,
  });
});

test('an error about anything else is not a refusal', () => {
  const error = (code: string) => Object.assign(new Error('x'), { code });
  expect(['22P02', '22021', '54000'].map((code) => isRefusal(error(code)))).toEqual([true, true, true]);
  expect(['23505', '40P01', '57P01', '53100', '42501', 'ECONNREFUSED'].map((code) => isRefusal(error(code)))).toEqual(
    Array(6).fill(false),
  );
  expect(isRefusal(new Error('22'))).toBe(false);
});
