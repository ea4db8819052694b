// How the streams of a source stand: the view `source_streams`, over rows that the source's pages change.
import type { ToldProblem } from '../domain/source.js';
import type { Queryable } from './pool.js';

/** The problems of streams that a result lists; the view has all. */
const problemsMax = 1_000;

/** Streams that need a person, as parts of the origin that were left out. */
export async function listStreamProblems(db: Queryable, source: string): Promise<ToldProblem[]> {
  const { rows } = await db.query<ToldProblem>(
    `select stream as name, coalesce(code, 'failed') as code, coalesce(message, '') as message,
            to_char(since at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since
       from source_streams where source = $1 and state = 'needs_attention' order by stream limit $2`,
    [source, problemsMax],
  );
  return rows;
}
