// The door: records that are given to us, committed before they are answered. The stages are those of a page, run here, in the
// process of whoever gives; then one transaction by persist's writing half, under a holding beside the pages
// (docs/decisions/0011-door.md). It needs no Temporal and no worker. What was answered is stored; what was not is stored whole
// or not at all, and given again its events are known.
import { hostname } from 'node:os';
import type { Counts, PageKey } from '../domain/page.js';
import type { RawRecord } from '../domain/source.js';
import { newBatch, type Batch, type PageFacts, type Stage } from '../domain/stage.js';
import type { SourceRegistry } from '../sources/index.js';
import { createDeduplicate } from '../stages/deduplicate.js';
import { createEnrich } from '../stages/enrich.js';
import { hash } from '../stages/hash.js';
import { builtInProcessors } from '../stages/processors/index.js';
import { createRecentKeys } from '../stages/recent-keys.js';
import { timed } from '../stages/timed.js';
import { validate } from '../stages/validate.js';
import type { Pool } from '../store/pool.js';
import { StaleCache } from '../store/skips.js';
import { OnlyPagesBring, type AtPoint } from '../store/writing.js';
import { committed } from './commit.js';
import type { OpenSource } from './open-source.js';
import { createTurnstile, type Turnstile } from './turnstile.js';
import { answersOf, recordsByOrdinal, type Refusal, type Verdict } from './verdicts.js';

export interface DoorParts {
  readonly pool: Pool;
  readonly registry: SourceRegistry;
  /** Names of processors that do not run. */
  readonly enrichOff: readonly string[];
  /** For tests: points of the transaction where a crash is tried. */
  readonly at?: AtPoint | undefined;
}

export interface Answer {
  readonly source: string;
  /** Of what was taken; refused records are none of it. */
  readonly counts: Counts;
  /** The page that has them; null when every record was refused, and nothing was written. */
  readonly page: PageKey | null;
  /** In the order of the records: one for each event, and one for a record that was refused. */
  readonly verdicts: readonly Verdict[];
  readonly processingMs: number;
}

export interface Door {
  /**
   * Commits all records but those it refuses, in one transaction, and answers then. Each is taken whole or refused whole. At
   * most limits.doorEventsMax of limits.doorBytesMax: whoever calls keeps to that. Where it throws nothing was written, unless
   * the connection was lost at the commit; called again with the same records, it stores none twice.
   */
  take(source: OpenSource, records: readonly RawRecord[]): Promise<Answer>;
}

export function openDoor({ pool, registry, enrichOff, at }: DoorParts): Door {
  const look = createDeduplicate(pool, createRecentKeys(0));
  const enrich = createEnrich(builtInProcessors(registry.catalogue), enrichOff);
  const steps: Steps = { pool, look, enrich, turnstile: createTurnstile(), at };
  return { take: (source, records) => take(steps, source, records) };
}

interface Steps {
  readonly pool: Pool;
  readonly look: Stage;
  readonly enrich: Stage;
  readonly turnstile: Turnstile;
  readonly at: AtPoint | undefined;
}

/** Looks at what is known. One whose skips do not hold is repeated; more often than this the source is being emptied. */
const looksMax = 3;

async function take(steps: Steps, source: OpenSource, all: readonly RawRecord[]): Promise<Answer> {
  const start = performance.now();
  const refusals = new Map<RawRecord, Refusal>();
  const told = () => ({ source: source.id, all, refusals, processingMs: Math.round(performance.now() - start) });
  for (let looks = 1; ;) {
    const records = all.filter((record) => !refusals.has(record));
    if (records.length === 0) return answersOf(told(), null);
    const validated = await timed(validate, newBatch(factsOf(source), records), source.context);
    const places = recordsByOrdinal(validated);
    const refuse = (ordinal: number, why: Refusal) => refusals.set(places.get(ordinal)!, why);
    const hashed = await timed(hash, validated, source.context);
    for (const { ordinal, code, error } of hashed.dead) refuse(ordinal, { code, reason: error });
    if (hashed.dead.length > 0) continue;
    try {
      const written = await write(steps, source, hashed, records);
      return answersOf(told(), { ...written, places, events: hashed.events });
    } catch (error) {
      if (error instanceof OnlyPagesBring && error.refused.length > 0)
        for (const { stored, code, error: reason } of error.refused) refuse(stored.event.ordinal, { code, reason });
      else if (!(error instanceof StaleCache) || looks++ >= looksMax) throw error;
    }
  }
}

/** The rest of the stages that a page of the source passes, and the commit. */
async function write(
  { pool, look, enrich, turnstile, at }: Steps,
  source: OpenSource,
  hashed: Batch,
  records: readonly RawRecord[],
) {
  const looked = await timed(look, hashed, source.context);
  const batch = source.enriches ? await timed(enrich, looked, source.context) : looked;
  return committed(pool, source.source.mapperVersion, batch, records, turnstile, at);
}

/** Its number is given under the lock of its holding; no stage asks for it. */
function factsOf({ id }: OpenSource): PageFacts {
  return {
    source: id,
    epoch: 0,
    seq: 0,
    fromDigest: '',
    digest: '',
    cursor: null,
    statePatch: null,
    fetchedAt: new Date(),
    host: hostname(),
    queued: null,
  };
}
