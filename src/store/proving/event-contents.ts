// What the content hash of an event was computed over, as stored; for checking events from before the chain of digests.
import { instantOf } from '../../domain/instant.js';
import { momentText } from '../event-line.js';
import type { Session } from '../pool.js';

export interface EventContent {
  readonly source: string;
  readonly sourceType: string;
  readonly id: string;
  readonly epoch: number;
  readonly page: number;
  readonly ordinal: number;
  readonly type: string;
  readonly subject: string | null;
  readonly time: string | null;
  readonly contentHash: string | null;
  readonly flags: readonly string[] | null;
  readonly data: unknown;
  readonly raw: Uint8Array | null;
}

/** Events in memory at once: each may have 4 MiB. */
const batchRows = 500;

/** Events of one source, or of all, whose pages have no link; in no order. Must run inside a transaction, whose snapshot it reads. */
export async function* readContents(
  session: Session,
  source: string | null,
): AsyncGenerator<readonly EventContent[], void, void> {
  await declareContents(session, source);
  for (;;) {
    const { rows } = await session.query<EventContent>(`fetch forward ${batchRows} from contents`);
    if (rows.length === 0) break;
    yield rows.map((row) => ({ ...row, time: row.time === null ? null : (instantOf(row.time) ?? row.time) }));
  }
  await session.query('close contents');
}

async function declareContents(session: Session, source: string | null): Promise<void> {
  await session.query(
    `declare contents no scroll cursor for
       select e.source, coalesce(s.type, '') as "sourceType", e.id, e.epoch, e.page, e.ordinal, e.type, e.subject,
              ${momentText('e.time')} as time,
              encode(e.content_hash, 'hex') as "contentHash", e.flags, e.data,
              case when e.flags && '{sanitized,not_canonical}' then e.raw end as raw
         from events e left join sources s on s.id = e.source
        where ($1::text is null or e.source = $1)
          and not exists (select from chain_links l where l.source = e.source and l.epoch = e.epoch and l.seq = e.page)`,
    [source],
  );
}
