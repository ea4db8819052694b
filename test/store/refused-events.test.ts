// One record Postgres refuses never keeps its neighbours out: it is found and becomes a dead letter of the same page.
import { expect, test } from 'vitest';
import type { HashedEvent } from '../../src/domain/event.js';
import { persistPage } from '../../src/store/persist.js';
import { isRefusal } from '../../src/store/refused-events.js';
import { after, anEvent, aPage, openedRun, stored } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

/** What no stage lets through, but a mistake in one might. */
const refused: Readonly<Record<string, Partial<HashedEvent>>> = {
  'NUL in the data': { dataText: '{"a":"\\u0000"}' },
  'half a surrogate pair': { dataText: '{"a":"\\ud800"}' },
  'text that is no JSON': { dataText: '{' },
  'a time out of range': { time: '0000-01-01T00:00:00Z' },
  'NUL in the type': { type: 'a\0b' },
  'a broken flag': { flags: ['a{b'] },
  'an id too long for the index': { id: Array.from({ length: 1_000 }, (_, n) => String.fromCodePoint(0x1f600 + ((n * 7_919) % 50_000))).join('') },
};

test.each(Object.entries(refused))('%s: one of 200 events is refused, 199 are stored, the page is committed', async (_what, bad) => {
  const run = await openedRun(database.workerPool);
  const all = Array.from({ length: 200 }, (_, n) => anEvent(run.source, n));
  const events = all.map((event, n) => stored(n === 137 ? { ...event, ...bad } : event));
  const page = aPage(run, { events });
  expect(await persistPage(database.workerPool, page)).toMatchObject({ fetched: 200, inserted: 199, dead: 1 });
  const { rows } = await database.pool.query('select ordinal, stage, code, raw from dead_letters where source = $1', [run.source]);
  expect(rows).toEqual([expect.objectContaining({ ordinal: 137, stage: 'persist', code: expect.stringMatching(/^(22|54)/) })]);
  expect(JSON.parse(rows[0].raw)).toMatchObject({ ordinal: 137 });
  // Its key was not claimed: mended, it can come in.
  expect(await persistPage(database.workerPool, aPage(after(run, page), { events: [stored(all[137]!)] }))).toMatchObject({ inserted: 1 });
});

test('many refused ones, first and last among them, are all found', async () => {
  const run = await openedRun(database.workerPool);
  const bad = new Set([0, 1, 50, 98, 99]);
  const events = Array.from({ length: 100 }, (_, n) => stored({ ...anEvent(run.source, n), ...(bad.has(n) ? { dataText: '{' } : {}) }));
  expect(await persistPage(database.workerPool, aPage(run, { events }))).toMatchObject({ inserted: 95, dead: 5 });
});

test('an error about anything else is not a refusal', () => {
  const error = (code: string) => Object.assign(new Error('x'), { code });
  expect(['22P02', '22021', '54000'].map((code) => isRefusal(error(code)))).toEqual([true, true, true]);
  expect(['23505', '40P01', '57P01', '53100', '42501', 'ECONNREFUSED'].map((code) => isRefusal(error(code)))).toEqual(Array(6).fill(false));
  expect(isRefusal(new Error('22'))).toBe(false);
});
