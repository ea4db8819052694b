// The stages beside the built-in ones that a source's setting `stages` may name.
import type { Config } from '../../config.js';
import { stageNames } from '../../domain/sync-input.js';
import { workerGoneSeconds } from '../../domain/worker-times.js';
import type { ExtensionModule } from '../../extensions/module.js';
import type { Pool } from '../../store/pool.js';
import { listWorkers } from '../../store/workers.js';

/** Of the workers that run; where none does, those that one started here would have. */
export async function ownStages(
  pool: Pool,
  { taskQueue, embed }: Config,
  modules: readonly ExtensionModule[],
): Promise<string[]> {
  const [worker] = await listWorkers(pool, taskQueue, workerGoneSeconds);
  const here = [
    ...modules.flatMap(({ stages }) => stages.map(({ name }) => name)),
    ...(embed === undefined ? [] : ['embed']),
  ];
  const builtIn: readonly string[] = stageNames;
  return (worker?.stages ?? here).filter((name) => !builtIn.includes(name));
}
