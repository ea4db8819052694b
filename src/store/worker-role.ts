// The role with which a worker writes: it can add events and move cursors, but neither change the schema nor touch what
// it wrote. Not every user may create or take a role; then the worker runs as that user.
import { createPool } from './pool.js';

export async function workerRole(databaseUrl: string): Promise<{ role?: string }> {
  const pool = createPool(databaseUrl, { name: 'role', connectionsMax: 1 });
  try {
    const { rows } = await pool.query<{ usable: boolean }>(
      `select count(*) > 0 as usable from pg_roles
        where rolname = 'tributary_worker' and pg_has_role(current_user, oid, 'member')
          and coalesce(has_table_privilege(oid, to_regclass('public.source_cursors'), 'update'), true)`,
    );
    return rows[0]?.usable === true ? { role: 'tributary_worker' } : {};
  } finally {
    await pool.end();
  }
}
