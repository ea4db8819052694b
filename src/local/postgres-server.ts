// The embedded PostgreSQL: one server on one directory, reachable on 127.0.0.1 with a password only.
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { NeedsAttention } from '../domain/errors.js';
import { diskFull, freeBytes, startBytesMin, stopBytesMin } from './disk.js';
import { childEnvironment } from './environment.js';
import { openCluster, POSTGRES_NAME } from './postgres-cluster.js';
import type { Cluster } from './postgres-cluster.js';
import { disownStale, isReady, runningPostmaster } from './postmaster-file.js';
import type { EndStep } from './process-identity.js';
import { logTail, startServerProcess } from './server-process.js';
import type { ServerProcess } from './server-process.js';
import { until } from './until.js';

const MIB = 1024 * 1024;
/** Below this, shared_buffers are PostgreSQL's default: 512 MB would be an eighth of the machine or more. */
const ROOMY_MEMORY_BYTES = 4 * 1024 * MIB;
/** Crash recovery replays at most max_wal_size (1 GB): a minute or more on a slow disk, and its end is worth waiting for. */
const READY_MS_MAX = 5 * 60_000;
/** Backends of a killed server notice within a second or at the end of their statement (statement_timeout 10 s), and hold its memory until then. */
const ORPHANS_MS_MAX = 20_000;
const ORPHANS_RETRY_MS = 100;
/** How often its disk is looked at; see stopBytesMin. */
const DISK_LOOK_MS = 500;

/** Fast shutdown writes a checkpoint; immediate shutdown and kill leave recovery to the next start. */
export const postgresEndSteps: readonly EndStep[] = [
  ['SIGINT', 30_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
];

export interface PostgresOptions {
  /** Ours alone: holds the password and, where it can, the data. */
  readonly directory: string;
  readonly port: number;
  readonly logFile: string;
  /** Server settings on top of ours. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly onSpawn?: (pid: number) => void;
  /** For tests: instead of asking the file system. */
  readonly freeBytes?: (path: string) => number | null;
}

export interface PostgresServer {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Where the data lies: below `directory`, or elsewhere if the account that runs PostgreSQL cannot get there. */
  readonly dataDirectory: string;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** Starts PostgreSQL on the directory (made on first use) and resolves when it answers. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const free = options.freeBytes ?? freeBytes;
  refuseFull(options.directory, free(options.directory));
  const cluster = await openCluster(options.directory);
  refuseFull(cluster.dataDirectory, free(cluster.dataDirectory));
  refuseSecond(cluster);
  disownStale(cluster.dataDirectory);
  const server = await startPastOrphans(cluster, options);
  stopBeforeFull(server, () => free(cluster.dataDirectory));
  return {
    url: `postgresql://${POSTGRES_NAME}:${cluster.password}@127.0.0.1:${options.port}/${POSTGRES_NAME}`,
    port: options.port,
    pid: server.pid,
    dataDirectory: cluster.dataDirectory,
    exited: server.exited,
    stop: () => server.stop(),
  };
}

function refuseFull(directory: string, free: number | null): void {
  if (free !== null && free < startBytesMin)
    throw diskFull(directory, 'PostgreSQL is not started until there is room', free);
}

/** Its panic would lose nothing either, but takes minutes of recovery, which a full disk cannot end. */
function stopBeforeFull(server: ServerProcess, free: () => number | null): void {
  const look = setInterval(() => {
    if ((free() ?? stopBytesMin) >= stopBytesMin) return;
    clearInterval(look);
    server.stop().catch(() => undefined);
  }, DISK_LOOK_MS);
  look.unref();
  void server.exited.then(() => clearInterval(look));
}

function refuseSecond(cluster: Cluster): void {
  const running = runningPostmaster(cluster.dataDirectory);
  if (running === null) return;
  throw new NeedsAttention(
    'postgres_running',
    `a PostgreSQL server (pid ${running.pid}) already runs on ${cluster.dataDirectory}: stop it first.`,
  );
}

async function startPastOrphans(cluster: Cluster, options: PostgresOptions): Promise<ServerProcess> {
  const end = performance.now() + ORPHANS_MS_MAX;
  for (;;) {
    const server = await startServerProcess(command(cluster, options));
    const state = await until(() => stateOf(cluster, server), READY_MS_MAX);
    if (state === 'ready') return server;
    const log = server.logSinceStart();
    if (state === null) await server.stop();
    // PostgreSQL's words for backends of a dead server that still hold its shared memory.
    if (!log.includes('pre-existing shared memory block') || performance.now() > end)
      throw notStarted(options, await server.exited, log);
    await until(() => false, ORPHANS_RETRY_MS);
  }
}

function stateOf(cluster: Cluster, server: ServerProcess): 'ready' | 'exited' | null {
  if (server.hasExited()) return 'exited';
  return isReady(cluster.dataDirectory, server.pid) ? 'ready' : null;
}

function command(cluster: Cluster, options: PostgresOptions): Parameters<typeof startServerProcess>[0] {
  const settings = Object.entries({ ...ownSettings(), ...options.settings, port: String(options.port) });
  return {
    name: 'PostgreSQL',
    command: join(cluster.binaries, 'postgres'),
    arguments: ['-D', cluster.dataDirectory, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    logFile: options.logFile,
    directory: '/',
    environment: childEnvironment({ LC_ALL: 'C' }),
    account: cluster.account,
    endSteps: postgresEndSteps,
    onSpawn: options.onSpawn,
  };
}

/**
 * Measured for bulk ingestion: no compression of full-page images, and as few checkpoints as leave a recovery of seconds after a
 * kill (docs/decisions/0006-checkpoints.md). Durability settings stay on.
 */
export function ownSettings(): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: memoryBytes() < ROOMY_MEMORY_BYTES ? '128MB' : '512MB',
    max_wal_size: '1GB',
    checkpoint_timeout: '5min',
    checkpoint_completion_target: '0.9',
    wal_compression: 'off',
  };
}

/** A container's limit counts, not the machine's memory. */
function memoryBytes(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

function notStarted(options: PostgresOptions, how: string, log: string): NeedsAttention {
  return new NeedsAttention(
    'postgres_start',
    `PostgreSQL did not start on port ${options.port} (${how}). Its log, ${options.logFile}, ends: ${logTail(log)}`,
  );
}
