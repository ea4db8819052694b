// The door as a program or a command of this machine has it: its own sessions with Postgres, in the role of a worker, and what
// this process and the workers are set up with.
import type { Config } from '../../config.js';
import type { RawRecord } from '../../domain/source.js';
import { openDoor, type Answer } from '../../door/door.js';
import { openSource, type SourceToOpen } from '../../door/open-source.js';
import { createWorkersOwn } from '../../door/workers-own.js';
import type { Installed } from '../../extensions/installed.js';
import { createPool, type Pool, type PoolOptions } from '../../store/pool.js';
import { workerRole } from '../../store/worker-role.js';

export interface OwnDoor {
  /** One call: see Door.take. The source is created when it is first named. */
  take(source: SourceToOpen, records: readonly RawRecord[]): Promise<Answer>;
  /** Its sessions. */
  readonly pool: Pool;
  close(): Promise<void>;
}

/** One writes, others look: more calls at once wait for their turn anyway. */
const connectionsMax = 4;

export async function openOwnDoor(
  config: Config,
  databaseUrl: string,
  { registry, modules }: Pick<Installed, 'registry' | 'modules'>,
  sessions: Pick<PoolOptions, 'name' | 'connectionsMax'> = { name: 'door', connectionsMax },
): Promise<OwnDoor> {
  const pool = createPool(databaseUrl, { ...sessions, ...(await workerRole(databaseUrl)) });
  const door = openDoor({ pool, registry, enrichOff: config.enrichOff });
  const here = {
    stages: modules.flatMap(({ stages }) => stages.map(({ name }) => name)),
    processors: modules.flatMap(({ processors }) => processors.map(({ name }) => name)),
    embeds: config.embed !== undefined,
  };
  const own = createWorkersOwn({ pool, registry, taskQueue: config.taskQueue, here });
  return {
    pool,
    take: async (source, records) => door.take(await openSource(pool, source, own), records),
    close: async () => (pool.ended ? undefined : pool.end()),
  };
}
