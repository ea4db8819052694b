// Which of these records are not in the store: the looking half of the door, which writes nothing.
import { newBatch } from '../domain/stage.js';
import type { RawRecord, Source } from '../domain/source.js';
import { createDeduplicate } from '../stages/deduplicate.js';
import { hash } from '../stages/hash.js';
import { createRecentKeys } from '../stages/recent-keys.js';
import { validate } from '../stages/validate.js';
import type { Pool } from '../store/pool.js';
import { recordsByOrdinal } from './verdicts.js';

export interface Missing {
  /** Those with an event that the store does not know, each once. */
  readonly records: readonly RawRecord[];
  /** Events of all records, and those that the store does not know. A record that is no event has none. */
  readonly events: number;
  readonly missing: number;
}

export type FindMissing = (records: readonly RawRecord[]) => Promise<Missing>;

export function createFindMissing(pool: Pool, { id, source, options }: MissingOf): FindMissing {
  const look = createDeduplicate(pool, createRecentKeys(0));
  const context = { source, options, runId: '', priorityRules: [] };
  return async (records) => {
    const facts = { source: id, epoch: 0, seq: 0, fromDigest: '', digest: '', cursor: null, statePatch: null };
    const page = { ...facts, fetchedAt: new Date(), host: '', queued: null };
    const validated = await validate.run(newBatch(page, records), context);
    const places = recordsByOrdinal(validated);
    const hashed = await hash.run(validated, context);
    const { events } = await look.run(hashed, context);
    const found = new Set(events.map(({ ordinal }) => places.get(ordinal)!));
    return { records: [...found], events: hashed.events.length, missing: events.length };
  };
}

export interface MissingOf {
  readonly id: string;
  readonly source: Source;
  readonly options: unknown;
}
