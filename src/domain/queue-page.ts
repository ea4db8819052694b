// Rows of queues as the records of a page, and the page again as its first batch. An event that comes back is in its record
// as its stage knew it, so the stages before are not run again; a redriven record is mapped anew.
import type { HashedEvent, JsonObject } from './event.js';
import { queueNamed, type Queue } from './queue.js';
import type { RawRecord } from './source.js';
import { newBatch, type Batch, type DeferredKey, type EarlierLetter, type PageFacts, type Return } from './stage.js';

/** The page as it begins: the events of a source's page are still in its records; a queue knows what its own are. */
export function firstBatch(
  queues: readonly Pick<Queue<never>, 'name' | 'begin'>[],
  page: PageFacts,
  records: readonly RawRecord[],
): Batch {
  return page.queued === null ? newBatch(page, records) : queueNamed(queues, page.queued.queue).begin(page, records);
}

/** epoch.page.ordinal */
export function deferredName({ epoch, page, ordinal }: DeferredKey): string {
  return `${epoch}.${page}.${ordinal}`;
}

/** As it was deferred. */
export interface DeferredRecord extends DeferredKey, Return {
  readonly event: Record<string, unknown>;
  readonly context: JsonObject;
}

export function encodeDeferred(record: DeferredRecord): RawRecord {
  return Buffer.from(JSON.stringify(record));
}

/** Of equal events, deferred by different pages, the first goes on: persist claims a key once. */
export function resumedBatch(page: PageFacts, stored: readonly RawRecord[]): Batch {
  const records = stored.map((one) => JSON.parse(Buffer.from(one).toString()) as DeferredRecord);
  const seen = new Set<unknown>();
  const kept = records.filter(({ event: { key } }) => !seen.has(key) && seen.add(key));
  return {
    ...newBatch(page, []),
    events: kept.map(({ event }, ordinal) => eventOf(event, ordinal)),
    enrichment: new Map(
      kept.flatMap(({ event }, at) => (typeof event.enrichment === 'string' ? [[at, event.enrichment]] : [])),
    ),
    contexts: new Map(kept.map(({ context }, at) => [at, context])),
    returned: new Map(kept.map(({ attempts, processed, letter = null }, at) => [at, { attempts, processed, letter }])),
    queueKeys: records.map(deferredName),
    duplicate: records.length - kept.length,
  };
}

function eventOf(event: Record<string, unknown>, ordinal: number): HashedEvent {
  const raw = typeof event.raw === 'string' ? Buffer.from(event.raw, 'base64') : null;
  // An event that was deferred before events had these fields.
  const { entity = null, version = null, versionOrder = null, ...rest } = event as unknown as Partial<HashedEvent>;
  return { ...(rest as HashedEvent), entity, version, versionOrder, ordinal, raw };
}

export interface RedrivenRecord extends DeferredKey {
  /** The event of the record that comes back; null: all of them, the record was refused as a whole. */
  readonly part: number | null;
  /** Ordinal of the letter that has the bytes: events of one record share them. */
  readonly holder: number;
  readonly letter: EarlierLetter;
  /** Of the record; none where its source has none. */
  readonly stream?: string | null;
  /** Null where an earlier one of the page has brought them: a thousand events of one record bring it once. */
  readonly record: Uint8Array | null;
}

export function encodeRedriven({ record, ...rest }: RedrivenRecord): RawRecord {
  return Buffer.from(
    JSON.stringify({ ...rest, record: record === null ? null : Buffer.from(record).toString('base64') }),
  );
}

/** One record of the batch for each letter; letters of one record share its bytes. */
export function redrivenBatch(page: PageFacts, stored: readonly RawRecord[]): Batch {
  const bytes = new Map<string, RawRecord>();
  const redriven = stored.map(
    (one) => JSON.parse(Buffer.from(one).toString()) as Omit<RedrivenRecord, 'record'> & { record: string | null },
  );
  const records = redriven.map(({ epoch, page: seq, holder, record }) => {
    const name = `${epoch}.${seq}.${holder}`;
    if (record !== null) bytes.set(name, Buffer.from(record, 'base64'));
    const found = bytes.get(name);
    if (found === undefined) throw new RangeError(`the page has no bytes of the record of dead letter ${name}`);
    return found;
  });
  return {
    ...newBatch(page, records),
    origins: redriven.map(({ part, letter, stream = null }) => ({ part, letter, stream })),
    queueKeys: redriven.map(deferredName),
  };
}
