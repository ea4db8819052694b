// What holds up the syncs that run now, of all sources.
import type { Client } from '@temporalio/client';
import type { Config } from '../../config.js';
import { workflowIdPrefix } from '../../domain/workflow-id.js';
import { limits } from '../../limits.js';
import type { Stack } from '../../local/stack.js';
import { connectTemporal } from '../stack/connect.js';
import type { Setback } from './setback-text.js';
import { setbacksOf } from './setbacks.js';

/** Syncs that are asked about; each costs the server a read. */
const syncsMax = 1_000;
const asksAtOnce = 16;

/** Throws what Temporal's silence is told by. */
export async function allSetbacks(config: Config, stack: Stack): Promise<Setback[]> {
  const client = await connectTemporal(config, stack, limits.quickAnswerMs);
  try {
    return await client.withDeadline(Date.now() + 2 * limits.quickAnswerMs, () => ofRunning(client));
  } finally {
    await client.connection.close();
  }
}

async function ofRunning(client: Client): Promise<Setback[]> {
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
