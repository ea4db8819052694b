// What a client of the library works with: the stack, its database, and Temporal once somebody needs it.
import type { Client } from '@temporalio/client';
import type { Config } from '../../config.js';
import { NeedsAttention } from '../../domain/errors.js';
import { installed, type Installed } from '../../extensions/installed.js';
import { ensureStack, stackStatus, type Stack } from '../../local/stack.js';
import { createPool, type Pool } from '../../store/pool.js';
import { openOwnDoor, type OwnDoor } from '../record/open-door.js';
import { connectTemporal } from '../stack/connect.js';
import type { ConnectOptions } from './connect.js';

export interface Links extends Pick<Installed, 'registry' | 'modules'> {
  readonly config: Config;
  readonly stack: Stack;
  readonly pool: Pool;
  readonly note: (line: string) => void;
  /** One connection for all who ask; one that failed is tried again. */
  readonly temporal: () => Promise<Client>;
  /** Opened when something is first recorded. */
  readonly door: () => Promise<OwnDoor>;
  close(): Promise<void>;
}

/** A program's own queries may wait for each other; a pool of the workers' size is not theirs to take. */
const connectionsMax = 4;

export async function openLinks(config: Config, options: ConnectOptions): Promise<Links> {
  const { onNote: note = () => undefined } = options;
  const { registry, modules } = await installed(config, options.sources);
  const stack = options.start === false ? await running(config) : await ensureStack(config, { onProgress: note });
  const pool = createPool(stack.databaseUrl, { name: 'program', connectionsMax });
  let connected: Promise<Client> | undefined;
  const temporal = (): Promise<Client> =>
    (connected ??= connectTemporal(config, stack).catch((error: unknown) => {
      connected = undefined;
      throw error;
    }));
  let opened: Promise<OwnDoor> | undefined;
  const door = (): Promise<OwnDoor> =>
    (opened ??= openOwnDoor(config, stack.databaseUrl, { registry, modules }).catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
  const close = async (): Promise<void> => {
    const client = await connected?.catch(() => undefined);
    await client?.connection.close();
    await (await opened?.catch(() => undefined))?.close();
    if (!pool.ended) await pool.end();
  };
  return { config, stack, pool, registry, modules, note, temporal, door, close };
}

async function running(config: Config): Promise<Stack> {
  const { stack } = await stackStatus(config);
  if (stack !== null) return stack;
  throw new NeedsAttention(
    'not_running',
    `nothing runs in ${config.home}, and start is false: start it with \`tributary up\`, or set DATABASE_URL and TEMPORAL_ADDRESS`,
  );
}
