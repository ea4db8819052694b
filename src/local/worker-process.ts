// The worker as a child process.
import type { EndStep } from './process-identity.js';
import { startReadyProcess } from './ready-process.js';
import type { ServerProcess } from './server-process.js';
import { heapFlags } from '../worker-memory.js';

/** It drains its activities for up to 30 s. */
export const workerEndSteps: readonly EndStep[] = [
  ['SIGTERM', 40_000],
  ['SIGKILL', 5_000],
];

/** It ends by itself when its parent is gone; whatever it was doing resumes elsewhere. */
export const orphanedWorkerEndSteps: readonly EndStep[] = [
  ['SIGTERM', 5_000],
  ['SIGKILL', 5_000],
];

/** Node's arguments for any worker, supervised or not. */
export function workerArguments(entry: string, memoryBytes: number): string[] {
  return [...heapFlags(memoryBytes), '--enable-source-maps', entry];
}

export interface WorkerOptions {
  readonly entry: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** TRIBUTARY_MEMORY; see worker-memory. */
  readonly memoryBytes: number;
  readonly onSpawn: (pid: number) => void;
}

/** Resolves when it polls. It must end when its channel closes. */
export async function startWorkerProcess(options: WorkerOptions): Promise<ServerProcess> {
  const { process: worker } = await startReadyProcess({
    ...options,
    name: 'worker',
    arguments: workerArguments(options.entry, options.memoryBytes),
    endSteps: workerEndSteps,
    orphanSteps: orphanedWorkerEndSteps,
  });
  return worker;
}
