// An event by its two times and a mark of its name: what a cursor has room for.
import { InvalidInput } from '../../domain/errors.js';
import { instantOf } from '../../domain/instant.js';
import type { Queryable } from '../pool.js';
import type { EventPlace } from './event-filter.js';

export interface EventMark {
  /** Both RFC 3339 in UTC, to the microsecond. */
  readonly time: string | null;
  readonly ingestedAt: string;
  /** The first bytes of the sha256 of source and id, a line feed between them. */
  readonly mark: Uint8Array;
}

const text = (column: string): string => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Among the events of one page, which were stored at one time. Throws InvalidInput where it was removed since. */
export async function findPlace(db: Queryable, { time, ingestedAt, mark }: EventMark): Promise<EventPlace> {
  const { rows } = await db.query<EventPlace>(
    `select ${text('time')} as time, ${text('ingested_at')} as "ingestedAt", source, id from events
      where ingested_at = $1::timestamptz and time is not distinct from $2::timestamptz
        and substring(sha256(convert_to(source || E'\\n' || id, 'UTF8')) for octet_length($3::bytea)) = $3`,
    [ingestedAt, time, mark],
  );
  const [place] = rows;
  if (place === undefined)
    throw new InvalidInput('after', 'the event this cursor stands at was removed since; begin without --after');
  return {
    ...place,
    time: place.time === null ? null : instantOf(place.time),
    ingestedAt: instantOf(place.ingestedAt)!,
  };
}
