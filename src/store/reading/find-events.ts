// Events by what names one: its id, or the page and ordinal it came from.
import type { LetterKey } from '../../domain/letter-key.js';
import type { Queryable } from '../pool.js';
import { eventColumns, eventRow, type EventRow } from './search-events.js';

/** In every source that has it, or the one given. By its hash, which is the one index on ids over all partitions. */
export async function findEventsById(db: Queryable, id: string, source: string | null): Promise<EventRow[]> {
  const { rows } = await db.query<EventRow>(
    `select ${eventColumns} from events
      where (ingested_at, source, id) in (
        select h.ingested_at, h.source, h.event_id from sources s
          join event_hashes h on h.hash = sha256(convert_to(s.id || E'\\n' || $1, 'UTF8'))
         where $2::text is null or s.id = $2)
      order by source`,
    [id, source],
  );
  return rows.map(eventRow);
}

/** No index has it: all events of the source are looked through, a second for a million. */
export async function findEventByKey(db: Queryable, { source, epoch, page, ordinal }: LetterKey): Promise<EventRow[]> {
  const { rows } = await db.query<EventRow>(
    `select ${eventColumns} from events where source = $1 and epoch = $2 and page = $3 and ordinal = $4 order by id`,
    [source, epoch, page, ordinal],
  );
  return rows.map(eventRow);
}
