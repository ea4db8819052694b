// What `verify` checks of the counts: what the ledger says against what the tables hold. Each check is a statement with a
// row for each thing it found: (source, page, row, found). Parameters: $1 the source or null for all; $2 a moment, only
// what was linked after it is looked at; $3 the ingestion time from which events can be of that.
import type { Queryable } from '../pool.js';

export interface Check {
  readonly name: string;
  /** What is counted. */
  readonly unit: string;
  readonly sql: string;
}

export interface Place {
  /** epoch.seq; null where what was found belongs to no page. */
  readonly page: string | null;
  readonly row: string;
}

export interface Found {
  readonly found: number;
  /** The first few. */
  readonly places: readonly Place[];
}

export interface Scope {
  readonly source: string | null;
  readonly since: string | null;
  readonly ingestedSince: string | null;
}

/** Places told of each check; all are counted. */
export const placesShown = 10;

/** By source; one without an answer has nothing found. */
export async function find(
  db: Queryable,
  { sql }: Check,
  { source, since, ingestedSince }: Scope,
): Promise<ReadonlyMap<string, Found>> {
  const { rows } = await db.query<Found & { source: string }>(
    `select source, sum(found)::float8 as found,
            jsonb_agg(jsonb_build_object('page', page, 'row', row) order by at) filter (where at <= ${placesShown}) as places
       from (select f.*, row_number() over (partition by source order by page, row) as at
               from (${sql}) as f (source, page, row, found),
                    -- Not every check has a use for each of them.
                    (select $1::text, $2::timestamptz, $3::timestamptz) as parameters
              where found > 0) as numbered
      group by source`,
    [source, since, ingestedSince],
  );
  return new Map(rows.map(({ source: of, ...found }) => [of, found]));
}

const named = (row: string, seq: string): string => `${row}.epoch || '.' || ${row}.${seq}`;
const chosen = (row: string): string => `($1::text is null or ${row}.source = $1)`;
/** Not a page of the part that is trusted. */
const isNew = (row: string, seq: string): string =>
  `not exists (select from chain_links o where o.source = ${row}.source and o.epoch = ${row}.epoch and o.seq = ${row}.${seq} and o.made_at <= $2)`;
const isFresh = (row: string): string => `($3::timestamptz is null or ${row}.ingested_at >= $3)`;

const pagesOfEvents = `
  select p.source, ${named('p', 'seq')} as page, coalesce(p.told, 0) as told, coalesce(p.held, 0) as held
    from ((select source, epoch, seq, inserted as told from ledger g where ${chosen('g')}) as pages
    full join (select e.source, e.epoch, e.page as seq, count(*) as held from events e
                where ${chosen('e')} and ${isFresh('e')} group by e.source, e.epoch, e.page) as stored using (source, epoch, seq)) as p
   where ${isNew('p', 'seq')}`;

export const unbalancedPages: Check = {
  name: 'every page accounts for all it fetched',
  unit: 'pages',
  sql: `select g.source, ${named('g', 'seq')}, 'its counts', 1 from ledger g
         where ${chosen('g')} and g.fetched <> g.inserted + g.duplicate + g.existing + g.suppressed + g.removed + g.deferred + g.dead`,
};

export const eventsMissingFromPages: Check = {
  name: 'every event the ledger counts is stored',
  unit: 'events lost',
  sql: `select source, page, held || ' of ' || told || ' events', told - held from (${pagesOfEvents}) as pages`,
};

export const eventsBeyondPages: Check = {
  name: 'every stored event is counted by the ledger',
  unit: 'events too many',
  sql: `select source, page, held || ' events, ' || told || ' counted', held - told from (${pagesOfEvents}) as pages`,
};

export const doubledEvents: Check = {
  name: 'every event is stored once',
  unit: 'events doubled',
  sql: `select e.source, max(${named('e', 'page')}), 'event ' || e.id, count(*) - 1 from events e
         where ${chosen('e')} and ${isFresh('e')} group by e.source, e.id having count(*) > 1`,
};

/** Nothing claimed them: their hash, computed here again, is not the one kept for them. */
export const eventsWithoutHash: Check = {
  name: 'every stored event has its hash',
  unit: 'events invented',
  sql: `select e.source, ${named('e', 'page')}, 'event ' || e.id, 1 from events e
         where ${chosen('e')} and ${isFresh('e')}
           and not exists (select from event_hashes h
                            where h.hash = sha256(convert_to(e.source || E'\\n' || e.id, 'UTF8')) and h.source = e.source and h.event_id = e.id)`,
};

/** Hashes for which the condition holds. The page is that of the event, or of the time the claim names. */
const hashesThat = (condition: string): string => `
  with astray as materialized (
    select h.source, h.event_id, h.ingested_at from event_hashes h where ${chosen('h')} and ${isFresh('h')} and ${condition}
  ), stored as (
    select e.source, e.id, min(${named('e', 'page')}) as page from events e
     where (e.source, e.id) in (select source, event_id from astray) group by e.source, e.id
  ), linked as (
    select l.source, l.ingested_at, min(${named('l', 'seq')}) as page from chain_links l
     where (l.source, l.ingested_at) in (select source, ingested_at from astray) group by l.source, l.ingested_at
  )
  select a.source, coalesce(s.page, l.page), 'hash of event ' || a.event_id, 1 from astray a
    left join stored s on s.source = a.source and s.id = a.event_id
    left join linked l on l.source = a.source and l.ingested_at = a.ingested_at`;

/** Claimed events that are not where the claim says. */
export const hashesWithoutEvent: Check = {
  name: 'every hash has its event',
  unit: 'events lost',
  sql: hashesThat(
    'not exists (select from events e where e.ingested_at = h.ingested_at and e.source = h.source and e.id = h.event_id)',
  ),
};

export const wrongHashes: Check = {
  name: 'every hash is that of its source and event',
  unit: 'hashes',
  sql: hashesThat(`h.hash <> sha256(convert_to(h.source || E'\\n' || h.event_id, 'UTF8'))`),
};

/** Within an epoch they are 1 to n. */
export const pageGaps: Check = {
  name: 'pages are numbered without a gap',
  unit: 'pages missing',
  sql: `select g.source, g.epoch || '.' || max(g.seq), 'the pages of epoch ' || g.epoch, abs(max(g.seq) - count(*)) + abs(min(g.seq) - 1)
          from ledger g where ${chosen('g')} group by g.source, g.epoch`,
};

export const brokenPositions: Check = {
  name: 'every page begins where the one before ended',
  unit: 'pages astray',
  sql: `select p.source, ${named('p', 'seq')}, 'its position', 1
          from (select g.*, lag(g.to_digest) over (partition by g.source, g.epoch order by g.seq) as before from ledger g where ${chosen('g')}) as p
         where p.before <> p.from_digest`,
};

export const wrongDeadLetters: Check = {
  name: 'dead letters are as many as the ledger counts',
  unit: 'too many or few',
  sql: `select p.source, ${named('p', 'seq')}, coalesce(held, 0) || ' dead letters, ' || coalesce(told, 0) || ' counted', abs(coalesce(told, 0) - coalesce(held, 0))
          from ((select source, epoch, seq, dead as told from ledger g where ${chosen('g')}) as pages
          full join (select d.source, d.epoch, d.page as seq, count(*) as held from dead_letters d
                      where ${chosen('d')} group by d.source, d.epoch, d.page) as letters using (source, epoch, seq)) as p`,
};

/**
 * Deferred events that wait: other than all deferred and all dead letters redriven, less all that came back; or more than
 * their page deferred and its letters that were redriven.
 */
export const wrongDeferred: Check = {
  name: 'deferred events are as many as the ledger counts',
  unit: 'too many or few',
  sql: `select source, max(epoch || '.' || seq) filter (where held > told), 'rows of deferred',
               greatest(abs(sum(told) - sum(back) - sum(held)), sum(greatest(held - told, 0)))
          from (select source, epoch, seq, sum(told) as told, sum(back) as back, sum(held) as held
                  from (select source, epoch, seq, deferred as told, redriven as back, 0 as held from ledger g where ${chosen('g')}
                        union all
                        select source, epoch, page, 1, 0, 0 from dead_letter_decisions d where ${chosen('d')} and decision = 'redriven'
                        union all
                        select source, epoch, page, 0, 0, 1 from deferred d where ${chosen('d')}) as sides
                 group by source, epoch, seq) as pages
         group by source`,
};

/** Pages with new events that the commit feed does not tell once, with their number and time. */
export const wrongCommits: Check = {
  name: 'the commit feed tells every page once',
  unit: 'pages',
  sql: `select p.source, ${named('p', 'seq')}, 'its commit', 1
          from ((select g.source, g.epoch, g.seq, g.inserted as told, l.ingested_at from ledger g
                   left join chain_links l on l.source = g.source and l.epoch = g.epoch and l.seq = g.seq
                  where ${chosen('g')} and g.inserted > 0) as pages
          full join (select source, epoch, seq, sum(inserted) as fed, count(*) as times, max(ingested_at) as fed_at from commits c
                      where ${chosen('c')} group by source, epoch, seq) as feed using (source, epoch, seq)) as p
         where told is distinct from fed or times > 1 or ingested_at <> fed_at`,
};
