// A holding beside the pages, as a door might have for what cannot wait: it locks the head of the source's express chain and
// a receipt, never the cursor. The receipts are a table of the test's own.
import { noCounts, type Counts } from '../../src/domain/page.js';
import { chainRule, linkDigest } from '../../src/store/chain.js';
import type { Holding } from '../../src/store/holding.js';
import { findLedgerCounts, insertLedgerEntry } from '../../src/store/ledger.js';
import type { Session } from '../../src/store/pool.js';
import type { Written } from '../../src/store/writing.js';

/** In a schema of its own: what is in ours is proved, table by table. */
export const receiptsTable = `create schema door; grant usage on schema door to tributary_worker;
  create table door.receipts (source text, id text, seq integer, primary key (source, id));
  grant select, insert on door.receipts to tributary_worker`;

/** Of one source; `receipt` names the delivery, which is written once. */
export function expressHolding(source: string, receipt: string, ingestedAt: Date): Holding {
  return {
    numbersChanges: false,
    async take(session) {
      const seq = (await lockHead(session, source)) + 1;
      const { rows } = await session.query<{ seq: number }>(
        'select seq from door.receipts where source = $1 and id = $2',
        [source, receipt],
      );
      if (rows[0] === undefined) return { page: { source, epoch: 0, seq } };
      return { committed: (await findLedgerCounts(session, { source, epoch: 0, seq: rows[0].seq }))! };
    },
    async keep(session, page, written) {
      const counts = countsOf(written);
      const place = { fromDigest: 'express', toDigest: 'express' };
      await insertLedgerEntry(session, {
        ...page,
        ...place,
        counts,
        redriven: 0,
        recounted: 0,
        remapped: 0,
        processingMs: 0,
        measures: {},
      });
      await session.query('insert into door.receipts (source, id, seq) values ($1, $2, $3)', [
        source,
        receipt,
        page.seq,
      ]);
      await appendExpressLink(session, source, page.seq, ingestedAt, written);
      return counts;
    },
  };
}

function countsOf({ inserted, existing }: Written): Counts {
  return { ...noCounts, fetched: inserted + existing, inserted, existing };
}

/** Writers beside the pages queue there. Returns the links it has. */
async function lockHead(session: Session, source: string): Promise<number> {
  await session.query('insert into express_heads (source) values ($1) on conflict do nothing', [source]);
  const { rows } = await session.query<{ links: number }>(
    'select links::integer as links from express_heads where source = $1 for update',
    [source],
  );
  return rows[0]!.links;
}

async function appendExpressLink(
  session: Session,
  source: string,
  seq: number,
  ingestedAt: Date,
  { digest }: Written,
): Promise<void> {
  await session.query(
    `with facts as (
       select h.source, -h.links - 1 as number, ${chainRule}::smallint as rule, 'page' as kind, 0 as epoch, $2::integer as seq, null::text as run_id,
              clock_timestamp() as made_at, $3::timestamptz as ingested_at, sha256('') as position, null::bytea as base, $4::bytea as events,
              $5::bytea as event_rows, null::bytea as changes, h.chain as previous
         from express_heads h where h.source = $1
     ), link as (
       insert into chain_links (source, number, rule, kind, epoch, seq, made_at, ingested_at, position, events, event_rows, chain)
       select f.source, f.number, f.rule, f.kind, f.epoch, f.seq, f.made_at, f.ingested_at, f.position, f.events, f.event_rows,
              ${linkDigest('f', 'g', 'f.previous')}
         from facts f join ledger g on g.source = f.source and g.epoch = f.epoch and g.seq = f.seq
       returning number, chain
     )
     update express_heads h set links = -link.number, chain = link.chain from link where h.source = $1`,
    [source, seq, ingestedAt, digest?.digest ?? null, digest?.rows ?? null],
  );
}
