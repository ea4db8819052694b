// docker-compose.yml without containers: the same scripts, files, environment and order on the embedded Postgres, a Temporal
// server built from its module, and workers from the image's files. Only addresses differ.
import { randomInt } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inject } from 'vitest';
import { runCommand } from '../../src/local/command.js';
import { childEnvironment } from '../../src/local/environment.js';
import { freePort } from '../../src/local/free-port.js';
import { startPostgres, type PostgresServer } from '../../src/local/postgres-server.js';
import { logTail, startServerProcess, type ServerProcess } from '../../src/local/server-process.js';
import { temporalEndSteps } from '../../src/local/temporal-server.js';
import { startWorkerProcess } from '../../src/local/worker-process.js';
import { usualMemoryBytes } from '../../src/worker-memory.js';
import { createPool, type Pool } from '../../src/store/pool.js';
import { composeFile, environmentOf, mountedFile, type Service } from '../deploy/compose-file.js';
import { eventually } from '../support/eventually.js';
import { layOutImage } from './image.js';

/** What .env holds. The namespace is not the default one, so that everybody has to look. */
const variables = {
  POSTGRES_PASSWORD: 'one',
  TEMPORAL_DB_PASSWORD: 'two',
  TRIBUTARY_DB_PASSWORD: 'three',
  TEMPORAL_NAMESPACE: 'events',
};
const jobMsMax = 60_000;
const ports = [
  'FRONTEND_GRPC_PORT',
  'FRONTEND_HTTP_PORT',
  'FRONTEND_MEMBERSHIP_PORT',
  'MATCHING_GRPC_PORT',
  'MATCHING_MEMBERSHIP_PORT',
  'HISTORY_GRPC_PORT',
  'HISTORY_MEMBERSHIP_PORT',
  'WORKER_GRPC_PORT',
  'WORKER_MEMBERSHIP_PORT',
];

export interface Cluster {
  readonly directory: string;
  /** The environment that the worker's service gives it, with addresses of here. */
  readonly environment: Record<string, string>;
  readonly namespace: string;
  readonly temporalAddress: string;
  /** As the role that owns Tributary's database. */
  readonly databaseUrl: string;
  databaseUrlOf(role: 'temporal' | 'tributary', database: string): string;
  startWorker(name: string): Promise<ServerProcess>;
  /** A job of the compose file again, as after an upgrade. */
  runJob(name: 'temporal-schema' | 'temporal-namespace'): Promise<string>;
  /** The ends of all logs. */
  logs(): string;
  end(): Promise<void>;
}

export async function startCluster(): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-cluster-'));
  // The account that runs Postgres must be able to pass through.
  chmodSync(directory, 0o711);
  const ends: (() => Promise<void>)[] = [async () => rmSync(directory, { recursive: true, force: true })];
  const end = async () => {
    for (const one of ends.toReversed()) await one();
  };
  try {
    return await startIn(directory, ends, end);
  } catch (error) {
    const logs = logsOf(directory);
    await end();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${logs}`, { cause: error });
  }
}

async function startIn(directory: string, ends: (() => Promise<void>)[], end: () => Promise<void>): Promise<Cluster> {
  const { services } = composeFile();
  const [postgres] = await Promise.all([
    startDatabase(directory, services['postgres']!, ends),
    layOutImage(join(directory, 'app')),
  ]);
  const assigned = Object.fromEntries(
    await Promise.all(ports.map(async (name) => [name, String(await lowPort())] as const)),
  );
  const temporalAddress = `127.0.0.1:${assigned['FRONTEND_GRPC_PORT']}`;
  const runJob: Cluster['runJob'] = (name) => job(services[name]!, { postgres, temporalAddress });
  await runJob('temporal-schema');
  await startTemporalServer(directory, services['temporal']!, assigned, postgres, ends);
  await runJob('temporal-namespace');
  const databaseUrlOf: Cluster['databaseUrlOf'] = (role, database) => {
    const password = { temporal: variables.TEMPORAL_DB_PASSWORD, tributary: variables.TRIBUTARY_DB_PASSWORD }[role];
    return `postgres://${role}:${password}@127.0.0.1:${postgres.port}/${database}`;
  };
  const given = environmentOf(services['worker']!, variables);
  const databaseUrl = given['DATABASE_URL']!.replace('@postgres:5432/', `@127.0.0.1:${postgres.port}/`);
  const environment = { ...given, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporalAddress };
  return {
    directory,
    environment,
    namespace: variables.TEMPORAL_NAMESPACE,
    temporalAddress,
    databaseUrl,
    databaseUrlOf,
    runJob,
    logs: () => logsOf(directory),
    end,
    async startWorker(name) {
      const worker = await startWorkerProcess({
        memoryBytes: usualMemoryBytes(),
        entry: join(directory, 'app', 'dist', 'src', 'workers', 'main.js'),
        environment: childEnvironment({ ...environment, TRIBUTARY_HOME: join(directory, name) }),
        logFile: join(directory, `${name}.log`),
        onSpawn: () => {},
      });
      ends.push(() => worker.stop());
      return worker;
    },
  };
}

/** The embedded server, made into what the image makes of an empty volume: superuser postgres, then the script. */
async function startDatabase(
  directory: string,
  service: Service,
  ends: (() => Promise<void>)[],
): Promise<PostgresServer> {
  const settings = Object.fromEntries(
    (service.command ?? []).filter((word) => word.includes('=')).map((word) => word.split('=') as [string, string]),
  );
  const server = await startPostgres({
    directory: join(directory, 'postgres'),
    port: await freePort(0),
    logFile: join(directory, 'postgres.log'),
    settings: { ...settings, shared_buffers: '128MB' },
  });
  ends.push(async () => {
    await server.stop();
    rmSync(server.dataDirectory, { recursive: true, force: true });
  });
  await runSql(server.url, [`create role postgres superuser login password '${variables.POSTGRES_PASSWORD}'`]);
  const superuser = `postgres://postgres:${variables.POSTGRES_PASSWORD}@127.0.0.1:${server.port}/postgres`;
  await runSql(superuser, ['drop database tributary with (force)', 'alter role tributary rename to embedded']);
  const script = readFileSync(mountedFile(service, '/docker-entrypoint-initdb.d/roles.sql'), 'utf8');
  await runSql(superuser, statementsOf(script, environmentOf(service, variables)));
  return server;
}

/** The two things of psql that the script uses: \getenv and :'variable'. */
function statementsOf(script: string, environment: Record<string, string>): string[] {
  const values = new Map(
    [...script.matchAll(/^\\getenv (\w+) (\w+)$/gm)].map(([, name, variable]) => [name!, environment[variable!]!]),
  );
  const plain = script
    .replaceAll(/^(\\getenv|--).*$/gm, '')
    .replaceAll(/:'(\w+)'/g, (_, name: string) => `'${values.get(name)}'`);
  return plain
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

async function runSql(url: string, statements: readonly string[]): Promise<void> {
  const pool: Pool = createPool(url, { name: 'cluster setup', connectionsMax: 1, statementTimeoutMs: jobMsMax });
  try {
    for (const statement of statements) await pool.query(statement);
  } finally {
    await pool.end();
  }
}

interface Here {
  readonly postgres: PostgresServer;
  readonly temporalAddress: string;
}

async function job(service: Service, { postgres, temporalAddress }: Here): Promise<string> {
  const [shell, script] = service.entrypoint!;
  const given = environmentOf(service, variables);
  const addresses =
    'SQL_HOST' in given
      ? { SQL_HOST: '127.0.0.1', SQL_PORT: String(postgres.port) }
      : { TEMPORAL_ADDRESS: temporalAddress };
  const environment = childEnvironment({
    ...given,
    ...addresses,
    PATH: [inject('programs'), process.env['PATH']].join(delimiter),
  });
  const ran = await runCommand(shell!, [mountedFile(service, script!)], { environment, timeoutMs: jobMsMax });
  if (!ran.ok) throw new Error(`${script}: ${ran.failure}`);
  return ran.output;
}

/** Temporal's table of its members holds a port in a smallint, and ports the kernel gives are above that. */
async function lowPort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    if ((await freePort(port)) === port) return port;
  }
}

async function startTemporalServer(
  directory: string,
  service: Service,
  assigned: Record<string, string>,
  postgres: PostgresServer,
  ends: (() => Promise<void>)[],
): Promise<void> {
  const given = environmentOf(service, variables);
  const here = {
    POSTGRES_SEEDS: '127.0.0.1',
    DB_PORT: String(postgres.port),
    BIND_ON_IP: '127.0.0.1',
    TEMPORAL_BROADCAST_ADDRESS: '127.0.0.1',
  };
  const file = mountedFile(service, given['DYNAMIC_CONFIG_FILE_PATH']!);
  const server = await startServerProcess({
    name: 'Temporal',
    command: join(inject('programs'), 'temporal-server'),
    arguments: ['start'],
    logFile: join(directory, 'temporal.log'),
    directory,
    environment: childEnvironment({ ...given, ...here, ...assigned, DYNAMIC_CONFIG_FILE_PATH: file }),
    endSteps: temporalEndSteps,
  });
  ends.push(() => server.stop());
  const url = service
    .healthcheck!.test.at(-1)!
    .replace('127.0.0.1:7243', `127.0.0.1:${assigned['FRONTEND_HTTP_PORT']}`);
  await eventually(
    `the health check of the compose file: ${url}`,
    async () => {
      if (server.hasExited()) throw new Error(`Temporal ended: ${await server.exited}`);
      return (await fetch(url).catch(() => null))?.ok === true;
    },
    90_000,
  );
}

function logsOf(directory: string): string {
  return ['temporal', 'postgres', 'worker-1', 'worker-2']
    .map((name) => {
      try {
        return `--- ${name}.log ends:\n${logTail(readFileSync(join(directory, `${name}.log`), 'utf8'))}`;
      } catch {
        return `--- ${name}.log is not there`;
      }
    })
    .join('\n');
}
