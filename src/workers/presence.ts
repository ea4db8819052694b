// The worker's row in `workers`: written when it begins to poll, kept fresh while it works, taken out when it ends.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config.js';
import { configuredStages, stageNames } from '../domain/sync-input.js';
import { workerForgottenSeconds, workerSeenEveryMs } from '../domain/worker-times.js';
import { packageRoot } from '../package-root.js';
import type { Pool } from '../store/pool.js';
import { deleteWorker, deleteWorkersUnseen, insertWorker, seeWorker, type NewWorker } from '../store/workers.js';
import type { WorkerNames } from './worker.js';

/** Resolves to what takes the row out. */
export async function announce(pool: Pool, config: Config, names: WorkerNames): Promise<() => Promise<void>> {
  const worker = workerOf(config, names);
  await deleteWorkersUnseen(pool, workerForgottenSeconds);
  await insertWorker(pool, worker);
  const round = async (): Promise<void> => {
    if (!(await seeWorker(pool, worker.id))) await insertWorker(pool, worker);
    await deleteWorkersUnseen(pool, workerForgottenSeconds);
  };
  // A round that fails is left to the next one.
  const rounds = setInterval(() => void round().catch(() => {}), workerSeenEveryMs);
  return async () => {
    clearInterval(rounds);
    await deleteWorker(pool, worker.id).catch(() => {});
  };
}

function workerOf(config: Config, { sources, ownStages, processors }: WorkerNames): NewWorker {
  const { memoryBytes, recentHashesMax, rawRetentionDays, enrichOff, embed, extensions } = config;
  const [persist, ...before] = stageNames.toReversed();
  return {
    id: randomUUID(),
    host: hostname(),
    pid: process.pid,
    taskQueue: config.taskQueue,
    version: (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version,
    sources,
    stages: [...before.toReversed(), ...ownStages, ...(embed === undefined ? [] : configuredStages), persist!],
    processors,
    settings: {
      memoryBytes,
      recentHashesMax,
      rawRetentionDays,
      enrichOff,
      embed: embed === undefined ? null : { url: embed.url, model: embed.model },
      extensions,
    },
  };
}
