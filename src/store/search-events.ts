// Events as people list them: the latest stored first, filtered, a bounded page at a time.
import { instantOf } from '../domain/instant.js';
import type { Queryable } from './pool.js';

export interface EventFilter {
  readonly source?: string | undefined;
  readonly type?: string | undefined;
  /** Event time, from here on; events without a time match neither bound. */
  readonly since?: Date | undefined;
  /** Event time, before this. */
  readonly until?: Date | undefined;
  /** At least this. */
  readonly priority?: number | undefined;
}

/** Where an event stands in the order; the page after it goes on there, whatever was stored meanwhile. */
export interface EventPlace {
  readonly ingestedAt: string;
  readonly source: string;
  readonly epoch: number;
  readonly page: number;
  readonly ordinal: number;
}

export interface EventRow extends EventPlace {
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  /** RFC 3339 in UTC, to the microsecond. */
  readonly time: string | null;
  readonly priority: number;
  /** sha256, hex. */
  readonly contentHash: string | null;
  readonly flags: readonly string[] | null;
  readonly data: unknown;
  readonly enrichment: unknown;
}

const instant = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

/**
 * The primary key gives the order up to the source; what shares a page is sorted, and a page is bounded. Texts are
 * made outside of the limit, for the rows that are shown and not for the page.
 */
export async function searchEvents(db: Queryable, filter: EventFilter, limit: number, after?: EventPlace): Promise<EventRow[]> {
  const { rows } = await db.query<EventRow>(
    `select to_char(ingested_at at time zone 'utc', ${instant}) as "ingestedAt", source, epoch, page, ordinal, id, type, subject,
            to_char(time at time zone 'utc', ${instant}) as time, priority, encode(content_hash, 'hex') as "contentHash",
            flags, data, enrichment
       from (select * from events
              where ($1::text is null or source = $1) and ($2::text is null or type = $2)
                and ($3::timestamptz is null or time >= $3) and ($4::timestamptz is null or time < $4)
                and ($5::smallint is null or priority >= $5)
                and ($6::timestamptz is null
                     or (ingested_at, source, epoch, page, ordinal) < ($6, $7::text, $8::integer, $9::integer, $10::integer))
              order by ingested_at desc, source desc, epoch desc, page desc, ordinal desc
              limit $11) as latest
      order by latest.ingested_at desc, source desc, epoch desc, page desc, ordinal desc`,
    [...valuesOf(filter), after?.ingestedAt, after?.source, after?.epoch, after?.page, after?.ordinal, limit],
  );
  return rows.map((row) => ({ ...row, ingestedAt: instantOf(row.ingestedAt)!, time: row.time === null ? null : instantOf(row.time) }));
}

function valuesOf({ source, type, since, until, priority }: EventFilter): unknown[] {
  return [source, type, since, until, priority];
}
