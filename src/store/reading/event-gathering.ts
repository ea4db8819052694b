// All matches, without an order: what an index of the filter's own finds, for a search whose matches are rare.
import {
  authorCondition,
  commitId,
  literal,
  pathCondition,
  prefixCondition,
  sharedConditions,
  typeConditions,
  type Segment,
  type Values,
} from './event-conditions.js';
import { filtersCode, type EventFilter, type EventSearch } from './event-filter.js';
import type { LinksOf, TypeLinks } from './type-links.js';

/** A statement that gives whole rows of events. */
export function gathered(
  search: EventSearch,
  types: readonly string[],
  links: LinksOf,
  segment: Segment,
  values: Values,
): string {
  return groups(search.filter, types)
    .map((group) => `(${groupRows(search, group, links, segment, values)})`)
    .join(' union all ');
}

/** Types asked alike; of code's, each has its own way to the other. */
function groups(filter: EventFilter, types: readonly string[]): (readonly string[])[] {
  return filtersCode(filter) ? types.map((type) => [type]) : [types];
}

function groupRows(
  search: EventSearch,
  types: readonly string[],
  linksOf: LinksOf,
  segment: Segment,
  values: Values,
): string {
  const { filter, order, after } = search;
  const [type] = types as [string];
  const links = linksOf(type);
  const anchor = anchorOf(links, filter, segment, values);
  const joined = byCommits(links, filter, segment, values);
  const conditions = [
    `e.type = any(${values.add(types, 'text[]')})`,
    // Partial indexes are used where the statement itself says what they hold.
    ...(filtersCode(filter) ? [`e.type = ${literal(type)}`] : []),
    ...sharedConditions(filter, segment, order, after, values),
    ...typeConditions(links, filter, segment, values, {
      walking: false,
      crossing: anchor === null && joined.length === 0,
    }),
    ...((filter.priority ?? 0) >= 3 ? ['e.priority >= 3'] : []),
    ...joined,
  ].join(' and ');
  return anchor === null
    ? `select e.* from events e where ${conditions}`
    : `select e.* from (${anchor} offset 0) a cross join lateral (
         select e.* from events e where e.source = a.source and ${segment === 'timed' ? 'e.time = a.time' : 'e.time is null'} and ${conditions}
            and ${links.isCommit ? `${commitId('e')} = a.id` : `e.data ->> 'commit' = a.id`} offset 0) e`;
}

/** What leads to the events when their own fields do not: the commits of changes, or the changes of commits. */
function anchorOf(links: TypeLinks, filter: EventFilter, segment: Segment, values: Values): string | null {
  const { commit, author, path, text } = filter;
  if (
    !links.path &&
    links.changeType !== null &&
    path !== undefined &&
    commit === undefined &&
    author === undefined &&
    text === undefined
  ) {
    const changes = conditionsOf('f', links.changeType, filter, segment, values);
    return `select distinct f.source, f.time, f.data ->> 'commit' as id from events f where ${changes} and ${pathCondition('f', path, values)}`;
  }
  if (
    links.commitType === null ||
    (commit === undefined && (author === undefined || links.author || path !== undefined))
  )
    return null;
  return commitsOf(links.commitType, filter, segment, values);
}

/** Few changes of many, or few commits of many: with both as sets, Postgres begins with the smaller one, or joins them. */
function byCommits(
  links: TypeLinks,
  { author, commit, path, ...rest }: EventFilter,
  segment: Segment,
  values: Values,
): string[] {
  if (links.commitType === null || links.author || author === undefined || path === undefined || commit !== undefined)
    return [];
  const [time, ofCommit] = segment === 'timed' ? [', e.time', ', a.time'] : ['', ''];
  const commits = commitsOf(links.commitType, { author, ...rest }, segment, values);
  return [`(e.source${time}, e.data ->> 'commit') in (select a.source${ofCommit}, a.id from (${commits} offset 0) a)`];
}

function commitsOf(type: string, filter: EventFilter, segment: Segment, values: Values): string {
  const { author, commit } = filter;
  const conditions = [
    conditionsOf('c', type, filter, segment, values),
    ...(author === undefined ? [] : [authorCondition('c', author, values, false)]),
    ...(commit === undefined ? [] : [prefixCondition(commitId('c'), commit, values)]),
  ];
  return `select c.source, c.time, ${commitId('c')} as id from events c where ${conditions.join(' and ')}`;
}

/** What a commit and its changes have alike. */
function conditionsOf(
  alias: string,
  type: string,
  { source, since, until }: EventFilter,
  segment: Segment,
  values: Values,
): string {
  const shared = sharedConditions({ source, since, until }, segment, 'newest', undefined, values);
  return [`${alias}.type = ${literal(type)}`, ...shared.map((condition) => condition.replace('e.', `${alias}.`))].join(
    ' and ',
  );
}
