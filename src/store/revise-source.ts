// Changes options and settings of a source that is there, as a person says; no run is needed, and none is disturbed.
import { InvalidInput } from '../domain/errors.js';
import { lockCursor } from './cursors.js';
import type { Pool } from './pool.js';
import { configureSource, findSource, type FoundSource, type SourceRow } from './sources.js';
import { inTransaction } from './transaction.js';

export interface RevisedSource {
  readonly before: SourceRow;
  readonly after: SourceRow;
}

/** `revise` is pure, and throws what refuses the change. Throws InvalidInput where the source is none, or goes. */
export async function reviseSource(
  pool: Pool,
  id: string,
  revise: (found: FoundSource) => SourceRow,
): Promise<RevisedSource> {
  return inTransaction(pool, async (session) => {
    // openRun changes under this lock, too.
    await lockCursor(session, id);
    const before = await findSource(session, id);
    if (before === undefined)
      throw new InvalidInput('id', `no source ${id} is known; \`tributary sources list\` shows them`);
    if (before.removal !== null) throw new InvalidInput('id', `${id} was removed, or is being removed`);
    const after = revise(before);
    await configureSource(session, id, after);
    return { before, after };
  });
}
