// The role a worker writes with: it adds, and moves positions; what it wrote it can neither change nor remove.
import { expect, test } from 'vitest';
import { persistPage } from '../../src/store/persist.js';
import { ensurePartitions } from '../../src/store/partitions.js';
import { aPage, events, openedRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

test('tests and workers do take the role', async () => {
  const { rows } = await database.workerPool.query('select current_user');
  expect(rows).toEqual([{ current_user: 'tributary_worker' }]);
});

test('it is enough for a page', async () => {
  const run = await openedRun(database.workerPool);
  expect(await persistPage(database.workerPool, aPage(run, { events: events(run.source, 10) }))).toMatchObject({
    inserted: 10,
  });
});

test('it is enough for partitions to be made ahead', async () => {
  await ensurePartitions(database.workerPool);
});

test.each([
  'create table mine ()',
  'create schema mine',
  'alter table events add mine text',
  'drop table events',
  'drop table dead_letters',
  'truncate events',
  'update events set data = data',
  'delete from events',
  'delete from event_hashes',
  'update event_hashes set event_id = event_id',
  'update ledger set fetched = fetched',
  'delete from ledger',
  'delete from dead_letters',
  'update dead_letters set error = error',
  'delete from dead_letter_decisions',
  'update dead_letter_decisions set reason = reason',
  'update chain_links set chain = chain',
  'delete from chain_links',
  'update row_changes set digest = digest',
  'delete from row_changes',
  `insert into dead_letter_decisions (source, epoch, page, ordinal, decision, decided_by) values ('a', 1, 1, 1, 'redriven', 'me')`,
  'delete from commits',
  'delete from sources',
  'delete from source_cursors',
  'delete from runs',
  'update schema_migrations set sha256 = sha256',
  'create index mine on events (source)',
  'create role mine',
  'create or replace function ensure_events_partitions(months_ahead integer) returns void language sql as $$ select $$',
  `copy events to program 'true'`,
])('it may not: %s', async (statement) => {
  await expect(database.workerPool.query(statement)).rejects.toMatchObject({ code: expect.stringMatching(/^42501$/) });
});

test('it cannot write to a partition past the parent', async () => {
  const { rows } = await database.pool.query<{ name: string }>(
    `select relname as name from pg_class where relname ~ '^events_\\d{4}_\\d\\d$' limit 1`,
  );
  for (const name of ['events_default', rows[0]!.name]) {
    for (const statement of [`delete from ${name}`, `update ${name} set data = data`, `drop table ${name}`]) {
      await expect(database.workerPool.query(statement)).rejects.toMatchObject({ code: '42501' });
    }
  }
});
