// One transaction: begin, work, commit; any error rolls back and is thrown on.
import type { Pool, Session } from './pool.js';

/** Runs `work` at READ COMMITTED. A session whose rollback fails is closed, not returned to the pool. */
export async function inTransaction<T>(pool: Pool, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await pool.connect();
  try {
    await session.query('begin');
    const result = await work(session);
    await session.query('commit');
    session.release();
    return result;
  } catch (error) {
    const broken = await session.query('rollback').then(
      () => false,
      () => true,
    );
    session.release(broken);
    throw error;
  }
}
