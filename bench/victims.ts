// Postgres, Temporal and a worker as processes that may be killed at any moment: each is started again when it has ended.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../src/config.js';
import { freePort } from '../src/local/free-port.js';
import { startPostgres, type PostgresServer } from '../src/local/postgres-server.js';
import { findTemporalCli } from '../src/local/temporal-cli.js';
import { startTemporal } from '../src/local/temporal-server.js';
import { startWorkerProcess } from '../src/local/worker-process.js';
import { packageRoot } from '../src/package-root.js';

export interface Victim {
  readonly name: 'worker' | 'temporal' | 'postgres';
  /** False when it is not up at the moment. */
  kill(): boolean;
  end(): Promise<void>;
}

export interface Victims {
  readonly worker: Victim;
  readonly temporal: Victim;
  readonly postgres: Victim;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  end(): Promise<void>;
}

interface Process {
  readonly pid: number;
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

const retryMs = 100;

export async function startVictims(directory: string): Promise<Victims> {
  const cli = await findTemporalCli(loadConfig(), () => {});
  const [postgresPort, temporalPort, uiPort] = [await freePort(0), await freePort(0), await freePort(0)];
  let server: PostgresServer | undefined;
  const postgres = await keepUp('postgres', async () => {
    server = await startPostgres({
      directory: join(directory, 'postgres'),
      port: postgresPort,
      logFile: join(directory, 'postgres.log'),
    });
    return server;
  });
  const temporal = await keepUp('temporal', () =>
    startTemporal({
      cli,
      databaseFile: join(directory, 'temporal.db'),
      port: temporalPort,
      uiPort,
      logFile: join(directory, 'temporal.log'),
      headless: true,
    }),
  );
  const { url, dataDirectory } = server!;
  const temporalAddress = `127.0.0.1:${temporalPort}`;
  const environment = {
    ...process.env,
    DATABASE_URL: url,
    TEMPORAL_ADDRESS: temporalAddress,
    TRIBUTARY_HOME: directory,
  };
  const entry = join(packageRoot, 'dist', 'src', 'workers', 'main.js');
  const worker = await keepUp('worker', () =>
    startWorkerProcess({
      entry,
      environment,
      memoryBytes: loadConfig().memoryBytes,
      logFile: join(directory, 'worker.log'),
      onSpawn: () => {},
    }),
  );
  return {
    worker,
    temporal,
    postgres,
    databaseUrl: url,
    temporalAddress,
    async end() {
      await worker.end();
      await Promise.all([temporal.end(), postgres.end()]);
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

/** The first start must succeed; later ones are tried until they do: a worker without a database cannot start. */
async function keepUp(name: Victim['name'], start: () => Promise<Process>): Promise<Victim> {
  let [running, ending]: [Process | undefined, boolean] = [await start(), false];
  const keeping = (async () => {
    for (;;) {
      if (running !== undefined) await running.exited;
      running = undefined;
      if (ending) return;
      running = await start().catch(() => undefined);
      if (running === undefined) await sleep(retryMs);
    }
  })();
  return {
    name,
    kill() {
      if (running === undefined) return false;
      try {
        return process.kill(running.pid, 'SIGKILL');
      } catch {
        return false;
      }
    },
    async end() {
      ending = true;
      while (running === undefined && !(await settled(keeping)));
      await running?.stop();
      await keeping;
    },
  };
}

async function settled(work: Promise<void>): Promise<boolean> {
  return Promise.race([work.then(() => true), sleep(retryMs, false)]);
}
