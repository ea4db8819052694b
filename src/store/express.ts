// The holding of a write beside the pages (docs/decisions/0008-queue-pages.md): it locks the head of its source's express
// chain, never the cursor, so it does not stand behind the commit of a page of 20,000. What it writes is a page of epoch 0.
import { NeedsAttention } from '../domain/errors.js';
import type { Measures } from '../domain/measure.js';
import { noCounts, type Counts, type PageKey } from '../domain/page.js';
import { pauseText } from '../domain/pause.js';
import { chainRule, linkDigest } from './chain.js';
import type { Holding } from './holding.js';
import { insertLedgerEntry } from './ledger.js';
import { insertPage, type PageRow } from './pages.js';
import { findPause } from './pauses.js';
import type { Session } from './pool.js';
import { assertSkipsHold } from './skips.js';
import type { Written } from './writing.js';

/** Of all pages beside the position: neither begins nor ends at one. */
const place = { fromDigest: 'express', toDigest: 'express' } as const;

export interface ExpressWrite {
  readonly source: string;
  readonly ingestedAt: Date;
  /** The records as they came; null: all are known, and nothing of them is kept again. */
  readonly page: ExpressPage | null;
  readonly duplicate: number;
  /** Events skipped because the store knew them when somebody looked, and their keys. */
  readonly existing: number;
  readonly skippedKeys: readonly string[];
  readonly processingMs: number;
  readonly measures: Measures;
  /** Told what was written, before the commit: it is true once the commit has returned. */
  readonly told: (written: Written, page: PageKey) => void;
}

export interface ExpressPage extends Pick<PageRow, 'records' | 'events' | 'bytes' | 'host' | 'mapperVersion'> {
  readonly raw: Uint8Array;
}

/** Throws NeedsAttention when the source is paused; StaleCache when a skip was wrong. */
export function expressHolding(write: ExpressWrite): Holding {
  const { source } = write;
  const start = performance.now();
  return {
    numbersChanges: false,
    async take(session) {
      const seq = (await lockHead(session, source)) + 1;
      await assertNotPaused(session, source);
      await assertSkipsHold(session, write.skippedKeys);
      return { page: { source, epoch: 0, seq } };
    },
    async keep(session, page, written) {
      const counts = countsOf(write, written);
      await keepPage(session, page, write);
      // The transaction up to here: what it costs to end it cannot be in it.
      const persist = {
        in: written.inserted + written.existing,
        out: written.inserted,
        ms: Math.round(performance.now() - start),
      };
      const failures = await insertLedgerEntry(session, {
        ...page,
        ...place,
        counts,
        redriven: 0,
        recounted: 0,
        remapped: 0,
        processingMs: Math.round(write.processingMs + performance.now() - start),
        measures: { ...write.measures, persist },
      });
      await appendExpressLink(session, page, write.ingestedAt, written);
      write.told(written, page);
      return { ...counts, failures };
    },
  };
}

/** Writers beside the pages of one source queue there. Returns the links it has. */
async function lockHead(session: Session, source: string): Promise<number> {
  const { rows } = await session.query<{ links: number }>({
    name: 'lock_express_head',
    text: 'select links::integer as links from express_heads where source = $1 for update',
    values: [source],
  });
  if (rows[0] !== undefined) return rows[0].links;
  await session.query('insert into express_heads (source) values ($1) on conflict do nothing', [source]);
  return lockHead(session, source);
}

async function assertNotPaused(session: Session, source: string): Promise<void> {
  const pause = await findPause(session, source);
  if (pause === null) return;
  throw new NeedsAttention(
    'paused',
    `${source} is ${pauseText(pause)}; nothing is taken until \`tributary resume ${source}\``,
  );
}

function countsOf({ duplicate, existing }: ExpressWrite, written: Written): Counts {
  const known = existing + written.existing;
  const { inserted } = written;
  return { ...noCounts, fetched: inserted + duplicate + known, inserted, duplicate, existing: known };
}

async function keepPage(session: Session, key: PageKey, { page, ingestedAt }: ExpressWrite): Promise<void> {
  if (page === null) return;
  const { raw, ...facts } = page;
  const row: PageRow = {
    ...key,
    ...facts,
    fromDigest: place.fromDigest,
    digest: place.toDigest,
    cursor: null,
    statePatch: null,
    last: false,
    fetchedAt: ingestedAt,
    queued: null,
    streams: null,
  };
  await insertPage(session, row, raw);
}

/** As `appendLink` of the pages' chain; no state, letter or deferred row comes with it. */
async function appendExpressLink(
  session: Session,
  { source, seq }: PageKey,
  ingestedAt: Date,
  { digest }: Written,
): Promise<void> {
  await session.query({
    name: 'append_express_link',
    text: `with facts as (
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
    values: [source, seq, ingestedAt, digest?.digest ?? null, digest?.rows ?? null],
  });
}
