// A filter as SQL. `e` is the event; the filters of code reach from a change to its commit and back by source and time,
// which the two share and an index has.
import type { EventFilter, EventOrder, EventPlace, PathPattern } from './event-filter.js';
import type { TypeLinks } from './type-links.js';

/** Collects values and gives their places. */
export class Values {
  readonly all: unknown[] = [];

  add(value: unknown, type: string): string {
    return `$${this.all.push(value)}::${type}`;
  }
}

/** Timed events come first, in either order; those without a time follow, by when they were stored. */
export type Segment = 'timed' | 'untimed';

export function orderOf(segment: Segment, order: EventOrder, alias = 'e'): string {
  const direction = order === 'newest' ? 'desc' : 'asc';
  return keysOf(segment, alias)
    .map((key) => `${key} ${direction}`)
    .join(', ');
}

function keysOf(segment: Segment, alias: string): string[] {
  const stored = [`${alias}.ingested_at`, `${alias}.source`, `${alias}.id`];
  return segment === 'timed' ? [`${alias}.time`, ...stored] : stored;
}

/** What every type is asked alike: source, bounds of time, and the place to go on from. */
export function sharedConditions(
  filter: EventFilter,
  segment: Segment,
  order: EventOrder,
  after: EventPlace | undefined,
  values: Values,
): string[] {
  const { source, since, until } = filter;
  return [
    segment === 'timed' ? 'e.time is not null' : 'e.time is null',
    ...(source === undefined ? [] : [`e.source = ${values.add(source, 'text')}`]),
    ...(since === undefined ? [] : [`e.time >= ${values.add(since, 'timestamptz')}`]),
    ...(until === undefined ? [] : [`e.time < ${values.add(until, 'timestamptz')}`]),
    ...(after === undefined ? [] : placeConditions(segment, order, after, values)),
  ];
}

function placeConditions(segment: Segment, order: EventOrder, after: EventPlace, values: Values): string[] {
  const sign = order === 'newest' ? '<' : '>';
  const stored = [
    values.add(after.ingestedAt, 'timestamptz'),
    values.add(after.source, 'text'),
    values.add(after.id, 'text'),
  ];
  const [first, ...rest] = segment === 'timed' ? [values.add(after.time, 'timestamptz'), ...stored] : stored;
  // The first comparison alone is what an index can use.
  return [
    `${keysOf(segment, 'e')[0]} ${sign}= ${first}`,
    `(${keysOf(segment, 'e').join(', ')}) ${sign} (${[first, ...rest].join(', ')})`,
  ];
}

export interface Asking {
  /** Of each of many events, so that it pays to ask what is cheap first. */
  readonly walking: boolean;
  /** Also what its commit, or the changes of it, must be. */
  readonly crossing: boolean;
}

/** What is left to check of an event of this type once source, time and type fit; empty when nothing is. */
export function typeConditions(
  links: TypeLinks,
  filter: EventFilter,
  segment: Segment,
  values: Values,
  asking: Asking,
): string[] {
  const { priority, text, commit } = filter;
  return [
    ...(priority === undefined || priority === 1 ? [] : [`e.priority >= ${values.add(priority, 'smallint')}`]),
    ...(text === undefined ? [] : [wordsCondition(text, values, asking.walking)]),
    ...authorConditions(links, filter, segment, values, asking),
    ...(commit === undefined
      ? []
      : [prefixCondition(links.isCommit ? commitId('e') : `(e.data ->> 'commit')`, commit, values)]),
    ...pathConditions(links, filter, segment, values, asking),
  ];
}

function authorConditions(
  { author: own, commitType }: TypeLinks,
  { author }: EventFilter,
  segment: Segment,
  values: Values,
  { walking, crossing }: Asking,
): string[] {
  if (author === undefined) return [];
  if (own) return [authorCondition('e', author, values, walking)];
  return crossing && commitType !== null
    ? [commitExists(commitType, segment, authorCondition('c', author, values, walking))]
    : [];
}

function pathConditions(
  { path: own, changeType }: TypeLinks,
  { path }: EventFilter,
  segment: Segment,
  values: Values,
  { crossing }: Asking,
): string[] {
  if (path === undefined) return [];
  if (own) return [pathCondition('e', path, values)];
  return crossing && changeType !== null ? [changeExists(changeType, segment, pathCondition('f', path, values))] : [];
}

/** As event_words has it. */
const searchedText = `coalesce(e.data ->> 'message', concat_ws(' ', e.data ->> 'title', e.data ->> 'subject', e.data ->> 'body', e.data ->> 'text'))`;

/** The last two parts as the index has them. The first saves the walk from parsing every text: 2 µs instead of 25. */
function wordsCondition(text: string, values: Values, walking: boolean): string {
  const likely = walking && !/\bor\b|-/i.test(text) ? containsLongest(searchedText, text, values) : '';
  return `(${likely} e.data ?| array['message', 'title', 'subject', 'body', 'text'] and event_words(e.data) @@ websearch_to_tsquery('simple', ${values.add(text, 'text')}))`;
}

export function authorCondition(alias: string, author: string, values: Values, walking: boolean): string {
  const likely = walking
    ? containsLongest(
        `concat_ws(' ', ${alias}.data -> 'author' ->> 'name', ${alias}.data -> 'author' ->> 'email')`,
        author,
        values,
      )
    : '';
  return `(${likely} author_words(${alias}.data) @@ plainto_tsquery('simple', ${values.add(author, 'text')}))`;
}

/** Whatever a parser takes for a word, the letters of that word stand in the text. */
function containsLongest(column: string, text: string, values: Values): string {
  const [longest] = (text.match(/[\p{L}\p{N}]+/gu) ?? []).toSorted((one, other) => other.length - one.length);
  return longest === undefined ? '' : `strpos(lower(${column}), lower(${values.add(longest, 'text')})) > 0 and`;
}

/** As a range, because `like` uses an index only when the pattern is known while planning. Keys are compared as bytes. */
export function prefixCondition(column: string, prefix: string, values: Values): string {
  return `${column} >= ${values.add(prefix, 'text')} and ${column} < ${values.add(`${prefix}\u{10ffff}`, 'text')}`;
}

/** Characters of a path that the index holds. */
const indexedPathChars = 512;

/** As indexes have it; `data` is the column. */
export const indexedPath = (data: string): string => `(left(${data} ->> 'path', ${indexedPathChars}) collate "C")`;

/** What the index does not hold of a long path is asked of the event. */
export function pathCondition(alias: string, { file, prefix, regex }: PathPattern, values: Values): string {
  const path = `(${alias}.data ->> 'path')`;
  const indexed = indexedPath(`${alias}.data`);
  const begins = prefix === '' ? 'true' : beginsWith(path, indexed, prefix, values);
  const fits = regex === null ? begins : `(${begins} and ${alias}.data ->> 'path' ~ ${values.add(regex, 'text')})`;
  return file === null ? fits : `(${isFile(path, indexed, file, values)} or ${fits})`;
}

/** A file's index entry is its path, or as much of it as the index holds; then all of it decides. */
function isFile(path: string, indexed: string, file: string, values: Values): string {
  const held = heldOf(file);
  const same = `${indexed} = ${values.add(held, 'text')}`;
  return isHeld(file) ? same : `(${same} and ${path} = ${values.add(file, 'text')})`;
}

function beginsWith(path: string, indexed: string, prefix: string, values: Values): string {
  const near = prefixCondition(indexed, heldOf(prefix), values);
  return isHeld(prefix) ? near : `(${near} and starts_with(${path}, ${values.add(prefix, 'text')}))`;
}

/** Shorter than what the index holds, so that the index alone decides. */
function isHeld(text: string): boolean {
  return text.length < indexedPathChars;
}

function heldOf(text: string): string {
  return isHeld(text) ? text : Array.from(text).slice(0, indexedPathChars).join('');
}

/** Both look up for one event at a time: without `offset 0` Postgres joins all there are. */
function commitExists(type: string, segment: Segment, condition: string): string {
  return `exists (select from events c where c.type = ${literal(type)} and c.source = e.source and ${sameTime(segment, 'c')}
                    and ${commitId('c')} = e.data ->> 'commit' and ${condition} offset 0)`;
}

function changeExists(type: string, segment: Segment, condition: string): string {
  return `exists (select from events f where f.type = ${literal(type)} and f.source = e.source and ${sameTime(segment, 'f')}
                    and f.data ->> 'commit' = ${commitId('e')} and ${condition} offset 0)`;
}

/** As the index has it: a commit that was read again is a version of what its id names. */
export function commitId(alias: string): string {
  return `coalesce(${alias}.entity, ${alias}.id)`;
}

export function sameTime(segment: Segment, alias: string): string {
  return segment === 'timed' ? `${alias}.time = e.time` : `${alias}.time is null`;
}

/** In the statement itself: a partial index is used only where the statement says what the index holds. */
export function literal(type: string): string {
  return `'${type.replaceAll("'", "''")}'`;
}
