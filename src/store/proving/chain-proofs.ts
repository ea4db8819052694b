// What `verify` checks of the chain of digests, by the expressions it was made with. As in proofs.ts, each check is a
// statement with a row for each thing it found. Links of pages are numbered from 1 up, those of express writes from -1 down.
import { baseDigest, changesOfLink, linkDigest, positionDigest, provedRows, type ProvedRows } from '../chain.js';
import type { Queryable } from '../pool.js';
import type { Check } from './proofs.js';

const chosen = (row: string): string => `($1::text is null or ${row}.source = $1)`;
const withoutLink = (row: string): string =>
  `not exists (select from chain_links p where p.source = ${row}.source and p.epoch = ${row}.epoch and p.seq = ${row}.seq)`;
const nameOfLink = `coalesce(l.epoch || '.' || l.seq, 'link ' || l.number)`;

/** Each over the one before, over its page's ledger row and over the rows it changed; the first over what was before. */
export const brokenLinks: Check = {
  name: 'every link of the chain is over the one before and over its page',
  unit: 'links broken',
  sql: `select l.source, ${nameOfLink}, 'its link or its row of the ledger', 1
          from (select l.*, lag(l.chain) over of_chain as previous, coalesce(abs(lag(l.number) over of_chain), 0) as before
                  from chain_links l where ${chosen('l')} window of_chain as (partition by l.source, l.number > 0 order by abs(l.number))) as l
          left join ledger g on g.source = l.source and g.epoch = l.epoch and g.seq = l.seq
         where ($2::timestamptz is null or l.made_at > $2)
           and (abs(l.number) <> l.before + 1 or (l.number > 0) <> (l.epoch > 0) or l.chain <> ${linkDigest('l', 'g', 'l.previous')}
                or (l.number = 1) <> (l.base is not null))
        union all
        select l.source, 'before the chain', 'the source or the rows of the ledger without a link', 1 from chain_links l
         where ${chosen('l')} and l.number = 1 and l.base is distinct from ${baseDigest('l.source')}`,
};

export const wrongChanges: Check = {
  name: 'every link knows what it changed',
  unit: 'links broken',
  sql: `select source, coalesce(${nameOfLink}, 'link ' || number), 'rows of row_changes', 1
          from (select * from chain_links l where ${chosen('l')}) as l
          full join (select w.source, w.number, ${changesOfLink('w')} as now from row_changes w
                      where ${chosen('w')} group by w.source, w.number) as w using (source, number)
         where l.changes is distinct from w.now`,
};

/** The position is the last link's, and the source knows which link is its last, of both of its chains. */
export const wrongHeads: Check = {
  name: 'the position is where the chain ends',
  unit: 'position astray',
  sql: `select n.source, coalesce(${nameOfLink}, 'no page'), 'the row of source_cursors', 1
          from (select id as source from sources union select source from chain_links union select source from source_cursors) as n
          left join source_cursors c on c.source = n.source
          left join (select distinct on (k.source) k.* from chain_links k where k.number > 0 order by k.source, k.number desc) as l on l.source = n.source
         where ${chosen('n')}
           and (c.source is null or c.links <> coalesce(l.number, 0) or c.chain is distinct from l.chain
                or (c.links > 0 and ${positionDigest('c')} is distinct from l.position))
        union all
        select source, coalesce('link ' || e.number, 'no page'), 'the row of express_heads', 1
          from (select * from express_heads h where ${chosen('h')}) as h
          full join (select distinct on (k.source) k.* from chain_links k where k.number < 0 and ${chosen('k')} order by k.source, k.number) as e using (source)
         where coalesce(h.links, 0) <> coalesce(-e.number, 0) or h.chain is distinct from e.chain`,
};

/** Runs are numbered from 1 to the one that holds the source, and a page names its run. */
export const wrongRuns: Check = {
  name: 'every epoch has its run',
  unit: 'runs',
  sql: `select c.source, c.epoch || '.' || c.seq, 'the run of epoch ' || c.epoch, 1 from source_cursors c
          left join runs r on r.source = c.source and r.epoch = c.epoch
         where ${chosen('c')} and c.run_id is distinct from r.run_id
        union all
        select c.source, c.epoch || '.' || c.seq, 'runs ' || count(r.epoch) || ' of ' || c.epoch, 1 from source_cursors c
          left join runs r on r.source = c.source
         where ${chosen('c')} group by c.source, c.epoch, c.seq having count(r.epoch) <> c.epoch or coalesce(max(r.epoch), 0) <> c.epoch
        union all
        select l.source, ${nameOfLink}, 'the run of epoch ' || l.epoch, 1 from chain_links l
          left join runs r on r.source = l.source and r.epoch = l.epoch
         where ${chosen('l')} and l.seq is not null and l.run_id is distinct from r.run_id`,
};

/** The last word on each row against the row. A source without a chain is left out. */
const wrongRows = ({ relation, key, digest }: ProvedRows): string => `
  select p.source, coalesce(${nameOfLink}, 'no page'), '${relation} ' || p.key, 1
    from ((select distinct on (w.source, w.key) w.source, w.key, w.number, w.digest as told from row_changes w
            where w.relation = '${relation}' and ${chosen('w')} order by w.source, w.key, w.number desc) as told
    full join (select r.source, ${key('r')} as key, ${digest('r')} as held from ${relation} r where ${chosen('r')}) as held using (source, key)) as p
    left join chain_links l on l.source = p.source and l.number = p.number
   where p.told is distinct from p.held and exists (select from source_cursors c where c.source = p.source and c.links > 0)`;

const pagesBefore = (source: string): string =>
  `select from ledger g where g.source = ${source} and ${withoutLink('g')}`;

/** Only pages bring state: a source without pages has none, and a chain without pages before it began with none. */
const earlyState = `
  select s.source, 'no page', 'source_state ' || s.kind || ' ' || s.key, 1 from source_state s
   where ${chosen('s')} and not exists (select from ledger g where g.source = s.source)
  union all
  select w.source, 'before the chain', 'source_state ' || w.key, 1 from row_changes w
   where ${chosen('w')} and w.relation = 'source_state' and w.number = 1 and not exists (${pagesBefore('w.source')})`;

export const alteredRows: Check = {
  name: 'state, deferred events, dead letters and decisions are as they were committed',
  unit: 'rows',
  sql: [...provedRows.map(wrongRows), earlyState].join('\n  union all'),
};

/** The migration that made the chain. Before it no page has a link, after it each has one: a chain may not be taken away whole. */
const chainMigration = 13;

export const unlinkedPages: Check = {
  name: 'every page since there is a chain has its link',
  unit: 'pages without one',
  sql: `select g.source, g.epoch || '.' || g.seq, 'its link', 1 from ledger g
         where ${chosen('g')} and ${withoutLink('g')}
           and g.committed_at > (select applied_at from schema_migrations where version = ${chainMigration})`,
};

export interface ChainRow {
  readonly source: string;
  /** Links; 0: the source has no chain yet. */
  readonly links: number;
  /** Hexadecimal, of the last link. */
  readonly chain: string | null;
  /** Of the last link of the chain beside the pages, as negative number; null: nothing was written beside them. */
  readonly express: { readonly links: number; readonly chain: string } | null;
  /** Pages from before the chain. */
  readonly pagesBefore: number;
  /** First page of the chain. */
  readonly firstPage: string | null;
}

export async function listChains(db: Queryable, source: string | null): Promise<ChainRow[]> {
  const { rows } = await db.query<ChainRow>(
    `select c.source, c.links::float8 as links, encode(c.chain, 'hex') as chain,
            (select json_build_object('links', -h.links, 'chain', encode(h.chain, 'hex')) from express_heads h
              where h.source = c.source and h.links > 0) as express,
            (select l.epoch || '.' || l.seq from chain_links l where l.source = c.source and l.seq is not null and l.number > 0 order by l.number limit 1) as "firstPage",
            ((select count(*) from ledger g where g.source = c.source)
              - (select count(*) from chain_links l where l.source = c.source and l.seq is not null))::float8 as "pagesBefore"
       from source_cursors c where ${chosen('c')} order by c.source`,
    [source],
  );
  return rows;
}
