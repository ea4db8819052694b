// The types of events there are, and which of them a filter asks for.
import { filtersGit, matchesType, type EventFilter } from './event-filter.js';
import type { Queryable } from './pool.js';

/** From one type to the next in the index: a few look-ups, however many events there are. */
export async function listEventTypes(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ type: string }>(
    `with recursive known (type) as (
       (select type from events order by type limit 1)
       union all
       select (select e.type from events e where e.type > known.type order by e.type limit 1) from known where known.type is not null)
     select type from known where type is not null`,
  );
  return rows.map(({ type }) => type);
}

const [commit, change] = ['git.commit', 'git.file_change'] as const;

/** The types that can match. Without a wish, a filter of git's lists what it is named for: a path's changes, an author's commits. */
export async function typesOf(db: Queryable, filter: EventFilter): Promise<string[]> {
  const possible = filtersGit(filter) ? gitTypes(filter) : null;
  const { types } = filter;
  if (types === undefined) return possible?.usual ?? withoutChanges(filter, await listEventTypes(db));
  const known = possible?.all ?? (types.some((type) => type.includes('*')) ? await listEventTypes(db) : types);
  return withoutChanges(filter, known.filter((type) => types.some((pattern) => matchesType(pattern, type))));
}

function gitTypes({ author, path, text }: EventFilter): { all: readonly string[]; usual: string[] } {
  const all = [commit, change];
  if (text !== undefined) return { all: [commit], usual: [commit] };
  if (path !== undefined) return { all, usual: [change] };
  return { all, usual: author === undefined ? all : [commit] };
}

/** A file change has no text, and there are more of them than of all else. */
function withoutChanges({ text }: EventFilter, types: readonly string[]): string[] {
  return text === undefined ? [...types] : types.filter((type) => type !== change);
}
