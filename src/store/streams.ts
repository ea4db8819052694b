// How the streams of a source stand: the view `source_streams`, over rows that the source's pages change.
import type { ToldProblem } from '../domain/source.js';
import { streamCharsTold, streamsTold, type StreamsStanding } from '../domain/streams.js';
import type { Queryable } from './pool.js';

/** The problems of streams that a result lists; the view has all. */
const problemsMax = 1_000;

/** Streams that need a person, as parts of the origin that were left out. */
export async function listStreamProblems(db: Queryable, source: string): Promise<ToldProblem[]> {
  const { rows } = await db.query<ToldProblem>(
    `select stream as name, coalesce(code, 'failed') as code, coalesce(message, '') as message,
            ${rfc3339('since')} as since
       from source_streams where source = $1 and state = 'needs_attention' order by stream limit $2`,
    [source, problemsMax],
  );
  return rows;
}

/** Null: the source has none. Of 20,000 streams 20 ms. */
export async function findStreams(db: Queryable, source: string): Promise<StreamsStanding | null> {
  const { rows } = await db.query<StreamsStanding>(
    `select json_object_agg(state, streams order by state) as states,
            coalesce((select json_agg(json_build_object('name', left(stream, $3), 'state', state, 'message', left(coalesce(message, ''), $3),
                                                        'since', since_text, 'until', until_text) order by state, since, stream)
                        from (select stream, state, message, since, ${rfc3339('since')} as since_text, ${rfc3339('until')} as until_text
                                from source_streams where source = $1 and state in ('needs_attention', 'rate_limited')
                               order by state, since, stream limit $2) first), '[]') as told
       from (select state, count(*) as streams from source_streams where source = $1 group by state) by_state
     having count(*) > 0`,
    [source, streamsTold, streamCharsTold],
  );
  return rows[0] ?? null;
}

function rfc3339(column: string): string {
  return `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
