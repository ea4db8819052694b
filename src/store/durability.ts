// What a database must be for the promise to hold: recent enough, and not lying about what is on disk.
import { NeedsAttention } from '../domain/errors.js';
import type { Queryable } from './pool.js';

/** 15 is the oldest this is tested with. */
export const versionMin = 150_000;

/** Before anything is asked that older ones do not understand. Throws NeedsAttention. */
export async function assertRecent(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ version: string; number: number }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::integer as number`,
  );
  const { version, number } = rows[0]!;
  if (number < versionMin) throw tooOld(version);
}

function tooOld(version: string): NeedsAttention {
  return new NeedsAttention(
    'postgres_version',
    `PostgreSQL ${version} is too old; point DATABASE_URL to version ${versionMin / 10_000} or later`,
  );
}

/** Throws NeedsAttention that names the setting. */
export async function assertDurable(db: Queryable): Promise<void> {
  const { rows } = await db.query<{ name: string; setting: string }>(
    `select name, setting from pg_settings
      where name in ('server_version_num', 'fsync', 'full_page_writes', 'synchronous_commit')`,
  );
  for (const { name, setting } of rows) {
    if (name === 'server_version_num' && Number(setting) < versionMin)
      throw tooOld((Number(setting) / 10_000).toFixed(1));
    if (setting === 'off') {
      throw new NeedsAttention(
        'postgres_not_durable',
        `Postgres has ${name} = off: a crash would lose acknowledged events; set it to on`,
      );
    }
  }
}
