// A front door as its configuration has it: the tables made, a port found, what it logs bounded.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config.js';
import type { ListenPlace } from '../connection-forms.js';
import { DOOR_PORT, freePort } from '../local/free-port.js';
import { packageRoot } from '../package-root.js';
import { isMigrated, migrate } from '../store/migrate.js';
import { createPool } from '../store/pool.js';
import { startFrontDoor, type FrontDoor } from './server.js';

/** `makesTables`: else somebody else does, and they are waited for. */
export async function serve(
  config: Config,
  databaseUrl: string,
  place: ListenPlace | undefined,
  makesTables: boolean,
  log: (line: string) => void,
): Promise<FrontDoor> {
  await tablesOf(databaseUrl, makesTables);
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };
  const listen = place ?? { host: '127.0.0.1', port: await freePort(DOOR_PORT) };
  return startFrontDoor({ config, databaseUrl, listen, tokenNeeded: config.tokenNeeded, version, log });
}

/** A large store is migrated in minutes; whoever started us bounds the wait. */
const lookEveryMs = 50;

async function tablesOf(databaseUrl: string, makesTables: boolean): Promise<void> {
  const owner = createPool(databaseUrl, { name: 'migrate', connectionsMax: 1 });
  try {
    if (makesTables) await migrate(owner);
    else while (!(await isMigrated(owner))) await pause(lookEveryMs);
  } finally {
    await owner.end();
  }
}
