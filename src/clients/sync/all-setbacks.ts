// What holds up the syncs that run now, of all sources.
import type { Client } from '@temporalio/client';
import { workflowIdPrefix } from '../../domain/workflow-id.js';
import type { Setback } from './setback-text.js';
import { setbacksOf } from './setbacks.js';

/** Syncs that are asked about; each costs the server a read. */
const syncsMax = 1_000;
const asksAtOnce = 16;

export async function allSetbacks(client: Client): Promise<Setback[]> {
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({
    query: `WorkflowType = 'syncSource' and ExecutionStatus = 'Running'`,
  })) {
    if (ids.push(workflowId) === syncsMax) break;
  }
  const found: Setback[] = [];
  const rest = ids.filter((id) => id.startsWith(workflowIdPrefix)).values();
  const ask = async (): Promise<void> => {
    // One that ended since holds nothing up.
    for (const id of rest) found.push(...(await setbacksOf(client, id).catch(() => [])));
  };
  await Promise.all(Array.from({ length: asksAtOnce }, ask));
  return found.toSorted((one, other) => (one.source < other.source ? -1 : 1));
}
