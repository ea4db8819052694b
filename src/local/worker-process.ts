// The worker as a child process that says over its channel when it works.
import type { ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { InvalidInput, NeedsAttention } from '../domain/errors.js';
import { exitCodes } from '../domain/exit-codes.js';
import type { EndStep } from './process-identity.js';
import { logTail, startServerProcess } from './server-process.js';
import type { ServerProcess } from './server-process.js';
import { until } from './until.js';
import { heapFlags } from '../worker-memory.js';

/** Loads in a second; migrations of a large database before the first poll take longer. */
const READY_MS_MAX = 5 * 60_000;

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

/** Starts the worker and resolves when it has sent {type: 'ready'}. It must end when its channel closes. */
export async function startWorkerProcess(options: WorkerOptions): Promise<ServerProcess> {
  const worker = await startServerProcess({
    name: 'worker',
    command: process.execPath,
    arguments: workerArguments(options.entry, options.memoryBytes),
    logFile: options.logFile,
    directory: dirname(options.logFile),
    environment: options.environment,
    channel: true,
    endSteps: workerEndSteps,
    orphanSteps: orphanedWorkerEndSteps,
    onSpawn: options.onSpawn,
  });
  const isReady = readiness(worker.child);
  const state = await until(() => (worker.hasExited() ? 'exited' : isReady() && 'ready'), READY_MS_MAX);
  if (state === 'ready') return worker;
  if (state === null) await worker.stop();
  if (worker.child.exitCode === exitCodes.wrongUse)
    throw new InvalidInput('environment', `the worker does not start with it: ${lastLine(worker.logSinceStart())}`);
  throw new NeedsAttention(
    'worker_start',
    `the worker did not start (${await worker.exited}). Its log, ${options.logFile}, ends: ${logTail(worker.logSinceStart())}`,
  );
}

function readiness(child: ChildProcess): () => boolean {
  let ready = false;
  child.on('message', (message: { type?: unknown } | null) => {
    if (message?.type === 'ready') ready = true;
  });
  return () => ready;
}

/** The one in which it said why. */
function lastLine(log: string): string {
  const [line = 'it says nothing'] = log.trim().split('\n').slice(-1);
  return line.replace(/^error: /, '');
}
