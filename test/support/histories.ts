// Histories of workflows, as Temporal keeps them.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { inject } from 'vitest';
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
    const bytes = temporal.api.history.v1.History.encode(history as temporal.api.history.v1.IHistory).finish()
      .byteLength;
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

/** As Temporal's own tools write it to a file. */
export interface ShownHistory {
  readonly events: readonly { readonly activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[];
}

/** By the CLI: the SDK's historyToJSON (1.24) fails on its own second copy of protobufjs. */
export async function shownHistory(workflowId: string, runId?: string): Promise<ShownHistory> {
  const run = runId === undefined ? [] : ['--run-id', runId];
  const show = [
    'workflow',
    'show',
    '--address',
    inject('temporalAddress'),
    '--workflow-id',
    workflowId,
    ...run,
    '--output',
    'json',
  ];
  const { stdout } = await promisify(execFile)(inject('temporalCli'), show, { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as ShownHistory;
}

/** What the SDK replays. Its own historyFromJSON fails as historyToJSON does, and fromObject knows no proto3 times. */
export function historyOf(shown: ShownHistory): temporal.api.history.v1.History {
  const plain = JSON.parse(JSON.stringify(shown), (_key, value: unknown) =>
    typeof value === 'string' ? timeOf(value) : value,
  ) as object;
  return temporal.api.history.v1.History.fromObject(plain);
}

function timeOf(text: string): string | { seconds: number; nanos: number } {
  const duration = /^(\d+)(?:\.(\d{1,9}))?s$/.exec(text);
  const moment = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text);
  const [, whole, fraction = ''] = duration ?? moment ?? [];
  if (whole === undefined) return text;
  const seconds = duration === null ? Date.parse(`${whole}Z`) / 1_000 : Number(whole);
  return { seconds, nanos: Number(fraction.padEnd(9, '0')) };
}
