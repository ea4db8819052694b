// The types of events there are, and which of them a filter asks for.
import { filtersCode, matchesType, type EventFilter } from './event-filter.js';
import type { Catalogue } from '../../domain/catalogue.js';
import type { Queryable } from '../pool.js';
import type { LinksOf, TypeLinks } from './type-links.js';

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

/** The types that can match. Without a wish, a filter of code lists what it is named for: a path's changes, an author's commits. */
export async function typesOf(
  db: Queryable,
  filter: EventFilter,
  catalogue: Catalogue,
  linksOf: LinksOf,
): Promise<string[]> {
  const { types } = filter;
  const fits = (type: string): boolean => types === undefined || types.some((pattern) => matchesType(pattern, type));
  if (filtersCode(filter)) {
    const able = catalogue.types.map(({ type }) => type).filter((type) => canMatch(linksOf(type), filter));
    return types === undefined ? usual(able, filter, linksOf) : able.filter(fits);
  }
  const known = types === undefined || types.some((type) => type.includes('*')) ? await listEventTypes(db) : types;
  return known.filter((type) => fits(type) && (filter.text === undefined || linksOf(type).words));
}

function canMatch(links: TypeLinks, { author, commit, path, text }: EventFilter): boolean {
  if (text !== undefined && !links.words) return false;
  if (commit !== undefined && !links.isCommit && links.commitType === null) return false;
  if (author !== undefined && !links.author && links.commitType === null) return false;
  return path === undefined || links.path || links.changeType !== null;
}

function usual(able: readonly string[], { author, path }: EventFilter, linksOf: LinksOf): string[] {
  const own = able.filter((type) =>
    path !== undefined ? linksOf(type).path : author === undefined || linksOf(type).author,
  );
  return own.length > 0 ? own : [...able];
}
