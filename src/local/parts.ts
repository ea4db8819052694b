// The four processes of a stack, each as something that can be started again with the same ports.
import { devNull } from 'node:os';
import type { Config } from '../config.js';
import { extensionList } from '../extension-paths.js';
import { childEnvironment, inherited, type Environment } from './environment.js';
import { freePort } from './free-port.js';
import { homePaths } from './home.js';
import { startPostgres } from './postgres-server.js';
import { findTemporalCli } from './temporal-cli.js';
import { discardIncomplete, markComplete } from './temporal-file.js';
import { startTemporal, TEMPORAL_NAMESPACE } from './temporal-server.js';
import { startDoorProcess } from './door-process.js';
import { startWorkerProcess } from './worker-process.js';

/** Another process may take a port between our look and its use; thrice in a row means something else is wrong. */
const PORT_ATTEMPTS = 3;

export interface Part {
  readonly exited: Promise<string>;
}

export type StartPart = (onSpawn: (pid: number) => void) => Promise<Part>;

export interface PreferredPorts {
  readonly postgres: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly door: number;
}

/** What the first start of a part found out; the worker and the record need it. */
export interface Endpoints {
  databaseUrl?: string;
  temporalAddress?: string;
  temporalUi?: string | null;
  temporalCli?: string;
  frontDoor?: string;
}

export function postgresPart(home: string, preferred: number, found: Endpoints): StartPart {
  const paths = homePaths(home);
  let port: number | null = null;
  return async (onSpawn) => {
    const start = async (use: number): Promise<Part> => {
      const server = await startPostgres({ directory: paths.postgres, port: use, logFile: paths.postgresLog, onSpawn });
      port = use;
      found.databaseUrl = server.url;
      return server;
    };
    return port === null ? onFreePort(preferred, start) : start(port);
  };
}

export function temporalPart(
  config: Config,
  ports: PreferredPorts,
  found: Endpoints,
  progress: (line: string) => void,
): StartPart {
  const paths = homePaths(config.home);
  let port: number | null = null;
  let uiPort: number | null = null;
  return async (onSpawn) => {
    const cli = await findTemporalCli(config, progress);
    const start = async (use: number): Promise<Part> => {
      discardIncomplete(paths.temporalFile);
      const useUi = uiPort ?? (await freePort(ports.temporalUi));
      const server = await startTemporal({
        cli,
        databaseFile: paths.temporalFile,
        port: use,
        uiPort: useUi,
        logFile: paths.temporalLog,
        onSpawn,
      });
      markComplete(paths.temporalFile);
      [port, uiPort] = [use, useUi];
      Object.assign(found, { temporalCli: cli, temporalAddress: server.address, temporalUi: server.uiUrl });
      return server;
    };
    return port === null ? onFreePort(ports.temporal, start) : start(port);
  };
}

export function workerPart(config: Config, entry: string, found: Endpoints): StartPart {
  const environment = partEnvironment(config, found);
  return (onSpawn) =>
    startWorkerProcess({
      entry,
      environment,
      memoryBytes: config.memoryBytes,
      logFile: homePaths(config.home).workerLog,
      onSpawn,
    });
}

/** Started again on the same port: whoever gives events knows one address. */
export function doorPart(config: Config, entry: string, preferred: number, found: Endpoints): StartPart {
  const environment = partEnvironment(config, found);
  let place = config.listen;
  return async (onSpawn) => {
    const start = async (use: NonNullable<Config['listen']>): Promise<Part> => {
      const listen = `${use.host.includes(':') ? `[${use.host}]` : use.host}:${use.port}`;
      const door = await startDoorProcess({
        entry,
        environment: { ...environment, TRIBUTARY_LISTEN: listen },
        logFile: homePaths(config.home).doorLog,
        onSpawn,
      });
      place = use;
      found.frontDoor = door.url;
      return door;
    };
    return place === undefined ? onFreePort(preferred, (port) => start({ host: '127.0.0.1', port })) : start(place);
  };
}

function partEnvironment(config: Config, found: Endpoints): NodeJS.ProcessEnv {
  return childEnvironment({
    TRIBUTARY_HOME: config.home,
    // It runs elsewhere, and would find another.
    TRIBUTARY_CONFIG: config.file?.path ?? 'none',
    TRIBUTARY_PROFILE: config.file?.profile ?? undefined,
    TRIBUTARY_TASK_QUEUE: config.taskQueue,
    TRIBUTARY_EXTENSIONS: extensionList(config.extensions),
    TRIBUTARY_STAGES: undefined,
    TRIBUTARY_SECRETS_DIR: config.secretsDirectory,
    TRIBUTARY_EMBED_KEY: config.embed?.key,
    DATABASE_URL: found.databaseUrl,
    ...withoutTemporal(),
    TEMPORAL_ADDRESS: found.temporalAddress,
    TEMPORAL_NAMESPACE,
  });
}

/** What is set for another Temporal, by its tools' own file too (a key, certificates), must not reach the embedded one. */
function withoutTemporal(): Environment {
  const names = Object.keys(inherited).filter((name) => name.startsWith('TEMPORAL_'));
  return { ...Object.fromEntries(names.map((name) => [name, undefined])), TEMPORAL_CONFIG_FILE: devNull };
}

async function onFreePort(preferred: number, start: (port: number) => Promise<Part>): Promise<Part> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort(preferred);
    try {
      return await start(port);
    } catch (error) {
      // Somebody may have taken the port since, or another one that the server chose for itself (Temporal takes seven).
      if (attempt === PORT_ATTEMPTS) throw error;
    }
  }
}
