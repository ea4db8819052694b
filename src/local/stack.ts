// Starts, finds and stops the embedded stack of a home. The processes belong to a detached supervisor, not to the command that
// happened to need them first.
import { existsSync } from 'node:fs';
import type { Config } from '../config.js';
import { InvalidInput, NeedsAttention, Transient, type EngineError } from '../domain/errors.js';
import { builtFile } from './built.js';
import { diskFullText, freeBytes, stopBytesMin } from './disk.js';
import { childEnvironment } from './environment.js';
import { externalStack, usesOwnServers } from './external-stack.js';
import { DOOR_PORT, POSTGRES_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT } from './free-port.js';
import { homePaths, prepareHome, refuseUnreadable } from './home.js';
import { lockHome } from './home-lock.js';
import { endOrphans } from './orphans.js';
import type { PreferredPorts } from './parts.js';
import { endProcess, isRunning } from './process-identity.js';
import type { EndStep, ProcessIdentity } from './process-identity.js';
import { startServerProcess } from './server-process.js';
import type { ServerProcess } from './server-process.js';
import { readRecord, removeRecord } from './stack-record.js';
import type { Ends, PartName, Stack, StackRecord, Trouble } from './stack-record.js';
import type { StackOrder } from './supervision.js';
import { namedCli } from './temporal-cli.js';
import { until } from './until.js';

export type { Stack } from './stack-record.js';

/** Building the Temporal CLI (at most 20 min), then starting. */
const START_MS_MAX = 25 * 60_000;
/** A supervisor may find the home locked by one that is just ending; more than once is a coincidence, thrice a fault. */
const SUPERVISORS_MAX = 3;
/** Front door 25 s, worker 40 s, Temporal 5 s, PostgreSQL 30 s, and room. */
const stopSteps: readonly EndStep[] = [
  ['SIGTERM', 115_000],
  ['SIGKILL', 5_000],
];

export interface StackOptions {
  readonly onProgress: (line: string) => void;
  readonly workerEntry?: string;
  readonly doorEntry?: string;
  readonly ports?: PreferredPorts;
}

export interface PartStatus {
  readonly name: PartName;
  readonly pid: number;
  readonly running: boolean;
  /** Null: it never ended without being told to. */
  readonly ends: Ends | null;
}

export interface StackStatus {
  /** `crashed`: the supervisor was killed; the next ensureStack or stopStack cleans up. `external`: nothing is embedded. */
  readonly state: 'external' | 'stopped' | 'starting' | 'ready' | 'stopping' | 'failed' | 'crashed';
  readonly stack: Stack | null;
  readonly supervisorPid: number | null;
  readonly processes: readonly PartStatus[];
  /** Why the last start failed, or a part that ended does not start again yet. */
  readonly problem: string | null;
}

/** The stack of the configuration, started if it does not run. Any number of commands may call this at once: they share one. */
export async function ensureStack(config: Config, options: StackOptions): Promise<Stack> {
  const record = recordOf(config);
  const running = readyStack(record);
  if (usesOwnServers(config, running)) return externalStack(config);
  if (running !== null) {
    const trouble = troubleOf(config.home, record!);
    if (trouble?.code === 'disk_full') throw new NeedsAttention(trouble.code, trouble.message);
    return running;
  }
  await namedCli(config);
  prepareHome(config.home);
  return startAndWait(config, options);
}

/** Null also where no home is needed: with servers of one's own it may be anything. */
function recordOf(config: Config): StackRecord | null {
  if (config.databaseUrl !== undefined) return null;
  refuseUnreadable(config.home);
  return readRecord(config.home);
}

export async function stackStatus(config: Config): Promise<StackStatus> {
  const record = recordOf(config);
  if (usesOwnServers(config, readyStack(record))) {
    return { state: 'external', stack: await externalStack(config), supervisorPid: null, processes: [], problem: null };
  }
  if (record === null) return { state: 'stopped', stack: null, supervisorPid: null, processes: [], problem: null };
  const supervised = isRunning(record.supervisor);
  return {
    state: supervised || record.state === 'failed' ? record.state : 'crashed',
    stack: readyStack(record),
    supervisorPid: supervised ? record.supervisor.pid : null,
    processes: Object.entries(record.processes).map(([name, part]) => ({
      name: name as PartName,
      pid: part.pid,
      running: isRunning(part),
      ends: record.ends[name as PartName] ?? null,
    })),
    problem: record.failure?.message ?? (supervised ? (troubleOf(config.home, record)?.message ?? null) : null),
  };
}

/** Stops the stack of this home, also one whose supervisor was killed; false if nothing ran. */
export async function stopStack(config: Config): Promise<boolean> {
  refuseUnreadable(config.home);
  if (!existsSync(config.home)) return false;
  const record = readRecord(config.home);
  const stopped = record !== null && (await endProcess(record.supervisor, stopSteps));
  const lock = await lockHome(config.home);
  // Somebody started it anew in the meantime, and that one is not ours to stop.
  if (lock === null) return stopped;
  const orphans = await endOrphans(config.home);
  removeRecord(config.home);
  await lock.release();
  return stopped || orphans > 0;
}

function readyStack(record: StackRecord | null): Stack | null {
  return record?.state === 'ready' && isRunning(record.supervisor) ? record.stack : null;
}

/** Why a part does not run again yet. A disk that is quite full takes no record of it either. */
function troubleOf(home: string, { troubles, processes }: StackRecord): Trouble | null {
  const [noted] = Object.values(troubles);
  if (noted !== undefined) return noted;
  const down = Object.values(processes).some((part) => !isRunning(part));
  const free = down ? freeBytes(home) : null;
  return free === null || free >= stopBytesMin
    ? null
    : { code: 'disk_full', message: diskFullText(home, 'what ended there is not started until there is room', free) };
}

async function startAndWait(config: Config, options: StackOptions): Promise<Stack> {
  const before = readRecord(config.home);
  const order = orderOf(config, options);
  const report = reporter(options.onProgress);
  let supervisor: ServerProcess | null = null;
  let tries = 0;
  let starting: ProcessIdentity | undefined;
  const found = await until(async () => {
    const record = readRecord(config.home);
    report(record);
    const stack = readyStack(record);
    if (stack !== null) return stack;
    if (record?.state === 'starting') starting = record.supervisor;
    if (record?.state === 'stopping' && same(record.supervisor, starting)) throw stopped(config.home);
    if (record?.state === 'failed' && !same(record.supervisor, before?.supervisor)) throw failed(record);
    if (supervised(record) || supervisor?.hasExited() === false) return null;
    if (tries === SUPERVISORS_MAX) throw lost(config.home, supervisor);
    supervisor = await spawnSupervisor(order);
    tries += 1;
    return null;
  }, START_MS_MAX);
  if (found === null) throw lost(config.home, supervisor);
  return found;
}

function orderOf(config: Config, options: StackOptions): StackOrder {
  return {
    config,
    workerEntry: options.workerEntry ?? builtFile('workers/main.js'),
    doorEntry: options.doorEntry ?? builtFile('server/main.js'),
    ports: options.ports ?? usualPorts,
  };
}

const usualPorts: PreferredPorts = {
  postgres: POSTGRES_PORT,
  temporal: TEMPORAL_PORT,
  temporalUi: TEMPORAL_UI_PORT,
  door: DOOR_PORT,
};

async function spawnSupervisor(order: StackOrder): Promise<ServerProcess> {
  const entry = builtFile('local/supervisor.js');
  if (!existsSync(entry))
    throw new NeedsAttention('not_built', `${entry} does not exist: run \`npm run build\` first.`);
  const supervisor = await startServerProcess({
    name: 'supervisor',
    command: process.execPath,
    arguments: ['--enable-source-maps', entry],
    logFile: homePaths(order.config.home).supervisorLog,
    directory: order.config.home,
    environment: childEnvironment({}),
    channel: true,
    detached: true,
    endSteps: stopSteps,
  });
  const { child } = supervisor;
  // The supervisor closes the channel when it has its order. One that ends before shows by its exit.
  child.on('error', () => undefined);
  child.send(order, () => undefined);
  child.unref();
  child.channel?.unref();
  return supervisor;
}

/** Passes on the lines of one supervisor that were not passed on yet. */
function reporter(onProgress: (line: string) => void): (record: StackRecord | null) => void {
  let of: ProcessIdentity | undefined;
  let told = 0;
  return (record) => {
    if (record === null || !isRunning(record.supervisor)) return;
    if (!same(of, record.supervisor)) told = 0;
    of = record.supervisor;
    for (const line of record.progress.slice(told)) onProgress(line);
    told = record.progress.length;
  };
}

function supervised(record: StackRecord | null): boolean {
  return record !== null && record.state !== 'failed' && isRunning(record.supervisor);
}

function same(one: ProcessIdentity | undefined, other: ProcessIdentity | undefined): boolean {
  return one?.pid === other?.pid && one?.startedAt === other?.startedAt;
}

/** The class by the code that was written down: what is wrong use here was wrong use there. Anything else may be tried again. */
function failed({ failure }: StackRecord): EngineError {
  const { code = 'stack_start', message = 'the stack did not start', field = 'environment' } = failure ?? {};
  if (code === 'invalid_input') return new InvalidInput(field, message.replace(`${field}: `, ''));
  return code === 'disk_full' ? new NeedsAttention(code, message) : new Transient(code, message);
}

function stopped(home: string): Transient {
  return new Transient(
    'stack_stopped',
    `the stack in ${home} was told to stop while it started (\`tributary down\`): start it again if that was not meant.`,
  );
}

function lost(home: string, supervisor: ServerProcess | null): Transient {
  const log = supervisor?.logSinceStart().trim().slice(-1_000) ?? '';
  return new Transient(
    'stack_start',
    `the stack in ${home} did not start. ${homePaths(home).supervisorLog} ends: ${log}`,
  );
}
