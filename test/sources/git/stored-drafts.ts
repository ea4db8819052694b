// Drafts of events as rows, without hashing and persist: for views, which ask for rows alone.
import { canonicalJson } from '../../../src/domain/canonical-json.js';
import type { EventDraft } from '../../../src/domain/event.js';
import type { Pool } from '../../../src/store/pool.js';

/** One after the other, in this order. */
export async function storeDrafts(pool: Pool, drafts: readonly EventDraft[], source = 'test'): Promise<void> {
  for (const [ordinal, { identity, type, time = null, subject, data, flags = null }] of drafts.entries()) {
    const { key } = identity as { key: string };
    await pool.query(
      `insert into events (ingested_at, source, id, type, subject, time, priority, epoch, page, ordinal, flags, data)
       values ('2026-01-01', $1, $2, $3, $4, $5, 2, 1, 1, $6, $7, $8)`,
      [source, key, type, subject, time, ordinal, flags, canonicalJson(data)],
    );
  }
}
