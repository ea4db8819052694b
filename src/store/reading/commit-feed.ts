// The commit feed as it is read: commits by their numbers, and the events of some of them up to a bound of rows and bytes. A
// number is given once its commit is visible, and all below it were given before (commits.ts): who reads on from the last
// number misses nothing, also of a transaction that was open for long.
import type { FeedPosition } from '../../domain/feed-position.js';
import { typeLike } from './event-filter.js';
import { eventColumns, eventRow, type EventRow } from './search-events.js';
import type { Queryable } from '../pool.js';

export interface FeedFilter {
  readonly source?: string | undefined;
  /** Names, or patterns with `*`. */
  readonly types?: readonly string[] | undefined;
  /** At least this. */
  readonly priority?: number | undefined;
  /** Event time, from here on; events without a time do not match. */
  readonly since?: Date | undefined;
}

/** A commit that has a number. */
export interface NumberedCommit {
  readonly number: number;
  readonly source: string;
  readonly epoch: number;
  readonly page: number;
  readonly inserted: number;
  /** As Postgres has it, to the microsecond: it finds the events. */
  readonly ingestedAt: string;
}

export interface CommitsRead {
  /** In the order of their numbers. */
  readonly commits: readonly NumberedCommit[];
  /** The highest number there is, in the same look; 0 for none. */
  readonly head: number;
}

type CommitRow = { readonly head: string } & (
  | ({ readonly number: string } & Omit<NumberedCommit, 'number'>)
  | { number: null }
);

/** From this number on, at most `limit`. */
export async function listCommits(
  db: Queryable,
  from: number,
  source: string | undefined,
  limit: number,
): Promise<CommitsRead> {
  const { rows } = await db.query<CommitRow>({
    name: 'list_commits',
    text: `select h.head, c.number, c.source, c.epoch, c.seq as page, c.inserted, c.ingested_at::text as "ingestedAt"
             from (select coalesce(max(number), 0) as head from commits) as h
             left join lateral (
               select * from commits where number >= $1::bigint and ($2::text is null or source = $2) order by number limit $3::integer) as c on true
            order by c.number`,
    values: [from, source ?? null, limit],
  });
  return {
    head: Number(rows[0]!.head),
    commits: rows.flatMap((row) => (row.number === null ? [] : [{ ...row, number: Number(row.number) }])),
  };
}

/** An event of the feed. */
export interface FedRow extends EventRow {
  /** Of its commit. */
  readonly number: number;
  /** Of its data and its enrichment as JSON texts; one above the bound is left out, and `data` or `enrichment` null. */
  readonly dataBytes: number;
  readonly enrichmentBytes: number;
}

export interface FedBounds {
  readonly rows: number;
  /** Of what is read of all events together; the first is read whatever it has. */
  readonly bytes: number;
  /** Of one event's data. */
  readonly dataBytes: number;
  readonly enrichmentBytes: number;
}

export interface FedRows {
  readonly rows: readonly FedRow[];
  /** There may be more of these commits. */
  readonly more: boolean;
}

/**
 * Events of these commits behind `after`, in the order of the feed. By the primary key, which begins with the two that a
 * commit knows of its events; so an event costs the walk over its page once in each call.
 */
export async function readFedEvents(
  db: Queryable,
  commits: readonly NumberedCommit[],
  after: FeedPosition,
  { types, priority, since }: FeedFilter,
  bounds: FedBounds,
): Promise<FedRows> {
  const of = <K extends keyof NumberedCommit>(name: K) => commits.map((commit) => commit[name]);
  const { rows } = await db.query<Omit<FedRow, 'number'> & { number: string; isCut: boolean }>({
    name: 'read_fed_events',
    text: `select number, ${eventColumns}, data_bytes as "dataBytes", enrichment_bytes as "enrichmentBytes", is_cut as "isCut"
       from (
         select w.*, sum(weight) over (order by number, ordinal) as upto, row_number() over (order by number, ordinal) = 1 as is_first,
                count(*) over () = $11::integer or sum(weight) over () > $12::bigint as is_cut
           from (
             select f.number, f.ingested_at, f.source, f.epoch, f.page, f.ordinal, f.id, f.type, f.subject, f.time, f.priority, f.content_hash,
                    f.flags, f.entity, f.version, t.data_bytes, t.enrichment_bytes,
                    case when t.data_bytes <= $13::integer then f.data end as data,
                    case when t.enrichment_bytes <= $14::integer then f.enrichment end as enrichment,
                    octet_length(f.id) + coalesce(octet_length(f.subject), 0)
                      + case when t.data_bytes <= $13 then t.data_bytes else 0 end + case when t.enrichment_bytes <= $14 then t.enrichment_bytes else 0 end as weight
               from (
                 select c.number, e.*
                   from unnest($1::bigint[], $2::text[], $3::integer[], $4::integer[], $5::timestamptz[]) as c (number, source, epoch, page, ingested_at)
                  cross join lateral (
                    select * from events e
                     where e.ingested_at = c.ingested_at and e.source = c.source and e.epoch = c.epoch and e.page = c.page
                       and (c.number > $6::bigint or e.ordinal > $7::integer)
                       and ($8::text[] is null or e.type like any ($8)) and e.priority >= $9::integer
                       and ($10::timestamptz is null or e.time >= $10)
                     order by e.ordinal limit $11) as e
                  order by c.number, e.ordinal limit $11) as f
              cross join lateral (
                select octet_length(f.data::text) as data_bytes, coalesce(octet_length(f.enrichment::text), 0) as enrichment_bytes offset 0) as t
           ) as w
       ) as weighed
      where is_first or upto <= $12
      order by number, ordinal`,
    values: [
      of('number'),
      of('source'),
      of('epoch'),
      of('page'),
      of('ingestedAt'),
      after.number,
      after.ordinal,
      types?.map(typeLike) ?? null,
      priority ?? 1,
      since ?? null,
      bounds.rows,
      bounds.bytes,
      bounds.dataBytes,
      bounds.enrichmentBytes,
    ],
  });
  return {
    rows: rows.map((row) => ({ ...row, ...eventRow(row), number: Number(row.number) })),
    more: rows[0]?.isCut ?? false,
  };
}

/** The first number of what was stored since then; the number after the last where nothing was. */
export async function firstNumberSince(db: Queryable, since: Date): Promise<number> {
  const { rows } = await db.query<{ number: string }>({
    name: 'first_number_since',
    text: `select coalesce((select min(number) from commits where ingested_at >= $1), (select max(number) from commits) + 1, 1) as number`,
    values: [since],
  });
  return Number(rows[0]!.number);
}
