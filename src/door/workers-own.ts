// What the workers are set up with beside what every worker has: their rows say it, and the environment of this process, which
// theirs should agree with. Asked again after a while.
import { configuredStages, stageNames } from '../domain/sync-input.js';
import { workerGoneSeconds } from '../domain/worker-times.js';
import { limits } from '../limits.js';
import type { SourceRegistry } from '../sources/index.js';
import { builtInProcessors } from '../stages/processors/index.js';
import type { Pool } from '../store/pool.js';
import { listWorkers } from '../store/workers.js';
import type { WorkersOwn } from './open-source.js';

export interface WorkersOwnParts {
  readonly pool: Pool;
  readonly registry: SourceRegistry;
  readonly taskQueue: string;
  /** Of this process. */
  readonly here: WorkersOwn & { readonly embeds: boolean };
}

export function createWorkersOwn(parts: WorkersOwnParts): () => Promise<WorkersOwn> {
  let [known, askedAt]: [Promise<WorkersOwn> | undefined, number] = [undefined, 0];
  return () => {
    if (known !== undefined && performance.now() - askedAt < limits.doorWorkersMs) return known;
    askedAt = performance.now();
    // What failed is not kept.
    known = ask(parts).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function ask({ pool, registry, taskQueue, here }: WorkersOwnParts): Promise<WorkersOwn> {
  const usual = builtInProcessors(registry.catalogue).map(({ name }) => name);
  const workers = await listWorkers(pool, taskQueue, workerGoneSeconds);
  const stages = [...here.stages, ...(here.embeds ? configuredStages : []), ...workers.flatMap((one) => one.stages)];
  const processors = [...here.processors, ...workers.flatMap((one) => one.processors)];
  return {
    stages: [...new Set(stages)].filter((name) => !(stageNames as readonly string[]).includes(name)),
    processors: [...new Set(processors)].filter((name) => !usual.includes(name)),
  };
}
