// One transaction: begin, work, commit; any error rolls back and is thrown on.
import type { Pool, Session } from './pool.js';

/** Runs `work` at READ COMMITTED. A session whose rollback fails is closed, not returned to the pool. */
export async function inTransaction<T>(pool: Pool, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await pool.connect();
  session.on('error', heardElsewhere);
  try {
    await session.query('begin');
    const result = await work(session);
    await session.query('commit');
    giveBack(session, false);
    return result;
  } catch (error) {
    const broken = await session.query('rollback').then(
      () => false,
      () => true,
    );
    giveBack(session, broken);
    throw error;
  }
}

/**
 * A connection that is lost between two statements says so by an event, and the pool listens only while it holds the
 * session: unheard, it would end the process. The next statement fails, and that is the error to tell.
 */
function heardElsewhere(): void {}

function giveBack(session: Session, broken: boolean): void {
  session.off('error', heardElsewhere);
  session.release(broken);
}
