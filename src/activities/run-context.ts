// What every activity of a run needs to know of its source; read once per run and worker.
import { Context } from '@temporalio/activity';
import { LRUCache } from 'lru-cache';
import { NeedsAttention } from '../domain/errors.js';
import type { PriorityRule } from '../domain/priority.js';
import type { Source } from '../domain/source.js';
import type { Pool } from '../store/pool.js';
import { findRun } from '../store/runs.js';
import { findSource } from '../store/sources.js';
import type { SourceRegistry } from '../sources/index.js';

export interface RunContext {
  readonly source: Source;
  readonly options: unknown;
  readonly runId: string;
  readonly priorityRules: readonly PriorityRule[] | undefined;
}

export interface RunKey {
  readonly source: string;
  readonly epoch: number;
}

export type FindRunContext = (key: RunKey) => Promise<RunContext>;

/** Runs remembered per worker. */
const contextsMax = 200;

export function createRunContexts(pool: Pool, registry: SourceRegistry): FindRunContext {
  const known = new LRUCache<string, RunContext>({ max: contextsMax });
  return async (key) => {
    // An epoch alone is not enough: a source that was never read is forgotten, and its epochs begin again.
    const name = `${currentRun()}#${key.source}#${key.epoch}`;
    const found = known.get(name) ?? (await load(pool, registry, key));
    known.set(name, found);
    return found;
  };
}

function currentRun(): string {
  return Context.current().info.workflowExecution?.runId ?? '';
}

async function load(pool: Pool, registry: SourceRegistry, { source: id, epoch }: RunKey): Promise<RunContext> {
  const [row, run] = [await findSource(pool, id), await findRun(pool, id, epoch)];
  if (row === undefined || run === undefined) {
    throw new NeedsAttention(
      'source_gone',
      `source ${id} or its run of epoch ${epoch} is not in the database; start the sync again`,
    );
  }
  const source = registry.get(row.type);
  // As the run was opened: what is set meanwhile would hold on some workers, and on others not.
  const { options, settings } = { options: run.options ?? row.options, settings: run.settings ?? row.settings };
  return { source, options: source.options.parse(options), runId: run.runId, priorityRules: settings.priorities };
}
