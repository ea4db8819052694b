// A worker inside the test process, on a task queue and a database of its own, and a client to run syncs with.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Client,
  Connection,
  type WorkflowFailedError,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { inject } from 'vitest';
import type { SyncInput } from '../../src/domain/sync-input.js';
import type { SyncResult } from '../../src/domain/sync-result.js';
import { startWorker, type RunningWorker, type WorkerParts } from '../../src/workers/worker.js';
import type { syncSource } from '../../src/workflows/sync-source.js';
import type { TestDatabase } from './database.js';

// Every retry that a test provokes is a warning; what must not happen is asserted, not logged.
// Once a process: test files share one.
if (Runtime._instance === undefined)
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'off' } } });

export type SyncHandle = WorkflowHandleWithFirstExecutionRunId<typeof syncSource>;

export interface TestClient {
  readonly client: Client;
  readonly taskQueue: string;
  /** Starts `sync/<source id>`, or the workflow id given. */
  start(input: SyncInput, workflowId?: string): Promise<SyncHandle>;
  /** Starts it and awaits its result. */
  sync(input: SyncInput, workflowId?: string): Promise<SyncResult>;
  close(): Promise<void>;
}

export interface TestWorker extends TestClient {
  /** Under which sources keep their directories. */
  readonly home: string;
  /** Ends the worker as SIGTERM does. */
  stop(): Promise<void>;
}

/** One Temporal serves all test files, and `sync/<source id>` is a lock over all of them: each test names its own source. */
export function uniqueSource(name: string): string {
  return `${name}-${randomBytes(4).toString('hex')}`;
}

export function uniqueQueue(name: string): string {
  return `test-${name}-${randomBytes(4).toString('hex')}`;
}

export async function testClient(taskQueue: string, address: string = inject('temporalAddress')): Promise<TestClient> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const start: TestClient['start'] = (input, workflowId = workflowIdOf(input)) =>
    client.workflow.start<typeof syncSource>('syncSource', { workflowId, taskQueue, args: [input] });
  return {
    client,
    taskQueue,
    start,
    sync: async (input, workflowId) => (await start(input, workflowId)).result(),
    close: () => connection.close(),
  };
}

export type TestWorkerOptions = Partial<Omit<WorkerParts, 'pool' | 'home'>>;

export async function testWorker(database: TestDatabase, options: TestWorkerOptions = {}): Promise<TestWorker> {
  const taskQueue = options.taskQueue ?? uniqueQueue('worker');
  const temporalAddress = options.temporalAddress ?? inject('temporalAddress');
  const home = mkdtempSync(join(tmpdir(), 'tributary-home-'));
  const client = await testClient(taskQueue, temporalAddress);
  const worker = await startWorker({
    namespace: 'default',
    recentHashesMax: 5_000,
    ...options,
    temporalAddress,
    taskQueue,
    pool: database.workerPool,
    home,
  });
  return { ...client, home, stop: () => stop(worker, client, home) };
}

async function stop(worker: RunningWorker, client: TestClient, home: string): Promise<void> {
  worker.shutdown();
  await worker.finished;
  await client.close();
  rmSync(home, { recursive: true, force: true });
}

export interface Ended {
  /** Or, of a sync that failed, the type of its failure. */
  readonly outcome: string;
  readonly message: string;
}

/** How a sync ended, also when it failed. */
export function ended(sync: Promise<SyncResult>): Promise<Ended> {
  return sync.then(
    ({ outcome }) => ({ outcome, message: '' }),
    (error: unknown) => {
      const cause = (error as WorkflowFailedError).cause as { type?: string; message: string };
      return { outcome: cause.type ?? 'unknown', message: cause.message };
    },
  );
}

function workflowIdOf(input: SyncInput): string {
  const id = 'sourceId' in input ? input.sourceId : input.source.id;
  if (id === undefined) throw new Error('a test names its source, or the workflow id');
  return `sync/${id}`;
}
