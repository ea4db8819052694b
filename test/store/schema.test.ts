// sql/schema.sql is what the migrations make: a reader need not replay them in the head, and a change shows in review.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { testDatabase } from '../support/database.js';
import { dumpSchema } from '../support/schema-dump.js';

const database = testDatabase();
const file = join(packageRoot, 'sql', 'schema.sql');

test('sql/schema.sql says what the migrations make', async () => {
  const dump = await dumpSchema(database.pool);
  if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(file, dump);
  expect(readFileSync(file, 'utf8')).toBe(dump);
});

test('the dump sees a column, an index and a right that are added', async () => {
  const before = await dumpSchema(database.pool);
  for (const change of [
    'alter table runs add note text',
    'create index more on runs (outcome)',
    'grant delete on runs to tributary_worker',
  ]) {
    await database.pool.query(change);
  }
  const added = (await dumpSchema(database.pool)).split('\n').filter((line) => !before.includes(line));
  expect(added).toEqual(
    expect.arrayContaining([
      '  note text',
      'CREATE INDEX more ON public.runs USING btree (outcome)',
      'runs: delete, insert, select, update',
    ]),
  );
});
