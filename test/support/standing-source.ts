// A sync that stands still in its middle: its source's row is locked, so no page of it can be committed until it is let go.
import type { TestDatabase } from './database.js';

/** Resolves when no page is being committed any more, with what lets the sync go on. */
export async function standStill(database: TestDatabase, source: string): Promise<() => Promise<void>> {
  const session = await database.pool.connect();
  await session.query('begin');
  await session.query('set local idle_in_transaction_session_timeout = 0');
  await session.query('select from source_cursors where source = $1 for update', [source]);
  return async () => {
    await session.query('rollback');
    session.release();
  };
}
