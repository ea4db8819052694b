// Events that come back: rows of `deferred` as the records of a page of their own, and that page as the batch its stage
// put off. What the earlier stages made of them is in the record, so those are not run again.
import type { HashedEvent, JsonObject } from './event.js';
import { redrivenBatch } from './redriven-record.js';
import type { RawRecord } from './source.js';
import { newBatch, type Batch, type DeferredKey, type PageFacts, type Return } from './stage.js';

/** As it was put off. */
export interface DeferredRecord extends DeferredKey, Return {
  readonly event: Record<string, unknown>;
  readonly context: JsonObject;
}

export function encodeDeferred(record: DeferredRecord): RawRecord {
  return Buffer.from(JSON.stringify(record));
}

/** The page as it begins: the events of a source's page are still in its records, those of a deferred page are events. */
export function firstBatch(page: PageFacts, records: readonly RawRecord[]): Batch {
  if (page.resumeStage === null) return newBatch(page, records);
  if (page.resumeStage === 'validate') return redrivenBatch(page, records);
  return resumedBatch(page, records.map((record) => JSON.parse(Buffer.from(record).toString()) as DeferredRecord));
}

/** Of equal events, put off by different pages, the first goes on: persist claims a key once. */
function resumedBatch(page: PageFacts, records: readonly DeferredRecord[]): Batch {
  const seen = new Set<unknown>();
  const kept = records.filter(({ event: { key } }) => !seen.has(key) && seen.add(key));
  return {
    ...newBatch(page, []),
    events: kept.map(({ event }, ordinal) => eventOf(event, ordinal)),
    enrichment: new Map(kept.flatMap(({ event }, at) => (typeof event.enrichment === 'string' ? [[at, event.enrichment]] : []))),
    contexts: new Map(kept.map(({ context }, at) => [at, context])),
    returned: new Map(kept.map(({ attempts, processed, letter = null }, at) => [at, { attempts, processed, letter }])),
    redriven: records.map(({ epoch, page: seq, ordinal }) => ({ epoch, page: seq, ordinal })),
    duplicate: records.length - kept.length,
  };
}

function eventOf(event: Record<string, unknown>, ordinal: number): HashedEvent {
  const raw = typeof event.raw === 'string' ? Buffer.from(event.raw, 'base64') : null;
  // Put off by an earlier version, it knows nothing of versions.
  const { entity = null, version = null, versionOrder = null, ...rest } = event as unknown as Partial<HashedEvent>;
  return { ...(rest as HashedEvent), entity, version, versionOrder, ordinal, raw };
}
