// Runs that ended without a word: terminated by a person, timed out, or lost with their Temporal. Nothing tells Postgres of such an
// end, so Temporal is asked; where it does not answer, what the row says is what was known last.
import { WorkflowNotFoundError, type WorkflowClient } from '@temporalio/client';
import type { Pool } from '../store/pool.js';
import { closeRun, listOpenRuns } from '../store/runs.js';

/** As the outcome of a run says it. */
export type WordlessEnd = 'terminated' | 'abandoned';

/** Null while the id has a run at work, be it the one that is asked about or one that goes on for it. Throws when Temporal does not answer. */
export async function wordlessEndOf(client: WorkflowClient, workflowId: string): Promise<WordlessEnd | null> {
  try {
    const { status, closeTime } = await client.getHandle(workflowId).describe();
    if (closeTime === undefined) return null;
    return status.name === 'TERMINATED' ? 'terminated' : 'abandoned';
  } catch (error) {
    // Temporal keeps closed runs for a time, and then knows nothing of them.
    if (error instanceof WorkflowNotFoundError) return 'abandoned';
    throw error;
  }
}

/** One that closes itself meanwhile is left as it says: a row is closed once. Returns how many were closed. */
export async function closeEndedRuns(pool: Pool, client: WorkflowClient): Promise<number> {
  let closed = 0;
  for (const run of await listOpenRuns(pool)) {
    const end = await wordlessEndOf(client, run.workflowId);
    if (end !== null && (await closeRun(pool, run, { outcome: end, error: null }))) closed += 1;
  }
  return closed;
}
