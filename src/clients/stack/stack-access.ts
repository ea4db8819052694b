// What a command works with: the stack, started if need be, and a connection to its database.
import type { Config } from '../../config.js';
import type { Stack } from '../../local/stack.js';
import { createPool, type Pool } from '../../store/pool.js';
import { startLine } from './start-line.js';
import type { Terminal } from '../terminal/terminal.js';

export interface Command {
  readonly config: Config;
  readonly terminal: Terminal;
}

export async function openStack({ config, terminal }: Command): Promise<Stack> {
  const { ensureStack } = await import('../../local/stack.js');
  // A stack would be started to find that its worker cannot load them.
  if (config.extensions.length > 0) await (await import('../../extensions/installed.js')).installed(config);
  const line = startLine(terminal);
  return ensureStack(config, { onProgress: line.onProgress }).finally(() => line.end());
}

export async function withDatabase<T>(
  databaseUrl: string,
  work: (pool: Pool) => Promise<T>,
  statementTimeoutMs?: number,
): Promise<T> {
  const pool = createPool(databaseUrl, {
    name: 'cli',
    connectionsMax: 2,
    ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
  });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
