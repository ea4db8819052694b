// What a bench runs on: its own Postgres, Temporal and worker process, in a temporary directory, set as the product sets
// them. Ended when the bench ends.
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadConfig } from '../src/config.js';
import type { SyncResult } from '../src/domain/sync-result.js';
import { freePort } from '../src/local/free-port.js';
import { startPostgres } from '../src/local/postgres-server.js';
import { findTemporalCli } from '../src/local/temporal-cli.js';
import { startTemporal } from '../src/local/temporal-server.js';
import { logTail, type ServerProcess } from '../src/local/server-process.js';
import { startWorkerProcess } from '../src/local/worker-process.js';
import { packageRoot } from '../src/package-root.js';
import { createPool, type Pool } from '../src/store/pool.js';

export interface Rig {
  readonly pool: Pool;
  readonly databaseUrl: string;
  readonly client: Client;
  readonly home: string;
  readonly temporalAddress: string;
  /** Runs one sync to its end. */
  sync(input: {
    readonly source: { readonly type: string; readonly id: string; readonly options: object };
  }): Promise<TimedSync>;
  /** Kills Postgres (kill -9) and starts it again; resolves with the milliseconds until it answers. */
  killPostgres(): Promise<number>;
  /** Peak resident memory of the worker so far, in MiB; null where /proc is not. */
  workerPeakMib(): number | null;
  /** What the worker may take, in MiB. */
  readonly workerMib: number;
  /** Times the worker ended and was started again. */
  workerRestarts(): number;
  pids(): { readonly worker: number; readonly temporal: number; readonly postgres: number };
  close(): Promise<void>;
}

export interface TimedSync {
  readonly result: SyncResult;
  readonly ms: number;
  readonly historyEvents: number;
  readonly historyBytes: number;
}

/** `settings`: of Postgres, on top of the product's. `ownWorker`: a file of this folder, instead of the product's worker. */
export async function startRig(settings: Readonly<Record<string, string>> = {}, ownWorker?: string): Promise<Rig> {
  const home = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  const cli = await findTemporalCli(loadConfig(), (line) => process.stderr.write(`${line}\n`));
  const ports = [await freePort(54_530), await freePort(7_530), await freePort(8_530)] as const;
  // The account that runs Postgres must be able to pass through.
  await chmod(home, 0o711);
  const startServer = () =>
    startPostgres({ directory: join(home, 'postgres'), port: ports[0], logFile: join(home, 'postgres.log'), settings });
  const [first, temporal] = await Promise.all([
    startServer(),
    startTemporal({
      cli,
      databaseFile: join(home, 'temporal.db'),
      port: ports[1],
      uiPort: ports[2],
      logFile: join(home, 'temporal.log'),
      headless: true,
    }),
  ]);
  let postgres = first;
  const environment = {
    ...process.env,
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    TRIBUTARY_HOME: home,
  };
  const entry =
    ownWorker === undefined
      ? join(packageRoot, 'dist', 'src', 'workers', 'main.js')
      : join(packageRoot, 'dist', 'bench', ownWorker);
  const { memoryBytes } = loadConfig();
  const worker = await keptRunning(() =>
    startWorkerProcess({ entry, environment, memoryBytes, logFile: join(home, 'worker.log'), onSpawn: () => {} }),
  );
  const pool = createPool(postgres.url, { name: 'bench', statementTimeoutMs: 0 });
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection });
  return {
    pool,
    databaseUrl: postgres.url,
    client,
    home,
    temporalAddress: temporal.address,
    sync: (input) => timedSync(client, input),
    async killPostgres() {
      const start = performance.now();
      process.kill(postgres.pid, 'SIGKILL');
      await postgres.exited;
      postgres = await startServer();
      return performance.now() - start;
    },
    workerMib: Math.round(memoryBytes / 1_024 / 1_024),
    workerPeakMib: () => worker.peakMib(),
    workerRestarts: () => worker.restarts,
    pids: () => ({ worker: worker.pid(), temporal: temporal.pid, postgres: postgres.pid }),
    async close() {
      await Promise.all([pool.end(), connection.close(), worker.stop()]);
      await Promise.all([temporal.stop(), postgres.stop()]);
      await Promise.all(
        [home, postgres.dataDirectory].map((directory) => rm(directory, { recursive: true, force: true })),
      );
    },
  };
}

/** As the supervisor of the embedded stack keeps it. */
async function keptRunning(start: () => Promise<ServerProcess>) {
  let [worker, ending, peak] = [await start(), false, 0];
  const kept = {
    restarts: 0,
    pid: () => worker.pid,
    peakMib: () => Math.max(peak, peakMib(worker.pid) ?? 0) || null,
    async stop() {
      ending = true;
      await worker.stop();
    },
  };
  const sampling = setInterval(() => (peak = kept.peakMib() ?? 0), 500).unref();
  const watch = async () => {
    for (let how = await worker.exited; !ending; how = await worker.exited) {
      kept.restarts += 1;
      process.stderr.write(`the worker ended: ${how}; its log ends: ${logTail(worker.logSinceStart())}\n`);
      worker = await start();
    }
    clearInterval(sampling);
  };
  void watch();
  return kept;
}

async function timedSync(client: Client, input: Parameters<Rig['sync']>[0]): Promise<TimedSync> {
  const start = performance.now();
  const handle = await client.workflow.start('syncSource', {
    taskQueue: 'tributary',
    workflowId: `sync/${input.source.id}`,
    args: [input],
  });
  const result = (await handle.result()) as SyncResult;
  const ms = performance.now() - start;
  const { historyLength, historySize } = await handle.describe();
  return { result, ms, historyEvents: historyLength, historyBytes: historySize ?? 0 };
}

function peakMib(pid: number): number | null {
  try {
    const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return found === null ? null : Math.round(Number(found[1]) / 1_024);
  } catch {
    return null;
  }
}
