// The commit of what was given: persist's writing half under a holding beside the pages.
import { encodeRecords } from '../activities/page-codec.js';
import type { Counts, PageKey } from '../domain/page.js';
import type { RawRecord } from '../domain/source.js';
import type { Batch } from '../domain/stage.js';
import { numberCommits } from '../store/commits.js';
import { expressHolding, type ExpressPage } from '../store/express.js';
import { writeUnder } from '../store/holding.js';
import type { Pool } from '../store/pool.js';
import type { AtPoint } from '../store/writing.js';
import type { Turnstile } from './turnstile.js';

export interface Committed {
  readonly counts: Counts;
  readonly page: PageKey;
  /** Whether this transaction inserted the event. */
  readonly isNew: (key: string) => boolean;
}

/** Throws OnlyPagesBring with the events that Postgres refuses; StaleCache when what was known is not. */
export async function committed(
  pool: Pool,
  mapperVersion: number,
  batch: Batch,
  records: readonly RawRecord[],
  turnstile: Turnstile,
  at: AtPoint | undefined,
): Promise<Committed> {
  const { source, fetchedAt: ingestedAt, host } = batch.page;
  // Nothing new: the ledger counts it, and no bytes of it are kept again.
  const page = batch.events.length === 0 ? null : await expressPage(records, host, mapperVersion);
  let told: Pick<Committed, 'page' | 'isNew'> | undefined;
  const holding = expressHolding({
    ...batch,
    source,
    ingestedAt,
    page,
    told({ fresh }, key) {
      const tried = fresh === 'all' ? new Set(batch.events.map((event) => event.key)) : fresh;
      told = { page: key, isNew: (event) => tried.has(event) };
    },
  });
  const events = batch.events.map((event) => ({ event, enrichment: batch.enrichment.get(event.ordinal) ?? null }));
  const writing = { ingestedAt, events, deferred: [], dead: [], returned: new Map() };
  const counts = await turnstile(source, () => writeUnder(pool, holding, writing, at));
  // A failure here is made good by the sweep; what was given is committed either way.
  if (counts.inserted > 0) await numberCommits(pool).catch(() => 0);
  return { counts, ...told! };
}

async function expressPage(records: readonly RawRecord[], host: string, mapperVersion: number): Promise<ExpressPage> {
  return {
    records: records.length,
    events: records.length,
    bytes: records.reduce((sum, record) => sum + record.byteLength, 0),
    host,
    mapperVersion,
    raw: await encodeRecords(records),
  };
}
