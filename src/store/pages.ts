// Rows of `pages`: raw records as they came. First writer wins, so a fetch that is retried after its reply was lost
// returns what the first attempt stored.
import type { PageKey, QueuedPage } from '../domain/page.js';
import type { StatePatch } from '../domain/source-state.js';
import type { StreamRun } from '../domain/source.js';
import type { Queryable } from './pool.js';

export interface PageRow extends PageKey {
  readonly fromDigest: string;
  readonly cursor: unknown;
  readonly digest: string;
  readonly statePatch: readonly StatePatch[] | null;
  readonly records: number;
  /** Events its records map to, as far as the source could tell; a bound, not a count. */
  readonly events: number;
  readonly bytes: number;
  /** The source had nothing after it. */
  readonly last: boolean;
  /** Becomes the ingestion time of its events, so that stages need no clock. */
  readonly fetchedAt: Date;
  readonly host: string;
  /** Null for what a source gave. */
  readonly queued: QueuedPage | null;
  readonly streams?: readonly StreamRun[] | null;
  /**
   * Of the source as it was when this was read; its records may be mapped by a later one. Null where there is nothing to map:
   * a page of events that a stage deferred, or of letters from a later stage than validate.
   */
  readonly mapperVersion?: number | null;
}

const columns = `source, epoch, seq, from_digest as "fromDigest", cursor, digest, state_patch as "statePatch", records,
  events, bytes, last, fetched_at as "fetchedAt", host, streams, mapper_version as "mapperVersion",
  case when queue is not null then jsonb_build_object('queue', queue, 'stage', resume_stage, 'keys', queue_keys) end as queued`;

/** False when the page was stored before; read it then. */
export async function insertPage(db: Queryable, page: PageRow, raw: Uint8Array): Promise<boolean> {
  const { rowCount } = await db.query({
    name: 'insert_page',
    text: `insert into pages (source, epoch, seq, from_digest, cursor, digest, state_patch, records, events, bytes, last,
                              fetched_at, host, queue, resume_stage, queue_keys, streams, mapper_version, raw)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
           on conflict (source, epoch, seq) do nothing`,
    values: [
      page.source,
      page.epoch,
      page.seq,
      page.fromDigest,
      JSON.stringify(page.cursor),
      page.digest,
      page.statePatch === null ? null : JSON.stringify(page.statePatch),
      page.records,
      page.events,
      page.bytes,
      page.last,
      page.fetchedAt,
      page.host,
      page.queued?.queue ?? null,
      page.queued?.stage ?? null,
      page.queued?.keys ?? null,
      page.streams ? JSON.stringify(page.streams) : null,
      page.mapperVersion ?? null,
      raw,
    ],
  });
  return rowCount === 1;
}

export async function findPage(db: Queryable, key: PageKey): Promise<PageRow | undefined> {
  const { rows } = await db.query<PageRow>(
    `select ${columns} from pages where source = $1 and epoch = $2 and seq = $3`,
    [key.source, key.epoch, key.seq],
  );
  return rows[0];
}

export async function findRaw(db: Queryable, key: PageKey): Promise<Uint8Array | undefined> {
  const { rows } = await db.query<{ raw: Uint8Array }>(
    'select raw from pages where source = $1 and epoch = $2 and seq = $3',
    [key.source, key.epoch, key.seq],
  );
  return rows[0]?.raw;
}

/** A run that was fenced off may still write a page, which one of the next runs removes. Looking at all of them takes seconds after years. */
const epochsLookedAt = 100;

/** Pages that older epochs read but never committed: nobody will. */
export async function releaseDeadPages(db: Queryable, source: string, epoch: number): Promise<void> {
  await db.query(
    `delete from pages p
      where p.source = $1 and p.epoch < $2 and p.epoch >= $2 - ${epochsLookedAt}
        and not exists (select from ledger l where l.source = p.source and l.epoch = p.epoch and l.seq = p.seq)`,
    [source, epoch],
  );
}

/**
 * Raw bytes are for replay once they are committed. The last page of a source stays: a reader opens where it ended. A source
 * may say for itself how many days; the shortest of all is what the index is asked for.
 */
export async function deleteOldPages(db: Queryable, olderThanDays: number, rowsMax: number): Promise<number> {
  const { rowCount } = await db.query(
    `delete from pages where (source, epoch, seq) in (
       select p.source, p.epoch, p.seq from pages p
         join ledger l on l.source = p.source and l.epoch = p.epoch and l.seq = p.seq
         join source_cursors c on c.source = p.source
         join sources s on s.id = p.source
        where p.fetched_at < now() - make_interval(days => least($1::integer, (select min((settings ->> 'rawRetentionDays')::integer) from sources)))
          and p.fetched_at < now() - make_interval(days => coalesce((s.settings ->> 'rawRetentionDays')::integer, $1))
          and (p.epoch, p.seq) <> (c.epoch, c.seq) limit $2)`,
    [olderThanDays, rowsMax],
  );
  return rowCount ?? 0;
}

/** Patches of the pages below this one that are read and not committed, in order. */
export async function findPendingPatches(db: Queryable, { source, epoch, seq }: PageKey): Promise<StatePatch[]> {
  const { rows } = await db.query<{ patch: StatePatch[] }>(
    `select state_patch as patch from pages p
      where source = $1 and epoch = $2 and seq < $3 and state_patch is not null
        and not exists (select from ledger l where l.source = p.source and l.epoch = p.epoch and l.seq = p.seq)
      order by seq`,
    [source, epoch, seq],
  );
  return rows.flatMap(({ patch }) => patch);
}
