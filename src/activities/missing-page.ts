// Why a page is not in the store: another run took the source and released it, or somebody deleted it.
import { Fenced, NeedsAttention, type EngineError } from '../domain/errors.js';
import { pageName, type PageKey } from '../domain/page.js';
import { findCursor } from '../store/cursors.js';
import type { Pool } from '../store/pool.js';
import { findRun } from '../store/runs.js';

export async function missingPage(pool: Pool, key: PageKey): Promise<EngineError> {
  const cursor = await findCursor(pool, key.source);
  if (cursor === undefined || cursor.epoch === key.epoch) {
    return new NeedsAttention(
      'page_gone',
      `page ${pageName(key)} is not in the store: it was deleted there; start the sync again`,
    );
  }
  const holder = await findRun(pool, key.source, cursor.epoch);
  return new Fenced(
    `page ${pageName(key)} was released: ${key.source} is held by workflow ${holder?.workflowId} run ${cursor.runId} (epoch ${cursor.epoch})`,
  );
}
