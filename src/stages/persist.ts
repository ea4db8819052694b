// persist: the page becomes true, in one transaction (src/store/persist.ts). The last stage, and the only one that writes
// events; what it committed is remembered, never what it tried.
import { canonicalJson } from '../domain/canonical-json.js';
import { Transient } from '../domain/errors.js';
import { queueNamed, type Queue } from '../domain/queue.js';
import type { Batch, FinalStage, StageContext } from '../domain/stage.js';
import { numberCommits } from '../store/commits.js';
import { persistPage, type PersistRequest } from '../store/persist.js';
import type { Pool, Queryable } from '../store/pool.js';
import { StaleCache } from '../store/skips.js';
import type { AtPoint } from '../store/writing.js';
import type { RecentKeys } from './recent-keys.js';

/** `at` is for tests: points of the transaction where a crash is tried. */
export function createPersist(
  pool: Pool,
  recent: RecentKeys,
  queues: readonly Queue<Queryable>[],
  at?: AtPoint,
): FinalStage {
  return {
    name: 'persist',
    async run(batch, context) {
      const counts = await committed(pool, recent, requestOf(batch, context, queues), at);
      recent.remember(batch.events.map((event) => event.key));
      // If this fails, the numbers are given by the worker's next round; the page is committed either way.
      if (counts.inserted > 0) await numberCommits(pool).catch(() => 0);
      return counts;
    },
  };
}

async function committed(pool: Pool, recent: RecentKeys, request: PersistRequest, at?: AtPoint) {
  try {
    return await persistPage(pool, request, at);
  } catch (error) {
    if (!(error instanceof StaleCache)) throw error;
    // The next attempt computes the page anew from the store, and nothing is remembered by then.
    recent.clear();
    throw new Transient('stale_cache', error.message, { cause: error });
  }
}

function requestOf(
  batch: Batch,
  { runId, workedMs }: StageContext,
  queues: readonly Queue<Queryable>[],
): PersistRequest {
  const { page, events, origins, queueKeys, ...rest } = batch;
  return {
    ...rest,
    page: { source: page.source, epoch: page.epoch, seq: page.seq },
    runId,
    workedMs,
    fromDigest: page.fromDigest,
    toDigest: page.digest,
    cursor: page.cursor,
    statePatch: page.statePatch,
    ingestedAt: page.fetchedAt,
    queued: page.queued === null ? null : { queue: queueNamed(queues, page.queued.queue), keys: queueKeys },
    remapped: origins.filter(({ part }) => part === null).length,
    events: events.map((event) => ({ event, enrichment: enrichmentOf(batch, event.ordinal) })),
  };
}

/** What stages noted is stored beside what enrich knows. Spliced as text: most events have no context, and none is parsed. */
function enrichmentOf({ enrichment, contexts }: Batch, ordinal: number): string | null {
  const text = enrichment.get(ordinal) ?? null;
  const context = contexts.get(ordinal);
  if (context === undefined || Object.keys(context).length === 0) return text;
  const noted = `{"context":${canonicalJson(context)}`;
  return text === null ? `${noted}}` : `${noted},${text.slice(1)}`;
}
