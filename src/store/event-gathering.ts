// All matches, without an order: what an index of the filter's own finds, for a search whose matches are rare.
import { authorCondition, pathCondition, prefixCondition, sharedConditions, typeConditions, type Segment, type Values } from './event-conditions.js';
import { filtersGit, type EventFilter, type EventSearch } from './event-filter.js';

/** A statement that gives whole rows of events. */
export function gathered(search: EventSearch, types: readonly string[], segment: Segment, values: Values): string {
  return groups(search.filter, types).map((group) => `(${groupRows(search, group, segment, values)})`).join(' union all ');
}

/** Types asked alike; of git's, each has its own way to the other. */
function groups(filter: EventFilter, types: readonly string[]): (readonly string[])[] {
  return filtersGit(filter) ? types.map((type) => [type]) : [types];
}

function groupRows(search: EventSearch, types: readonly string[], segment: Segment, values: Values): string {
  const { filter, order, after } = search;
  const [type] = types as [string];
  const anchor = anchorOf(type, filter, segment, values);
  const joined = byCommits(type, filter, segment, values);
  const conditions = [
    `e.type = any(${values.add(types, 'text[]')})`,
    // Partial indexes are used where the statement itself says what they hold.
    ...(filtersGit(filter) ? [`e.type = '${type}'`] : []),
    ...sharedConditions(filter, segment, order, after, values),
    ...typeConditions(type, filter, segment, values, { walking: false, crossing: anchor === null && joined.length === 0 }),
    ...((filter.priority ?? 0) >= 3 ? ['e.priority >= 3'] : []),
    ...joined,
  ].join(' and ');
  return anchor === null
    ? `select e.* from events e where ${conditions}`
    : `select e.* from (${anchor} offset 0) a cross join lateral (
         select e.* from events e where e.source = a.source and ${segment === 'timed' ? 'e.time = a.time' : 'e.time is null'} and ${conditions}
            and ${type === 'git.commit' ? 'e.id = a.id' : `e.data ->> 'commit' = a.id`} offset 0) e`;
}

/** What leads to the events when their own fields do not: the commits of changes, or the changes of commits. */
function anchorOf(type: string, filter: EventFilter, segment: Segment, values: Values): string | null {
  const { commit, author, path, text } = filter;
  if (type === 'git.commit' && path !== undefined && commit === undefined && author === undefined && text === undefined) {
    const changes = conditionsOf('f', 'git.file_change', filter, segment, values);
    return `select distinct f.source, f.time, f.data ->> 'commit' as id from events f where ${changes} and ${pathCondition('f', path, values)}`;
  }
  if (type !== 'git.file_change' || (commit === undefined && (author === undefined || path !== undefined))) return null;
  return commitsOf(filter, segment, values);
}

/** Few changes of many, or few commits of many: with both as sets, Postgres begins with the smaller one, or joins them. */
function byCommits(type: string, { author, commit, path, ...rest }: EventFilter, segment: Segment, values: Values): string[] {
  if (type !== 'git.file_change' || author === undefined || path === undefined || commit !== undefined) return [];
  const [time, ofCommit] = segment === 'timed' ? [', e.time', ', a.time'] : ['', ''];
  return [`(e.source${time}, e.data ->> 'commit') in (select a.source${ofCommit}, a.id from (${commitsOf({ author, ...rest }, segment, values)} offset 0) a)`];
}

function commitsOf(filter: EventFilter, segment: Segment, values: Values): string {
  const { author, commit } = filter;
  const conditions = [
    conditionsOf('c', 'git.commit', filter, segment, values),
    ...(author === undefined ? [] : [authorCondition('c', author, values, false)]),
    ...(commit === undefined ? [] : [prefixCondition('c.id', commit, values)]),
  ];
  return `select c.source, c.time, c.id from events c where ${conditions.join(' and ')}`;
}

/** What a commit and its changes have alike. */
function conditionsOf(alias: string, type: string, { source, since, until }: EventFilter, segment: Segment, values: Values): string {
  const shared = sharedConditions({ source, since, until }, segment, 'newest', undefined, values);
  return [`${alias}.type = '${type}'`, ...shared.map((condition) => condition.replace('e.', `${alias}.`))].join(' and ');
}
