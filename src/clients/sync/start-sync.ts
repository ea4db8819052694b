// Starts the sync of a source, or joins the one that runs: the workflow id is the mutex, so there is never a second.
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { workflowIdPrefix } from '../../domain/source-id.js';
import { limits } from '../../limits.js';
import type { syncSource } from '../../workflows/sync-source.js';
import type { SyncOrder } from './source-input.js';

export type SyncHandle = WorkflowHandle<typeof syncSource>;

export interface StartedSync {
  /** Of this run and what continues it. */
  readonly handle: SyncHandle;
  readonly runId: string;
  /** The first of its chain: what the ledger counts by. */
  readonly firstRunId: string;
  readonly startedAt: Date;
  /** It ran already; its options are those of its own start. */
  readonly attached: boolean;
}

/** A run may end between our start and our look; thrice in a row it did not. */
const triesMax = 3;

export async function startSync(client: Client, taskQueue: string, order: SyncOrder): Promise<StartedSync> {
  for (let tries = 1; ; tries++) {
    try {
      return await start(client, taskQueue, order);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const running = await findRunning(client, order.id);
      if (running !== undefined) return running;
      if (tries === triesMax) throw error;
    }
  }
}

async function start(client: Client, taskQueue: string, { id, type, origin, input }: SyncOrder): Promise<StartedSync> {
  const startedAt = new Date();
  const handle = await client.workflow.start<typeof syncSource>('syncSource', {
    workflowId: workflowIdPrefix + id,
    taskQueue,
    args: [input],
    staticSummary: `${type} ${origin}`.slice(0, limits.summaryCharsMax),
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    // Not USE_EXISTING: its answer does not tell whether this start or an earlier one was it.
    workflowIdConflictPolicy: 'FAIL',
  });
  const runId = handle.firstExecutionRunId;
  return { handle, runId, firstRunId: runId, startedAt, attached: false };
}

/** The sync of this source that runs now; undefined when none does. */
export async function findRunning(client: Client, source: string): Promise<StartedSync | undefined> {
  const workflowId = workflowIdPrefix + source;
  const described = await client.workflow.getHandle(workflowId).describe().catch(nothingIfUnknown);
  if (described?.status.name !== 'RUNNING') return undefined;
  const { runId, startTime, raw } = described;
  const firstRunId = raw.workflowExecutionInfo?.firstRunId || runId;
  const handle = client.workflow.getHandle<typeof syncSource>(workflowId, runId);
  return { handle, runId, firstRunId, startedAt: startTime, attached: true };
}

function nothingIfUnknown(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
