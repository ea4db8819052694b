// Tells the sync of a source that its origin has something new: one that runs looks again before it ends, else one starts.
// One request, so that none can end in between.
import type { Client } from '@temporalio/client';
import { workflowIdPrefix } from '../../domain/source-id.js';
import type { syncSource } from '../../workflows/sync-source.js';

export async function pollSync(client: Client, taskQueue: string, source: string): Promise<void> {
  await client.workflow.signalWithStart<typeof syncSource, []>('syncSource', {
    workflowId: workflowIdPrefix + source,
    taskQueue,
    args: [{ sourceId: source }],
    staticSummary: `${source}, after a commit`,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    signal: 'poll',
  });
}
