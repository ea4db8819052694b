// postmaster.pid, PostgreSQL's own lock on a data directory: line 1 the pid, line 7 its shared memory, line 8 its state.
import { readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from './process-identity.js';
import type { ProcessIdentity } from './process-identity.js';

export function isReady(dataDirectory: string, pid: number): boolean {
  const lines = readLines(dataDirectory);
  return lines !== null && Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

/** The server that runs on this data directory; its working directory proves it (outside Linux, the file's word is taken). */
export function runningPostmaster(dataDirectory: string): ProcessIdentity | null {
  const lines = readLines(dataDirectory);
  const identity = lines === null ? null : identify(Number(lines[0]));
  return identity !== null && worksIn(identity.pid, dataDirectory) ? identity : null;
}

/**
 * After a crash the pid in the file may belong to somebody else by now, and PostgreSQL then refuses to start for ever. Deleting the
 * file would lose the shared memory key by which it notices surviving backends; a file naming our own pid keeps it, because
 * PostgreSQL takes its parent's pid for a stale one.
 */
export function disownStale(dataDirectory: string): void {
  const lines = readLines(dataDirectory);
  if (lines === null || identify(Number(lines[0])) === null || runningPostmaster(dataDirectory) !== null) return;
  writeFileSync(join(dataDirectory, 'postmaster.pid'), [String(process.pid), ...lines.slice(1)].join('\n'));
}

function readLines(dataDirectory: string): string[] | null {
  try {
    return readFileSync(join(dataDirectory, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return null;
  }
}

function worksIn(pid: number, dataDirectory: string): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDirectory);
  } catch {
    return false;
  }
}
