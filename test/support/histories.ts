// Histories of workflows, as Temporal keeps them.
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { SyncHandle } from './temporal.js';

export type History = Awaited<ReturnType<SyncHandle['fetchHistory']>>;

export interface ChainRun {
  readonly runId: string;
  readonly events: number;
  readonly bytes: number;
  readonly history: History;
}

/** All runs of a workflow, over continue-as-new, first to last. */
export async function chainOf(client: Client, { workflowId, firstExecutionRunId }: SyncHandle): Promise<ChainRun[]> {
  const chain: ChainRun[] = [];
  let runId: string | undefined = firstExecutionRunId;
  while (runId !== undefined && runId !== '') {
    const history: History = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const bytes = temporal.api.history.v1.History.encode(history as temporal.api.history.v1.IHistory).finish().byteLength;
    chain.push({ runId, events: history.events?.length ?? 0, bytes, history });
    runId = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? undefined;
  }
  return chain;
}

/** Every payload of it, decoded from nothing but its bytes. */
export function payloadsOf(history: History): Buffer[] {
  const found: Buffer[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
    if ('data' in value && value.data instanceof Uint8Array) found.push(Buffer.from(value.data));
    for (const item of Object.values(value)) walk(item);
  };
  walk(history.events);
  return found;
}
