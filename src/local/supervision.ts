// The life of one stack: orphans ended, parts started and kept running, the record written, everything stopped in order.
import type { Config } from '../config.js';
import { isEngineError } from '../domain/errors.js';
import { diskFullText, isDiskFull } from './disk.js';
import { endOrphans } from './orphans.js';
import { doorPart, postgresPart, temporalPart, workerPart } from './parts.js';
import type { Endpoints, PreferredPorts, StartPart } from './parts.js';
import { postgresEndSteps } from './postgres-server.js';
import { identify } from './process-identity.js';
import type { EndStep, ProcessIdentity } from './process-identity.js';
import { readRecord, removeRecord, writeRecord } from './stack-record.js';
import type { PartName, Stack, StackRecord, Trouble } from './stack-record.js';
import { supervise } from './supervised.js';
import type { Supervised } from './supervised.js';
import { TEMPORAL_NAMESPACE, temporalEndSteps } from './temporal-server.js';
import { doorEndSteps } from './door-process.js';
import { workerEndSteps } from './worker-process.js';

export interface StackOrder {
  readonly config: Config;
  readonly workerEntry: string;
  readonly doorEntry: string;
  readonly ports: PreferredPorts;
}

export interface Supervision {
  start(): Promise<void>;
  /** Front door, worker, Temporal, PostgreSQL, each when the one before has ended. */
  stop(): Promise<void>;
  /** Stops what runs and leaves the reason in the record. */
  fail(error: unknown): Promise<void>;
  /** False once stack.json is gone or another supervisor's: somebody deleted the home. */
  ownsHome(): boolean;
}

const endStepsOf: Record<PartName, readonly EndStep[]> = {
  door: doorEndSteps,
  worker: workerEndSteps,
  temporal: temporalEndSteps,
  postgres: postgresEndSteps,
};

export function supervision(order: StackOrder, log: (line: string) => void): Supervision {
  const { config } = order;
  const self = identify(process.pid) as ProcessIdentity;
  const parts = new Map<PartName, Supervised>();
  const found: Endpoints = {};
  let stopping = false;
  let record: StackRecord = {
    state: 'starting',
    supervisor: self,
    progress: [],
    failure: null,
    troubles: {},
    ends: {},
    processes: {},
    stack: null,
  };

  const update = (change: Partial<StackRecord>): void => {
    record = { ...record, ...change };
    try {
      writeRecord(config.home, record);
    } catch (error) {
      // What runs goes on running, and its next change is written when there is room.
      if (!isDiskFull(error)) throw error;
      log(`not written down: ${diskFullText(config.home, 'what runs is not noted')}`);
    }
  };
  const progress = (line: string): void => {
    log(line);
    update({ progress: [...record.progress, line] });
  };
  const run = (name: PartName, start: StartPart): Promise<void> => {
    if (stopping) throw new Error('told to stop while starting');
    const onSpawn = (identity: ProcessIdentity): void =>
      update({ processes: { ...record.processes, [name]: identity } });
    const onTrouble = (error: Error | null): void => {
      const { [name]: _, ...others } = record.troubles;
      update({ troubles: error === null ? others : { ...others, [name]: failureOf(error) } });
    };
    const onEnd = (how: string): void => {
      const times = (record.ends[name]?.times ?? 0) + 1;
      update({ ends: { ...record.ends, [name]: { times, at: new Date().toISOString(), how } } });
    };
    const part = supervise({ name, start, log, onSpawn, onTrouble, onEnd, endSteps: endStepsOf[name] });
    parts.set(name, part);
    return part.started;
  };

  const stopParts = async (): Promise<void> => {
    stopping = true;
    for (const name of ['door', 'worker', 'temporal', 'postgres'] as const) await parts.get(name)?.stop();
  };

  return {
    start: async () => {
      const orphans = await endOrphans(config.home);
      if (orphans > 0) log(`ended ${orphans} processes that a killed supervisor had left`);
      update({});
      await Promise.all(serversOf(order, found, progress).map(([name, start]) => run(name, start)));
      progress('starting the worker and the front door');
      await Promise.all([
        run('worker', workerPart(config, order.workerEntry, found)),
        run('door', doorPart(config, order.doorEntry, order.ports.door, found)),
      ]);
      if (!stopping) update({ state: 'ready', stack: stackOf(found) });
      log('ready');
    },
    stop: async () => {
      if (ownsHome(config.home, self)) update({ state: 'stopping' });
      await stopParts();
      if (ownsHome(config.home, self)) removeRecord(config.home);
    },
    fail: async (error) => {
      log(`failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      await stopParts();
      update({ state: 'failed', processes: {}, failure: failureOf(error) });
    },
    ownsHome: () => ownsHome(config.home, self),
  };
}

function ownsHome(home: string, self: ProcessIdentity): boolean {
  const named = readRecord(home)?.supervisor;
  return named?.pid === self.pid && named.startedAt === self.startedAt;
}

function serversOf(
  { config, ports }: StackOrder,
  found: Endpoints,
  progress: (line: string) => void,
): [PartName, StartPart][] {
  progress(`starting Temporal and PostgreSQL in ${config.home}`);
  return [
    ['temporal', temporalPart(config, ports, found, progress)],
    ['postgres', postgresPart(config.home, ports.postgres, found)],
  ];
}

/** When both servers have started. */
function stackOf({ databaseUrl, temporalAddress, temporalUi, temporalCli, frontDoor }: Endpoints): Stack {
  return {
    databaseUrl: databaseUrl!,
    temporalAddress: temporalAddress!,
    temporalNamespace: TEMPORAL_NAMESPACE,
    temporalUi: temporalUi ?? null,
    temporalCli: temporalCli ?? null,
    frontDoor: frontDoor ?? null,
    managed: 'all',
  };
}

function failureOf(error: unknown): Trouble {
  const message = error instanceof Error ? error.message : String(error);
  if (!isEngineError(error)) return { code: 'stack_start', message };
  return { code: error.code, message, ...(error.next === 'refuse' ? { field: error.field } : {}) };
}
