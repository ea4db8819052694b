import { expect, test } from 'vitest';
import { NeedsAttention } from '../../src/domain/errors.js';
import { assertDurable, assertRecent } from '../../src/store/durability.js';
import type { Queryable } from '../../src/store/pool.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

test('a database whose sessions do not wait for the disk is refused, naming the setting', async () => {
  const session = await database.pool.connect();
  try {
    await session.query('set synchronous_commit = off');
    await expect(assertDurable(session)).rejects.toThrow(/synchronous_commit = off|fsync = off|full_page_writes = off/);
    await expect(assertDurable(session)).rejects.toBeInstanceOf(NeedsAttention);
  } finally {
    session.release(true);
  }
});

test('a Postgres older than 15 is refused, and a durable one is not', async () => {
  const answering = (version: string): Queryable =>
    ({
      query: async () => ({
        rows: [
          { name: 'server_version_num', setting: version },
          { name: 'fsync', setting: 'on' },
        ],
      }),
    }) as unknown as Queryable;
  await expect(assertDurable(answering('140010'))).rejects.toThrow('version 15');
  await assertDurable(answering('150000'));
});

test('a Postgres that is too old is told by its version before anything is migrated', async () => {
  const session = await database.pool.connect();
  try {
    await assertRecent(session);
    // What an older server would say, in place of what this one says.
    await session.query(`create function pg_temp.setting(text) returns text language sql as
      $$ select case $1 when 'server_version' then '13.12' else '130012' end $$`);
    const older: Queryable = {
      query: ((sql: string) =>
        session.query(sql.replaceAll('current_setting(', 'pg_temp.setting('))) as Queryable['query'],
    };
    await expect(assertRecent(older)).rejects.toThrow(
      'PostgreSQL 13.12 is too old; point DATABASE_URL to version 15 or later',
    );
  } finally {
    session.release(true);
  }
});
