// A database of its own for each test file: a clone of the migrated template, dropped at the end.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, inject } from 'vitest';
import { createPool, type Pool } from '../../src/store/pool.js';
import { workerRole } from '../../src/store/worker-role.js';

export interface TestDatabase {
  readonly url: string;
  /** As the owner: tests may break what the worker's role may not. */
  readonly pool: Pool;
  /** As a worker in production: the least-privilege role. */
  readonly workerPool: Pool;
}

/** Registers the hooks; the fields are there once the tests run. */
export function testDatabase(): TestDatabase {
  let opened: OpenDatabase | undefined;
  beforeAll(async () => {
    opened = await openDatabase();
  });
  afterAll(() => opened?.drop());
  const current = (): OpenDatabase => {
    if (opened === undefined)
      throw new Error('the database is there once the tests run: use it inside a test or a hook');
    return opened;
  };
  return {
    get url() {
      return current().url;
    },
    get pool() {
      return current().pool;
    },
    get workerPool() {
      return current().workerPool;
    },
  };
}

export interface OpenDatabase extends TestDatabase {
  drop(): Promise<void>;
}

/** `template0` gives an empty database: for tests of migrations. */
export async function openDatabase(template: string = inject('templateDatabase')): Promise<OpenDatabase> {
  const server = inject('databaseUrl');
  const name = `tributary_test_${randomBytes(6).toString('hex')}`;
  await administer(server, `create database ${name} template ${template}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = createPool(url.href, { name: 'test' });
  const workerPool = createPool(url.href, { name: 'test worker', ...(await workerRole(url.href)) });
  return {
    url: url.href,
    pool,
    workerPool,
    async drop() {
      await Promise.all([pool.end(), workerPool.end()]);
      await administer(server, `drop database if exists ${name} with (force)`);
    },
  };
}

async function administer(server: string, statement: string): Promise<void> {
  const admin = createPool(server, { name: 'test setup', connectionsMax: 1, statementTimeoutMs: 60_000 });
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}
