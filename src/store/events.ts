// Rows of `events`, written by COPY: 16 µs an event with all indexes, against 24 for insert … select from arrays.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { HashedEvent } from '../domain/event.js';
import type { EventsDigest } from './chain.js';
import { RowDigests } from './event-digest.js';
import { digestedLine, escape, eventLine, versionColumns } from './event-line.js';
import type { Session } from './pool.js';

/** What all events of a page share. */
export interface PageLineage {
  readonly source: string;
  readonly epoch: number;
  readonly page: number;
  readonly ingestedAt: Date;
  /** Its texts were written earlier, maybe by an earlier version. */
  readonly isOldText?: boolean;
}

/** An event ready to insert; `enrichment` is JSON text. */
export interface StoredEvent {
  readonly event: HashedEvent;
  readonly enrichment: string | null;
}

/**
 * Inserts all or throws. SQLSTATE classes 22 and 54 mean one of them cannot be held by Postgres; see refused-events.
 * Must run inside a transaction. Returns the digest of the rows; null of none.
 */
export async function copyEvents(
  session: Session,
  lineage: PageLineage,
  events: readonly StoredEvent[],
): Promise<EventsDigest | null> {
  if (events.length === 0) return null;
  const digests = new RowDigests();
  const stream = session.query(copyFrom(copyStatement));
  await pipeline(Readable.from(copyChunks(lineage, events, digests), { objectMode: true }), stream);
  return digests.finish();
}

/** Events a chunk: Postgres works on one while the next is written. */
const chunkEvents = 1_000;

function* copyChunks(lineage: PageLineage, events: readonly StoredEvent[], digests: RowDigests): Generator<Buffer> {
  for (let from = 0; from < events.length; from += chunkEvents)
    yield copyText(lineage, events.slice(from, from + chunkEvents), digests);
}

/** Exported, as is the text, for the bench: its baseline copies the same bytes. */
export const copyStatement = `copy events (ingested_at, source, epoch, page, type, id, subject, time, priority, content_hash, ordinal,
  flags, raw, data, enrichment, entity, version, version_order) from stdin`;

/** COPY's text format. */
export function copyText(lineage: PageLineage, events: readonly StoredEvent[], digests?: RowDigests): Buffer {
  const shared = `${lineage.ingestedAt.toISOString()}\t${escape(lineage.source)}\t${lineage.epoch}\t${lineage.page}\t`;
  let text = '';
  for (const stored of events) {
    const line = eventLine(stored);
    text += `${shared}${line}${versionColumns(stored)}\n`;
    digests?.add(stored.event.ordinal, digestedLine(stored, line, lineage.isOldText === true));
  }
  return Buffer.from(text);
}
