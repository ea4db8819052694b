// Events that say an object was missing when they were stored, and of which no later version came. An index holds only what
// is flagged, so that asking costs next to nothing where there is none.
import type { ToldProblem } from '../domain/source.js';
import { limits } from '../limits.js';
import type { Queryable } from './pool.js';

/** A condition on events `e`. An event without versions goes by its id; any version of it is later than none. */
export const isIncomplete = `e.flags @> '{missing_object}' and not has_later_version(e.source, coalesce(e.entity, e.id), coalesce(e.version_order, ''))`;

export async function listIncomplete(db: Queryable, source: string, type: string): Promise<string[]> {
  const { rows } = await db.query<{ thing: string }>(
    `select distinct coalesce(e.entity, e.id) as thing from events e
      where e.source = $1 and e.type = $2 and ${isIncomplete} order by thing limit $3`,
    [source, type, limits.incompleteMax],
  );
  return rows.map(({ thing }) => thing);
}

export const incompleteCode = 'missing_object';

/**
 * Those that a later version may complete, as parts of the origin that cannot be read. Of an event without versions
 * nothing more comes.
 */
export async function listIncompleteProblems(db: Queryable, source: string): Promise<ToldProblem[]> {
  const { rows } = await db.query<{ name: string; type: string; since: Date }>(
    `select e.entity as name, min(e.type) as type, min(e.ingested_at) as since from events e
      where e.source = $1 and e.entity is not null and ${isIncomplete} group by e.entity order by e.entity limit $2`,
    [source, limits.incompleteMax],
  );
  return rows.map(({ name, type, since }) => ({
    name,
    code: incompleteCode,
    message: `${name} (${type}) was stored without what could not be read; look for damage at the origin: it is read again when it can be`,
    since: since.toISOString(),
  }));
}
