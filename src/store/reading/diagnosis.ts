// What a database is and whether it can hold the promise, told fact by fact and without throwing at the first that is wrong.
import { versionMin } from '../durability.js';
import { readMigrations } from '../migrate.js';
import type { Queryable } from '../pool.js';

export interface DatabaseFacts {
  readonly version: string;
  readonly recentEnough: boolean;
  /** Settings without which a crash would lose what was acknowledged, with their values. */
  readonly durability: Readonly<Record<string, string>>;
  readonly applied: number;
  /** Files of this version that the database has not; a worker applies them when it starts. */
  readonly pending: readonly string[];
  /** Applied with other contents, or by a later version than this. */
  readonly unknown: readonly string[];
  readonly workerRole: boolean;
  /** Events without a month's partition of their own. */
  readonly inDefaultPartition: boolean;
  /** Its clock minus ours. */
  readonly clockAheadMs: number;
}

export async function diagnoseDatabase(db: Queryable): Promise<DatabaseFacts> {
  const { rows: settings } = await db.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings
      where name in ('server_version', 'server_version_num', 'fsync', 'full_page_writes', 'synchronous_commit')`,
  );
  const { server_version, server_version_num, ...durability } = Object.fromEntries(
    settings.map(({ name, setting }) => [name, setting]),
  );
  return {
    version: server_version ?? 'unknown',
    recentEnough: Number(server_version_num) >= versionMin,
    durability: durability as Record<string, string>,
    ...(await migrationFacts(db)),
    ...(await otherFacts(db)),
  };
}

async function migrationFacts(db: Queryable): Promise<Pick<DatabaseFacts, 'applied' | 'pending' | 'unknown'>> {
  const files = await readMigrations();
  const { rows: present } = await db.query<{ present: boolean }>(
    `select to_regclass('schema_migrations') is not null as present`,
  );
  const applied =
    present[0]?.present === true
      ? (
          await db.query<{ version: number; name: string; sha256: string }>(
            'select version, name, sha256 from schema_migrations',
          )
        ).rows
      : [];
  return {
    applied: applied.length,
    pending: files.filter(({ version }) => !applied.some((row) => row.version === version)).map(({ name }) => name),
    unknown: applied
      .filter((row) => !files.some(({ version, sha256 }) => row.version === version && row.sha256 === sha256))
      .map(({ name }) => name),
  };
}

async function otherFacts(
  db: Queryable,
): Promise<Pick<DatabaseFacts, 'workerRole' | 'inDefaultPartition' | 'clockAheadMs'>> {
  const askedAtMs = Date.now();
  const { rows } = await db.query<{ role: boolean; partitioned: boolean; nowMs: number }>(
    `select exists (select from pg_roles where rolname = 'tributary_worker') as role, to_regclass('events_default') is not null as partitioned,
            (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs"`,
  );
  const { role, partitioned, nowMs } = rows[0]!;
  const filled = partitioned && ((await db.query('select from events_default limit 1')).rowCount ?? 0) > 0;
  return { workerRole: role, inDefaultPartition: filled, clockAheadMs: nowMs - (askedAtMs + Date.now()) / 2 };
}
