// A database full of made-up git history, written as pages are: COPY of up to 20,000 events, a ledger row, one transaction.
import { hashEvent } from '../src/domain/content-hash.js';
import { limits } from '../src/limits.js';
import { copyEvents, type StoredEvent } from '../src/store/events.js';
import { insertLedgerEntry } from '../src/store/ledger.js';
import type { Pool } from '../src/store/pool.js';
import { inTransaction } from '../src/store/transaction.js';
import { eventHistory, historySources } from './event-history.js';

/** Microseconds a stored event, COPY and ledger alone. */
export async function fillStore(pool: Pool, events: number): Promise<number> {
  await makeSources(pool);
  const open = new Map<string, StoredEvent[]>(historySources.map((source) => [source, []]));
  const seqs = new Map<string, number>();
  let ms = 0;
  const flush = async (source: string): Promise<void> => {
    const seq = (seqs.get(source) ?? 0) + 1;
    seqs.set(source, seq);
    const start = performance.now();
    await storePage(pool, source, seq, open.get(source)!);
    ms += performance.now() - start;
    open.set(source, []);
  };
  for (const { source, drafts } of eventHistory(events)) {
    const page = open.get(source)!;
    for (const draft of drafts) page.push({ event: hashEvent(draft, page.length, { source }), enrichment: null });
    if (page.length >= limits.pageEventsMax) await flush(source);
  }
  for (const source of historySources) await flush(source);
  return (ms * 1_000) / events;
}

async function makeSources(pool: Pool): Promise<void> {
  for (const source of historySources) {
    await pool.query(
      `insert into sources (id, type, options, origin, identity_version, canonicaliser_version) values ($1, 'git', '{}', $1, 1, 1)`,
      [source],
    );
    await pool.query(`insert into source_cursors (source, epoch, digest) values ($1, 1, '')`, [source]);
    await pool.query(
      `insert into runs (source, epoch, run_id, first_run_id, workflow_id, closed_at, outcome) values ($1, 1, $1, $1, 'sync/' || $1, now() + interval '1 minute', 'done')`,
      [source],
    );
  }
}

async function storePage(pool: Pool, source: string, seq: number, events: readonly StoredEvent[]): Promise<void> {
  const [fetched, none] = [
    events.length,
    { duplicate: 0, existing: 0, suppressed: 0, removed: 0, deferred: 0, dead: 0 },
  ];
  await inTransaction(pool, async (session) => {
    await copyEvents(session, { source, epoch: 1, page: seq, ingestedAt: new Date() }, events);
    const page = { source, epoch: 1, seq, fromDigest: '', toDigest: '' };
    await insertLedgerEntry(session, {
      ...page,
      counts: { fetched, inserted: fetched, ...none },
      redriven: 0,
      recounted: 0,
      remapped: 0,
      measures: {},
      processingMs: 1_000,
    });
  });
}
