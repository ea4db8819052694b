// The Temporal development server of the official CLI, with the settings of design §8.
import { basename, dirname } from 'node:path';
import { NeedsAttention } from '../domain/errors.js';
import { childEnvironment } from './environment.js';
import type { EndStep } from './process-identity.js';
import { logTail, startServerProcess } from './server-process.js';
import type { ServerProcess } from './server-process.js';
import { servesNamespace } from './temporal-health.js';
import { until } from './until.js';

export const TEMPORAL_NAMESPACE = 'default';
/** Starts in 0.8 s on two idle cores; a large file or a busy machine takes longer. */
const READY_MS_MAX = 60_000;
/** A server that cannot bind its port ends well within this. */
const BIND_MS_MAX = 5_000;

/** It drains for a second; SQLite in WAL mode loses nothing by a kill. */
export const temporalEndSteps: readonly EndStep[] = [
  ['SIGTERM', 5_000],
  ['SIGKILL', 5_000],
];

const SEARCH_ATTRIBUTES = [
  'TributarySource=Keyword',
  'TributarySourceType=Keyword',
  'TributaryState=Keyword',
  'TributaryEvents=Int',
  'TributaryProgress=Keyword',
];
const SQLITE_PRAGMAS = ['journal_mode=WAL', 'synchronous=NORMAL'];
/** Without the first three a hop waits 50 ms and a 10 ms timer takes a second; the eager settings save two hops a workflow task. */
export const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=5000',
  'history.timerProcessorMaxTimeShift="50ms"',
  'history.timerProcessorMaxPollRPS=1000',
  'system.enableActivityEagerExecution=true',
  'system.enableEagerWorkflowStart=true',
];

export interface TemporalOptions {
  /** The `temporal` program, from findTemporalCli. */
  readonly cli: string;
  /** SQLite file; without one everything is in memory and lost at the end. */
  readonly databaseFile?: string;
  readonly port: number;
  readonly uiPort: number;
  readonly logFile: string;
  readonly headless?: boolean;
  readonly onSpawn?: (pid: number) => void;
}

export interface TemporalServer {
  readonly address: string;
  readonly uiUrl: string | null;
  readonly pid: number;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** Starts the server and resolves when it serves the default namespace. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const address = `127.0.0.1:${options.port}`;
  const server = await startServerProcess({
    name: 'Temporal',
    command: options.cli,
    arguments: flags(options),
    logFile: options.logFile,
    // Where its database lies: named below by its last part alone.
    directory: dirname(options.databaseFile ?? options.logFile),
    environment: childEnvironment({}),
    endSteps: temporalEndSteps,
    onSpawn: options.onSpawn,
  });
  await serving(server, address, options);
  const uiUrl = options.headless ? null : `http://127.0.0.1:${options.uiPort}`;
  return { address, uiUrl, pid: server.pid, exited: server.exited, stop: () => server.stop() };
}

async function serving(server: ServerProcess, address: string, options: TemporalOptions): Promise<void> {
  const started = performance.now();
  const isOurs = (): boolean => saysItListens(server, options.port) || performance.now() - started > BIND_MS_MAX;
  const state = await until(async () => {
    if (server.hasExited()) return 'exited';
    return isOurs() && (await servesNamespace(address, TEMPORAL_NAMESPACE)) ? 'serving' : null;
  }, READY_MS_MAX);
  if (state === 'serving') return;
  if (state === null) await server.stop();
  const how = state === null ? `no answer for ${READY_MS_MAX / 1_000} s` : await server.exited;
  throw new NeedsAttention(
    'temporal_start',
    `Temporal did not start on port ${options.port} (${how}). Its log, ${options.logFile}, ends: ${logTail(server.logSinceStart())}`,
  );
}

/**
 * If the port is taken, our server ends and another one may answer. Ours prints "Server: host:port" once it listens; a CLI that
 * words it otherwise is believed when it has outlived the time a failed start takes.
 */
function saysItListens(server: ServerProcess, port: number): boolean {
  return new RegExp(`Server:\\s+\\S+:${port}\\b`).test(server.logSinceStart());
}

function flags(options: TemporalOptions): string[] {
  const file = options.databaseFile;
  return [
    'server',
    'start-dev',
    '--ip',
    '127.0.0.1',
    '--port',
    String(options.port),
    '--log-level',
    'error',
    ...(options.headless ? ['--headless'] : ['--ui-port', String(options.uiPort)]),
    ...SEARCH_ATTRIBUTES.flatMap((attribute) => ['--search-attribute', attribute]),
    ...DYNAMIC_CONFIG.flatMap((value) => ['--dynamic-config-value', value]),
    // SQLite takes it as a URI, in which '?', '#' and '%41' of a directory's name mean something else.
    ...(file === undefined
      ? []
      : ['--db-filename', basename(file), ...SQLITE_PRAGMAS.flatMap((pragma) => ['--sqlite-pragma', pragma])]),
  ];
}
