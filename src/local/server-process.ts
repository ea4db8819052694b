// One child process that writes to a log file and is ended by a list of signals.
import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { guardChild } from '../process-guard.js';
import { endProcess, identify } from './process-identity.js';
import type { EndStep } from './process-identity.js';

/** A log above this is moved to `<name>.1` at the next start, so logs of a stack that runs for years stay bounded per start. */
const LOG_BYTES_MAX = 10 * 1024 * 1024;
/** Read from the end of a log for an error message. */
const LOG_TAIL_BYTES = 2_000;

export interface ServerCommand {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly logFile: string;
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly account?: { readonly uid: number; readonly gid: number } | null;
  /** With an IPC channel. */
  readonly channel?: boolean;
  /** In a session of its own, so that it outlives us and our terminal. */
  readonly detached?: boolean;
  readonly endSteps: readonly EndStep[];
  /** When we are gone; `endSteps` where not given. */
  readonly orphanSteps?: readonly EndStep[];
  /** Called before anything is awaited, so that a record of the process exists from its first moment. */
  readonly onSpawn?: ((pid: number) => void) | undefined;
}

export interface ServerProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Resolves with how it ended, in words; never rejects. */
  readonly exited: Promise<string>;
  hasExited(): boolean;
  /** What it wrote to its log since it was started. */
  logSinceStart(): string;
  stop(): Promise<void>;
}

export async function startServerProcess(server: ServerCommand): Promise<ServerProcess> {
  const log = openLog(server.logFile);
  const child = spawnInto(server, log.descriptor);
  if (server.detached !== true) guardChild(child, { steps: server.orphanSteps ?? server.endSteps });
  closeSync(log.descriptor);
  let ended = false;
  const exited = endOf(child).then((how) => {
    ended = true;
    return how;
  });
  if (child.pid === undefined)
    throw new Error(`${server.name}: ${server.command} could not be started: ${await exited}`);
  server.onSpawn?.(child.pid);
  return {
    pid: child.pid,
    child,
    exited,
    hasExited: () => ended,
    logSinceStart: () => readFrom(server.logFile, log.size),
    stop: () => stopChild(child.pid as number, exited, server.endSteps),
  };
}

/** The end of a log file for an error message. */
export function logTail(text: string): string {
  return text.slice(-LOG_TAIL_BYTES).trim();
}

function spawnInto(server: ServerCommand, log: number): ChildProcess {
  const stdio: StdioOptions = server.channel ? ['ignore', log, log, 'ipc'] : ['ignore', log, log];
  return spawn(server.command, server.arguments, {
    cwd: server.directory,
    env: server.environment,
    stdio,
    detached: server.detached ?? false,
    ...(server.account ? { uid: server.account.uid, gid: server.account.gid } : {}),
  });
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
}

async function stopChild(pid: number, exited: Promise<string>, steps: readonly EndStep[]): Promise<void> {
  const identity = identify(pid);
  if (identity !== null) await endProcess(identity, steps);
  await exited;
}

function openLog(path: string): { descriptor: number; size: number } {
  const size = sizeOf(path);
  if (size > LOG_BYTES_MAX) renameSync(path, `${path}.1`);
  return { descriptor: openSync(path, 'a', 0o600), size: size > LOG_BYTES_MAX ? 0 : size };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Bounded by the end: a server that floods its log must not flood us. */
function readFrom(path: string, offset: number): string {
  const length = Math.min(sizeOf(path) - offset, 64 * 1024);
  if (length <= 0) return '';
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(length);
    const read = readSync(descriptor, bytes, 0, length, sizeOf(path) - length);
    return bytes.toString('utf8', 0, read);
  } finally {
    closeSync(descriptor);
  }
}
