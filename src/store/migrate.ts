// Applies the numbered files of sql/ in order, each in a transaction of its own that first records its version. Two
// migrators at once meet at an advisory lock; the second finds nothing left to do.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NeedsAttention } from '../domain/errors.js';
import { packageRoot } from '../package-root.js';
import { ensurePartitions } from './partitions.js';
import type { Pool, Session } from './pool.js';
import { inTransaction } from './transaction.js';

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

/** Returns the names of the files applied now. Throws NeedsAttention when an applied file has changed since. */
export async function migrate(pool: Pool, directory = join(packageRoot, 'sql')): Promise<string[]> {
  const migrations = await readMigrations(directory);
  const known = await appliedVersions(pool);
  const applied: string[] = [];
  for (const migration of migrations) {
    if (known.get(migration.version) === migration.sha256) continue;
    if (await inTransaction(pool, (session) => apply(session, migration))) applied.push(migration.name);
  }
  await ensurePartitions(pool);
  return applied;
}

/** Whether all files of this version are applied. */
export async function isMigrated(pool: Pool): Promise<boolean> {
  const [migrations, known] = [await readMigrations(), await appliedVersions(pool)];
  return migrations.every(({ version }) => known.has(version));
}

/** In order. */
export async function readMigrations(directory = join(packageRoot, 'sql')): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => /^\d{4}_.+\.sql$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(directory, name), 'utf8');
      const sha256 = createHash('sha256').update(sql).digest('hex');
      return { version: Number(name.slice(0, 4)), name, sql, sha256 };
    }),
  );
}

async function appliedVersions(pool: Pool): Promise<Map<number, string>> {
  const { rows } = await pool.query<{ present: boolean }>(
    `select to_regclass('schema_migrations') is not null as present`,
  );
  if (rows[0]?.present !== true) return new Map();
  const applied = await pool.query<{ version: number; sha256: string }>(
    'select version, sha256 from schema_migrations',
  );
  return new Map(applied.rows.map((row) => [row.version, row.sha256]));
}

async function apply(session: Session, { version, name, sql, sha256 }: Migration): Promise<boolean> {
  await session.query(`select pg_advisory_xact_lock(hashtext('tributary.migrate'))`);
  await session.query(
    `create table if not exists schema_migrations (
       version integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())`,
  );
  const { rows } = await session.query<{ sha256: string }>(
    'select sha256 from schema_migrations where version = $1::integer',
    [version],
  );
  const found = rows[0]?.sha256;
  if (found !== undefined && found !== sha256) {
    throw new NeedsAttention(
      'migration_changed',
      `sql/${name} was applied with other contents (sha256 ${found.slice(0, 12)}, the file has ${sha256.slice(0, 12)}); ` +
        'restore the file and put the change into a new one',
    );
  }
  if (found !== undefined) return false;
  await session.query('set local statement_timeout = 0');
  await session.query('insert into schema_migrations (version, name, sha256) values ($1, $2, $3)', [
    version,
    name,
    sha256,
  ]);
  await session.query(sql);
  return true;
}
