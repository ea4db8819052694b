// A pid alone proves nothing: it is given to another process after a crash or a reboot. Pid and start time together do.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { EndStep } from '../process-guard.js';
import { until } from './until.js';

export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

export type { EndStep } from '../process-guard.js';

/** The running process with this pid; null if there is none or only its exit status is left (a zombie). */
export function identify(pid: number): ProcessIdentity | null {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch {
    return null;
  }
}

export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/** Ends exactly this process; false if it was already gone. */
export async function endProcess(identity: ProcessIdentity, steps: readonly EndStep[]): Promise<boolean> {
  if (!isRunning(identity)) return false;
  for (const [signal, waitMs] of steps) {
    sendSignal(identity, signal);
    if (await until(() => !isRunning(identity), waitMs)) return true;
  }
  throw new Error(
    `process ${identity.pid} did not end after ${steps.map(([signal]) => signal).join(', ')}: end it by hand, then try again`,
  );
}

export function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function fromProc(pid: number): ProcessIdentity | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The command name stands in parentheses and may hold spaces and parentheses; after it, state is field 3 and start time field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'X' || (fields[0] === 'Z' && threadsOf(pid) <= 1)) return null;
  return { pid, startedAt: `${bootId()}:${fields[19]}` };
}

/** A zombie with other threads still holds its ports, files and locks: they are the threads' too. */
function threadsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).length;
}

/** Start times count from boot, so two boots of one machine can give the same pid the same time. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return 'unknown';
  }
}

function fromPs(pid: number): ProcessIdentity | null {
  const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
    encoding: 'latin1',
    timeout: 5_000,
  }).trim();
  if (line === '' || line.startsWith('Z')) return null;
  return { pid, startedAt: line.replace(/^\S+\s+/, '') };
}
