// The word that a commit got its number, as it comes: one session of a process listens, however many wait. A word may be lost with
// its session; whoever waits looks by itself now and then.
import { commitChannel } from './commits.js';
import type { Pool, Session } from './pool.js';

export interface CommitListener {
  /** Gives the session back. */
  end(): void;
}

/** `lost` is called once when the session ends before `end`. Throws what keeps it from listening. */
export async function listenForCommits(pool: Pool, heard: () => void, lost: () => void): Promise<CommitListener> {
  const session = await pool.connect();
  let over = false;
  const close = (told: boolean): void => {
    if (over) return;
    over = true;
    session.off('notification', heard);
    // Closed and not given back: whoever had it next would hear on. What it still says of its end is heard, or it ends the process.
    session.release(true);
    if (told) lost();
  };
  const broken = (): void => close(true);
  session.on('error', broken);
  session.on('end', broken);
  session.on('notification', heard);
  try {
    await listen(session);
  } catch (error) {
    close(false);
    throw error;
  }
  return { end: () => close(false) };
}

async function listen(session: Session): Promise<void> {
  await session.query(`listen ${commitChannel}`);
}
