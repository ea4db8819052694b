// The limit of the throughput bench: plain COPY of the same serialised rows into events and event_hashes, with all their
// indexes, 5,000 rows a commit. What no path that stores events here can beat on one connection.
import { once } from 'node:events';
import { from as copyFrom } from 'pg-copy-streams';
import { hashEvent } from '../src/domain/content-hash.js';
import type { HashedEvent } from '../src/domain/event.js';
import type { Source } from '../src/domain/source.js';
import { newBatch, type Batch } from '../src/domain/stage.js';
import { synthetic, syntheticRecord } from '../src/sources/synthetic.js';
import { createEnrich } from '../src/stages/enrich.js';
import { builtInProcessors } from '../src/stages/processors/index.js';
import { copyStatement, copyText } from '../src/store/events.js';
import type { Pool, Session } from '../src/store/pool.js';
import { createRegistry } from '../src/sources/index.js';

const rowsPerCommit = 5_000;
const enrich = createEnrich(builtInProcessors(createRegistry().catalogue));

/** As they go over the wire: serialising is part of our path, not of the limit. */
interface Rows {
  readonly events: Buffer;
  readonly hashes: Buffer;
}

/** What is stored: so many records of a source of this type. */
export interface Copied {
  readonly events: number;
  readonly source: Source;
  readonly options: unknown;
  readonly record: (at: number) => Uint8Array;
}

/** Rows a second of synthetic events. */
export function copyRate(pool: Pool, source: string, options: Parameters<typeof syntheticRecord>[0]): Promise<number> {
  const record = (at: number) => syntheticRecord(options, at);
  return copyRateOf(pool, source, { events: options.events, source: synthetic as Source, options, record });
}

/** Rows a second. `source` must be new: its keys must not be known. */
export async function copyRateOf(pool: Pool, source: string, copied: Copied): Promise<number> {
  const session = await pool.connect();
  let ms = 0;
  try {
    for (let from = 0, page = 1; from < copied.events; from += rowsPerCommit, page++) {
      const rows = await serialised(source, page, copied, from);
      const start = performance.now();
      await commit(session, rows);
      ms += performance.now() - start;
    }
  } finally {
    session.release();
  }
  return copied.events / (ms / 1_000);
}

async function commit(session: Session, { events, hashes }: Rows): Promise<void> {
  await session.query('begin');
  await copy(session, copyStatement, events);
  await copy(session, 'copy event_hashes (hash, source, event_id, ingested_at) from stdin', hashes);
  await session.query('commit');
}

async function copy(session: Session, statement: string, rows: Buffer): Promise<void> {
  const stream = session.query(copyFrom(statement));
  stream.end(rows);
  await once(stream, 'finish');
}

async function serialised(source: string, page: number, copied: Copied, from: number): Promise<Rows> {
  const ingestedAt = new Date();
  const events = eventsOf(source, copied, from);
  const batch = await enrich.run(
    { ...emptyBatch(source, page, ingestedAt), events },
    { source: copied.source, options: copied.options, runId: '' },
  );
  const stored = events.map((event) => ({ event, enrichment: batch.enrichment.get(event.ordinal) ?? null }));
  const time = ingestedAt.toISOString();
  const hashes = events.map((event) => `\\\\x${event.key}\t${source}\t${event.id}\t${time}\n`).join('');
  return { events: copyText({ source, epoch: 1, page, ingestedAt }, stored), hashes: Buffer.from(hashes) };
}

function eventsOf(id: string, { events, source, options, record }: Copied, from: number): HashedEvent[] {
  const count = Math.min(rowsPerCommit, events - from);
  return Array.from({ length: count }, (_, at) => {
    const [draft] = source.toEvents(record(from + at), { options, stream: null });
    return hashEvent(draft!, at, { source: id });
  });
}

function emptyBatch(source: string, seq: number, fetchedAt: Date): Batch {
  const page = {
    source,
    epoch: 1,
    seq,
    fromDigest: '',
    digest: '',
    cursor: null,
    statePatch: null,
    fetchedAt,
    host: 'bench',
    queued: null,
  };
  return newBatch(page, []);
}
