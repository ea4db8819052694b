// What an origin could not give: parts that the last look left out, and stored events that say an object was missing.
import type { ToldProblem } from '../../domain/source.js';
import type { Queryable } from '../pool.js';
import { isIncomplete } from '../incomplete.js';
import { latestProblems } from '../runs.js';

export interface OriginGaps {
  readonly problems: readonly ToldProblem[];
  /** Events flagged `missing_object` of which no later version is stored. */
  readonly incomplete: number;
  /** When the first of them was stored. */
  readonly since: Date | null;
}

export async function findOriginGaps(db: Queryable, source: string): Promise<OriginGaps> {
  const { rows } = await db.query<{ incomplete: number; since: Date | null }>(
    `select count(*)::float8 as incomplete, min(e.ingested_at) as since from events e where e.source = $1 and ${isIncomplete}`,
    [source],
  );
  return { problems: await latestProblems(db, source), incomplete: rows[0]!.incomplete, since: rows[0]!.since };
}
