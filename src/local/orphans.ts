// What a supervisor that was killed left running, should its guard (src/process-guard.ts) be gone too or still at work. Only what is provably ours is ended: a recorded pid with its recorded start
// time, or a PostgreSQL server whose working directory is our data directory. Never by name.
import { homePaths } from './home.js';
import { existingData } from './postgres-cluster.js';
import { postgresEndSteps } from './postgres-server.js';
import { runningPostmaster } from './postmaster-file.js';
import { endProcess } from './process-identity.js';
import type { EndStep, ProcessIdentity } from './process-identity.js';
import { readRecord } from './stack-record.js';
import { temporalEndSteps } from './temporal-server.js';
import { doorEndSteps } from './door-process.js';
import { orphanedWorkerEndSteps } from './worker-process.js';

/** Ends them in the order of a clean shutdown; returns how many there were. Only the holder of the home's lock may call this. */
export async function endOrphans(home: string): Promise<number> {
  const { door, worker, temporal, postgres } = readRecord(home)?.processes ?? {};
  let ended = 0;
  const end = async (identity: ProcessIdentity | null | undefined, steps: readonly EndStep[]): Promise<void> => {
    if (identity && (await endProcess(identity, steps))) ended += 1;
  };
  await end(door, doorEndSteps);
  await end(worker, orphanedWorkerEndSteps);
  await end(temporal, temporalEndSteps);
  await end(postgres, postgresEndSteps);
  await end(postmasterOf(home), postgresEndSteps);
  return ended;
}

function postmasterOf(home: string): ProcessIdentity | null {
  const data = existingData(homePaths(home).postgres);
  return data === null ? null : runningPostmaster(data);
}
