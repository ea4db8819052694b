// The questions `verify` asks, each one statement over all sources or one: what the ledger says against what the tables
// hold. Every answer is a number per source that must be 0; a source without an answer has 0.
import type { Queryable } from './pool.js';

export type Tally = ReadonlyMap<string, number>;

/** Rows of (source, found); $1 is the source, or null for all. */
async function tally(db: Queryable, source: string | null, text: string): Promise<Tally> {
  const { rows } = await db.query<{ source: string; found: string }>(text, [source]);
  return new Map(rows.map((row) => [row.source, Number(row.found)]));
}

/** Pages whose counts do not add up to what was fetched. A CHECK forbids them. */
export function unbalancedPages(db: Queryable, source: string | null): Promise<Tally> {
  return tally(
    db,
    source,
    `select source, count(*) as found from ledger
      where ($1::text is null or source = $1)
        and fetched <> inserted + duplicate + existing + suppressed + removed + deferred + dead
      group by source`,
  );
}

const pagesOfEvents = `
  select source, coalesce(told, 0) as told, coalesce(held, 0) as held
    from (select source, epoch, seq, inserted as told from ledger where $1::text is null or source = $1) as pages
    full join (select source, epoch, page as seq, count(*) as held from events
                where $1::text is null or source = $1 group by source, epoch, page) as stored using (source, epoch, seq)`;

/** Events the ledger counted as inserted by a page that has fewer. */
export function eventsMissingFromPages(db: Queryable, source: string | null): Promise<Tally> {
  return tally(db, source, `select source, sum(greatest(told - held, 0)) as found from (${pagesOfEvents}) as pages group by source`);
}

/** Events of a page beyond those its ledger row counted, also of pages without one. */
export function eventsBeyondPages(db: Queryable, source: string | null): Promise<Tally> {
  return tally(db, source, `select source, sum(greatest(held - told, 0)) as found from (${pagesOfEvents}) as pages group by source`);
}

/** Copies of events beyond the first. */
export function doubledEvents(db: Queryable, source: string | null): Promise<Tally> {
  return tally(
    db,
    source,
    `select source, sum(copies - 1) as found
       from (select source, count(*) as copies from events
              where $1::text is null or source = $1 group by source, id having count(*) > 1) as doubled
      group by source`,
  );
}

/** Events that nothing claimed: their hash, computed here again, is not the one kept for them. */
export function eventsWithoutHash(db: Queryable, source: string | null): Promise<Tally> {
  return tally(
    db,
    source,
    `select e.source, count(*) as found from events e
      where ($1::text is null or e.source = $1)
        and not exists (select from event_hashes h
                         where h.hash = sha256(convert_to(e.source || E'\\n' || e.id, 'UTF8'))
                           and h.source = e.source and h.event_id = e.id)
      group by e.source`,
  );
}

/** Claimed events that are not where the claim says they were stored. */
export function hashesWithoutEvent(db: Queryable, source: string | null): Promise<Tally> {
  return tally(
    db,
    source,
    `select h.source, count(*) as found from event_hashes h
      where ($1::text is null or h.source = $1)
        and not exists (select from events e
                         where e.ingested_at = h.ingested_at and e.source = h.source and e.id = h.event_id)
      group by h.source`,
  );
}

/** Page numbers missing within an epoch, whose pages are 1 to n. */
export function pageGaps(db: Queryable, source: string | null): Promise<Tally> {
  return tally(
    db,
    source,
    `select source, sum(gaps) as found
       from (select source, abs(max(seq) - count(*)) + abs(min(seq) - 1) as gaps from ledger
              where $1::text is null or source = $1 group by source, epoch) as epochs
      group by source`,
  );
}

/** Pages that do not begin where the page before them in their epoch ended. */
export function brokenChains(db: Queryable, source: string | null): Promise<Tally> {
  return tally(
    db,
    source,
    `select source, count(*) as found
       from (select source, from_digest, lag(to_digest) over (partition by source, epoch order by seq) as before from ledger
              where $1::text is null or source = $1) as pages
      where before <> from_digest
      group by source`,
  );
}

/** Dead letters more or fewer than the ledger row of their page counted. */
export function wrongDeadLetters(db: Queryable, source: string | null): Promise<Tally> {
  return tally(
    db,
    source,
    `select source, sum(abs(coalesce(told, 0) - coalesce(held, 0))) as found
       from (select source, epoch, seq, dead as told from ledger where $1::text is null or source = $1) as pages
       full join (select source, epoch, page as seq, count(*) as held from dead_letters
                   where $1::text is null or source = $1 group by source, epoch, page) as letters using (source, epoch, seq)
      group by source`,
  );
}

/**
 * Deferred events that wait: other than all put off and all dead letters redriven, less all that came back; or more than
 * their page put off and its letters that were redriven.
 */
export function wrongDeferred(db: Queryable, source: string | null): Promise<Tally> {
  return tally(
    db,
    source,
    `select source, greatest(abs(sum(told) - sum(back) - sum(held)), sum(greatest(held - told, 0))) as found
       from (select source, epoch, seq, sum(told) as told, sum(back) as back, sum(held) as held
               from (select source, epoch, seq, deferred as told, redriven as back, 0 as held from ledger
                      where $1::text is null or source = $1
                     union all
                     select source, epoch, page, 1, 0, 0 from dead_letter_decisions
                      where ($1::text is null or source = $1) and decision = 'redriven'
                     union all
                     select source, epoch, page, 0, 0, 1 from deferred where $1::text is null or source = $1) as sides
              group by source, epoch, seq) as pages
      group by source`,
  );
}

/** Pages with new events that the commit feed does not tell once, with their number. */
export function wrongCommits(db: Queryable, source: string | null): Promise<Tally> {
  return tally(
    db,
    source,
    `select source, count(*) as found
       from (select source, epoch, seq, inserted as told from ledger
              where ($1::text is null or source = $1) and inserted > 0) as pages
       full join (select source, epoch, seq, sum(inserted) as fed, count(*) as times from commits
                   where $1::text is null or source = $1 group by source, epoch, seq) as feed using (source, epoch, seq)
      where told is distinct from fed or times > 1
      group by source`,
  );
}

export interface PositionRow {
  readonly source: string;
  readonly cursor: unknown;
  readonly digest: string;
  readonly seq: number;
  /** Where the last committed page ended; null when there is none. */
  readonly ledgerDigest: string | null;
  /** Last committed page of the position's epoch. */
  readonly ledgerSeq: number;
  readonly pages: number;
  readonly inserted: number;
}

/** Each source's position beside the end of its ledger. */
export async function listPositions(db: Queryable, source: string | null): Promise<PositionRow[]> {
  const { rows } = await db.query<PositionRow>(
    `select c.source, c.cursor, c.digest, c.seq, totals.pages, totals.inserted, totals."ledgerSeq",
            (select to_digest from ledger where source = c.source order by epoch desc, seq desc limit 1) as "ledgerDigest"
       from source_cursors c
      cross join lateral (
        select count(*)::integer as pages, coalesce(sum(inserted), 0)::float8 as inserted,
               coalesce(max(seq) filter (where epoch = c.epoch), 0) as "ledgerSeq"
          from ledger where source = c.source) as totals
      where $1::text is null or c.source = $1
      order by c.source`,
    [source],
  );
  return rows;
}
