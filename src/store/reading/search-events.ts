// Events as people list them: filtered, in the order of their time, a bounded page at a time.
//
// Asked for 50 rows by time, Postgres bets that matches are spread evenly and walks an index by time until it has them: the
// changes of a folder deleted years ago, or a word nobody used, cost it a walk over everything. So a search has two steps that
// are each bounded: walk the newest few thousand, which finds what is frequent; if that does not fill the page, matches are
// rare, and are gathered by the index of what is asked for and sorted (docs/decisions/0004-event-search.md).
import type { Catalogue } from '../../domain/catalogue.js';
import { instantOf } from '../../domain/instant.js';
import { limits } from '../../limits.js';
import { orderOf, sharedConditions, typeConditions, Values, type Segment } from './event-conditions.js';
import { filtersCode, type EventFilter, type EventPlace, type EventSearch } from './event-filter.js';
import { gathered } from './event-gathering.js';
import { typesOf } from './type-filter.js';
import { linksIn, type LinksOf } from './type-links.js';
import type { Queryable } from '../pool.js';

export interface EventRow extends EventPlace {
  readonly epoch: number;
  readonly page: number;
  readonly ordinal: number;
  readonly type: string;
  readonly subject: string | null;
  readonly priority: number;
  /** sha256, hex. */
  readonly contentHash: string | null;
  readonly flags: readonly string[] | null;
  readonly data: unknown;
  readonly enrichment: Readonly<Record<string, unknown>> | null;
  /** Null, as the version, for what never changes. */
  readonly entity: string | null;
  readonly version: string | null;
}

/** At most `limit` events, by time, then by when they were stored, source and id; those without a time come last. */
export async function searchEvents(db: Queryable, asked: EventSearch, catalogue: Catalogue): Promise<EventRow[]> {
  const search = { ...asked, linksOf: linksIn(catalogue) };
  const { filter, limit, after } = search;
  const types = await typesOf(db, filter, catalogue, search.linksOf);
  if (types.length === 0) return [];
  const timed = after?.time === null ? [] : await segmentRows(db, search, types, 'timed');
  if (timed.length === limit || filter.since !== undefined || filter.until !== undefined) return timed;
  const place = after?.time === null ? after : undefined;
  return [
    ...timed,
    ...(await segmentRows(db, { ...search, limit: limit - timed.length, after: place }, types, 'untimed')),
  ];
}

interface LinkedSearch extends EventSearch {
  readonly linksOf: LinksOf;
}

async function segmentRows(
  db: Queryable,
  search: LinkedSearch,
  types: readonly string[],
  segment: Segment,
): Promise<EventRow[]> {
  const { filter, limit, linksOf } = search;
  // A commit's id finds few events or none.
  if (filter.commit === undefined) {
    const found = await walkedRows(db, search, types, segment, 1);
    if (
      found.length === limit ||
      types.every((type) => typeConditions(linksOf(type), filter, segment, new Values(), walking).length === 0)
    )
      return found;
    // Half a page: with several types the walk was short for each, and words this frequent have thousands of events to gather.
    const near = filter.text !== undefined && !filtersCode(filter) && found.length * 2 >= limit;
    const more = near ? await walkedRows(db, search, types, segment, 3) : [];
    if (more.length === limit) return more;
  }
  const values = new Values();
  return query(db, gathered(search, types, linksOf, segment, values), search, segment, values);
}

/** `stretch`: so many times the usual bound. */
async function walkedRows(
  db: Queryable,
  search: LinkedSearch,
  types: readonly string[],
  segment: Segment,
  stretch: number,
): Promise<EventRow[]> {
  const values = new Values();
  return query(db, walked(search, types, segment, stretch, values), search, segment, values);
}

function walked(
  search: LinkedSearch,
  types: readonly string[],
  segment: Segment,
  stretch: number,
  values: Values,
): string {
  const { filter, order, after, limit, linksOf } = search;
  const shared = sharedConditions(filter, segment, order, after, values);
  const conditions = types.map((type) => ({
    type,
    rest: typeConditions(linksOf(type), filter, segment, values, walking),
  }));
  const anyRest = conditions.some(({ rest }) => rest.length > 0);
  const rows = values.add(anyRest ? Math.max(limit, stretch * walkRows(filter, types, linksOf)) : limit, 'integer');
  const by = (alias: string): string => `order by ${orderOf(segment, order, alias)} limit ${rows}`;
  const newest = (filter.priority ?? 0) >= 3 ? urgent(types, shared, by, values) : byType(types, shared, by, values);
  if (!anyRest) return newest;
  const fits = conditions.map(
    ({ type, rest }) => `(${[`e.type = ${values.add(type, 'text')}`, ...rest].join(' and ')})`,
  );
  return `select * from (${newest}) e where ${fits.join(' or ')}`;
}

/** The newest of each type, merged: an index by type and time is there for the types' own sake. */
function byType(
  types: readonly string[],
  shared: readonly string[],
  by: (alias: string) => string,
  values: Values,
): string {
  return `select e.* from unnest(${values.add(types, 'text[]')}) as t (type)
            cross join lateral (select e.* from events e where e.type = t.type and ${shared.join(' and ')} ${by('e')}) e
           ${by('e')}`;
}

function urgent(
  types: readonly string[],
  shared: readonly string[],
  by: (alias: string) => string,
  values: Values,
): string {
  return `select e.* from events e where e.priority >= 3 and e.type = any(${values.add(types, 'text[]')}) and ${shared.join(' and ')} ${by('e')}`;
}

/** Looking from a commit to its changes, or back, costs ten times as much as a comparison, unless one has ruled it out. */
function walkRows({ author, path, text }: EventFilter, types: readonly string[], linksOf: LinksOf): number {
  const links = types.map(linksOf);
  const toCommits = author !== undefined && path === undefined && links.some((link) => !link.author);
  const toChanges =
    path !== undefined && author === undefined && text === undefined && links.some((link) => !link.path);
  return Math.ceil((toCommits || toChanges ? limits.searchWalkCostlyRows : limits.searchWalkRows) / types.length);
}

const walking = { walking: true, crossing: true };

const instant = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

/** Of a row of `events`, to be made an EventRow by `eventRow`. */
export const eventColumns = `to_char(ingested_at at time zone 'utc', ${instant}) as "ingestedAt", source, epoch, page, ordinal, id, type, subject,
            to_char(time at time zone 'utc', ${instant}) as time, priority, encode(content_hash, 'hex') as "contentHash",
            flags, data, enrichment, entity, version`;

export function eventRow(row: EventRow): EventRow {
  return { ...row, ingestedAt: instantOf(row.ingestedAt)!, time: row.time === null ? null : instantOf(row.time) };
}

/** Texts are made outside of the limit, for the rows that are shown. */
async function query(
  db: Queryable,
  found: string,
  { order, limit }: EventSearch,
  segment: Segment,
  values: Values,
): Promise<EventRow[]> {
  const { rows } = await db.query<EventRow>(
    `select ${eventColumns}
       from (select * from (${found} offset 0) e order by ${orderOf(segment, order)} limit ${values.add(limit, 'integer')}) as shown
      order by ${orderOf(segment, order, 'shown')}`,
    values.all,
  );
  return rows.map(eventRow);
}
