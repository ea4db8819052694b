// Views from a catalogue: columns of their types, null where an event has something else, made anew when they change; what
// is not ours is never touched.
import { expect, test } from 'vitest';
import type { EventType, EventView } from '../../src/domain/catalogue.js';
import { makeEventViews } from '../../src/store/event-views.js';
import { persistPage } from '../../src/store/persist.js';
import { aPage, anEvent, openedRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

function typeWith(view: EventView, type = 'acme.note'): EventType {
  return { type, summary: 'a note', stability: 'stable', view };
}

const columns: EventView['columns'] = [
  { name: 'title', type: 'text', path: 'title' },
  { name: 'done', type: 'boolean', path: 'state.done' },
  { name: 'votes', type: 'bigint', path: 'votes' },
  { name: 'score', type: 'double precision', path: 'score' },
  { name: 'due', type: 'timestamptz', path: 'due' },
  { name: 'tags', type: 'jsonb', path: 'tags' },
];

test('columns have their types, and what is not of the type is null', async () => {
  expect(await makeEventViews(database.pool, [typeWith({ name: 'acme_notes', columns })])).toEqual([]);
  const run = await openedRun(database.workerPool);
  const fits = { title: 'a', state: { done: true }, votes: 3, score: 0.5, due: '2026-01-31T12:00:00Z', tags: ['x'] };
  const odd = { title: 7, state: 'x', votes: 1.5, score: 'high', due: '2026-02-31T99:00:00Z', tags: null };
  const huge = { votes: 1e300, score: 1e300, due: 'never' };
  const events = [fits, odd, huge]
    .map((data, at) => anEvent(run.source, at, data, { type: 'acme.note' }))
    .map((event) => ({ event, enrichment: null }));
  await persistPage(database.workerPool, aPage(run, { events }));
  const { rows } = await database.workerPool.query(
    'select title, done, votes, score, due, tags from acme_notes order by event_id',
  );
  expect(rows).toEqual([
    { title: 'a', done: true, votes: '3', score: 0.5, due: new Date('2026-01-31T12:00:00Z'), tags: ['x'] },
    { title: '7', done: null, votes: null, score: null, due: null, tags: null },
    { title: null, done: null, votes: null, score: 1e300, due: null, tags: null },
  ]);
});

test('it is made anew when its columns change, unless somebody built on it', async () => {
  const [first] = columns;
  const view = { name: 'acme_changing', columns: [first!] };
  expect(await makeEventViews(database.pool, [typeWith(view)])).toEqual([]);
  expect(await makeEventViews(database.pool, [typeWith({ ...view, columns: [{ ...first!, type: 'jsonb' }] })])).toEqual(
    [],
  );
  await database.pool.query('create view mine as select title from acme_changing');
  expect(await makeEventViews(database.pool, [typeWith(view)])).toEqual([
    expect.stringContaining(
      'the view acme_changing of acme.note is not made: its columns changed, and something was built on it; drop that first',
    ),
  ]);
});

test.each(['events', 'sources', 'git_commits', 'somebodys'])('%s is not ours, and stays', async (name) => {
  await database.pool.query('create or replace view somebodys as select 1 as one');
  expect(await makeEventViews(database.pool, [typeWith({ name, columns })])).toEqual([
    `the view ${name} of acme.note is not made: there is something of that name that is not ours`,
  ]);
});

test('the view of one type is never replaced by that of another', async () => {
  const view = { name: 'acme_taken', columns };
  expect(await makeEventViews(database.pool, [typeWith(view), typeWith(view, 'acme.other')])).toEqual([
    'the view acme_taken of acme.other is not made: there is something of that name that is not ours',
  ]);
});
