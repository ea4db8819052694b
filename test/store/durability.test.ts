import { expect, test } from 'vitest';
import { NeedsAttention } from '../../src/domain/errors.js';
import { assertDurable } from '../../src/store/durability.js';
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
