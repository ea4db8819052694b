// Events as the embed command walks them, and rows of `embedding_inputs`: the texts of events whose enrichment names no
// text.
import { canonicalJson } from '../domain/canonical-json.js';
import type { JsonObject } from '../domain/event.js';
import { hashesOf, joinedHashes } from './hash-list.js';
import type { Queryable } from './pool.js';

export interface EventPlace {
  /** To the microsecond, as Postgres writes it. */
  readonly ingestedAt: string;
  readonly source: string;
  readonly id: string;
}

export interface EventToEmbed extends EventPlace {
  readonly type: string;
  readonly subject: string | null;
  /** As it was hashed: jsonb has its own order of fields. */
  readonly dataText: string;
  /** sha256 of the text its enrichment speaks of, hex. */
  readonly input: string | null;
}

/** The next events in the order of the primary key; `source` null is all. */
export async function listEventsToEmbed(
  db: Queryable,
  source: string | null,
  after: EventPlace | undefined,
  limit: number,
): Promise<EventToEmbed[]> {
  const { rows } = await db.query<Omit<EventToEmbed, 'dataText'> & { data: JsonObject }>(
    `select ingested_at::text as "ingestedAt", source, id, type, subject, data, enrichment -> 'embedding' ->> 'input' as input
       from events
      where ($1::text is null or source = $1) and ($2::timestamptz is null or (ingested_at, source, id) > ($2, $3::text, $4::text))
      order by events.ingested_at, source, id limit $5`,
    [source, after?.ingestedAt, after?.source, after?.id, limit],
  );
  return rows.map(({ data, ...event }) => ({ ...event, dataText: canonicalJson(data) }));
}

/** By the ledger, which is exact and costs nothing. */
export async function countEventsToEmbed(db: Queryable, source: string | null): Promise<number> {
  const { rows } = await db.query<{ events: number }>(
    'select coalesce(sum(inserted), 0)::float8 as events from ledger where $1::text is null or source = $1',
    [source],
  );
  return rows[0]!.events;
}

export async function insertEmbeddingInputs(
  db: Queryable,
  rows: readonly (EventPlace & { readonly input: string })[],
): Promise<void> {
  if (rows.length === 0) return;
  await db.query({
    text: `insert into embedding_inputs (ingested_at, source, event_id, input_hash)
           select * from unnest($1::timestamptz[], $2::text[], $3::text[], ${hashesOf('$4')})
           on conflict do nothing`,
    values: [
      rows.map((row) => row.ingestedAt),
      rows.map((row) => row.source),
      rows.map((row) => row.id),
      joinedHashes(rows.map((row) => row.input)),
    ],
  });
}
