// What a source says of the event types it makes. Search, `embed`, the lines of the command line, completion, views and
// `tributary types` read it, so that no other file knows a type or a field of it. All of it is optional: events of a type
// nobody declared are stored, searched and shown by what their fields are usually called.
import { InvalidInput } from './errors.js';
import { priorities, type JsonObject, type Priority } from './event.js';

/** An event as its line and its fields are made from it. */
export interface EventFacts {
  readonly type: string;
  readonly subject: string | null;
  /** RFC 3339 in UTC. */
  readonly time: string | null;
  readonly data: Readonly<JsonObject>;
}

/** The fields by which code is looked for, named alike for all sources that know of code (requirement P9). */
export interface CodeFields {
  readonly code_event_type?: string | undefined;
  readonly file_path?: string | undefined;
  readonly symbol_name?: string | undefined;
  readonly symbol_type?: string | undefined;
  readonly language?: string | undefined;
  readonly git_commit?: string | undefined;
  readonly git_author?: string | undefined;
}

/** Which filters of `tributary events` find events of this type, and where. */
export interface EventFilters {
  /** `data.author` has the `name` and the `email` of its author. */
  readonly author?: boolean | undefined;
  /** `data.path` is a path with slashes. */
  readonly path?: boolean | undefined;
  /** `id`: its own id is a commit's. `of`: `data.commit` is the id of an event of that type, of the same source and time. */
  readonly commit?: 'id' | { readonly of: string } | undefined;
}

export const columnTypes = ['text', 'boolean', 'bigint', 'double precision', 'timestamptz', 'jsonb'] as const;

/** A column of a view, and where its value comes from. */
export interface ViewColumn {
  readonly name: string;
  readonly type: (typeof columnTypes)[number];
  /** Where the value is in `data`; a dot goes into an object. */
  readonly path: string;
}

/** Events of the type with columns of their own, beside `source`, `event_id`, `subject`, `time` and `ingested_at`. */
export interface EventView {
  readonly name: string;
  readonly columns: readonly ViewColumn[];
}

/** An event type that a source makes, for search, lines, embeddings and views. */
export interface EventType {
  /** Of CloudEvents: `git.commit`. Of one source type alone, or of several that have this one declaration in common. */
  readonly type: string;
  /** One line for people. */
  readonly summary: string;
  /** `stable`: fields are added, never changed or taken away. */
  readonly stability: 'stable' | 'experimental';
  /** Where the mapper gives an event none. */
  readonly priority?: Priority | undefined;
  /** One line about an event, beside its subject. Pure. Without it: the field that most often tells. */
  readonly about?: ((event: EventFacts) => string | null | undefined) | undefined;
  /**
   * False: it has no text to search. True, or left out: words are found in `message`, or else in `title`, `subject`, `body`
   * and `text`, as the index has them.
   */
  readonly words?: boolean | undefined;
  /** Fields of data that are embedded; a dot goes into an object. None: nothing is. Left out: what people usually write in. */
  readonly embed?: readonly string[] | undefined;
  readonly filters?: EventFilters | undefined;
  readonly code?: ((data: Readonly<JsonObject>) => CodeFields) | undefined;
  readonly view?: EventView | undefined;
}

export interface Catalogue {
  readonly types: readonly EventType[];
  get(type: string): EventType | undefined;
}

interface Declaring {
  readonly type: string;
  readonly events?: readonly EventType[] | undefined;
}

const typeForm = /^[A-Za-z0-9][\w.:/-]{0,199}$/;
const nameForm = /^[a-z][a-z0-9_]{0,62}$/;
const known: readonly number[] = Object.values(priorities);
const pathForm = /^[\w-]+(\.[\w-]+)*$/;

/** Throws InvalidInput that names source, event type and field. */
export function createCatalogue(sources: readonly Declaring[]): Catalogue {
  const byType = new Map<string, EventType>();
  for (const source of sources) {
    for (const [at, declared] of (source.events ?? []).entries()) {
      // Two roads to one origin (an export, the live workspace) make the same events.
      if (byType.get(declared.type) === declared && !source.events!.slice(0, at).includes(declared)) continue;
      const problem = byType.has(declared.type)
        ? `.type: ${declared.type} is declared twice`
        : problemOf(declared, source.type);
      if (problem !== null)
        throw new InvalidInput(
          `sources.${source.type}.events.${at}${problem.slice(0, problem.indexOf(':'))}`,
          problem.slice(problem.indexOf(':') + 2),
        );
      byType.set(declared.type, declared);
    }
  }
  return { types: [...byType.values()], get: (type) => byType.get(type) };
}

/** `.field: what is wrong`, or null. */
function problemOf(
  { type, summary, stability, priority, about, code, embed, view, filters }: EventType,
  source: string,
): string | null {
  if (typeof type !== 'string' || !typeForm.test(type))
    return `.type: is ${JSON.stringify(type)}, expected a name like acme.note`;
  if (typeof summary !== 'string' || summary === '' || summary.includes('\n'))
    return `.summary: is no line of text, in ${type}`;
  if (stability !== 'stable' && stability !== 'experimental')
    return `.stability: is ${JSON.stringify(stability)} in ${type}, expected stable or experimental`;
  if (priority !== undefined && !known.includes(priority))
    return `.priority: is ${JSON.stringify(priority)} in ${type}, expected 1 to 4`;
  if (!isFunctionOrNone(about)) return `.about: is no function, in ${type}`;
  if (!isFunctionOrNone(code)) return `.code: is no function, in ${type}`;
  if (embed !== undefined && !(Array.isArray(embed) && embed.every((path) => pathForm.test(path))))
    return `.embed: is no list of fields, in ${type}`;
  if (filters?.commit !== undefined && filters.commit !== 'id' && !typeForm.test(filters.commit.of))
    return `.filters.commit: expected 'id' or { of: type }, in ${type}`;
  return view === undefined ? null : problemOfView(view, type, source.split(/[-_]/)[0]!);
}

function isFunctionOrNone(value: unknown): boolean {
  return value === undefined || typeof value === 'function';
}

/** The prefix is the first word of the source type, so that sources of one family may have their views in common. */
function problemOfView({ name, columns }: EventView, type: string, prefix: string): string | null {
  if (!nameForm.test(name))
    return `.view.name: is ${JSON.stringify(name)} in ${type}, expected lower case letters, digits and _`;
  if (name !== prefix && !name.startsWith(`${prefix}_`))
    return `.view.name: is ${name} in ${type}, expected a name that begins with ${prefix}_`;
  const taken = new Set<string>(viewColumns);
  for (const [at, column] of columns.entries()) {
    if (!nameForm.test(column.name) || taken.has(column.name))
      return `.view.columns.${at}.name: ${JSON.stringify(column.name)} of ${type} is taken, or no name of lower case letters, digits and _`;
    if (!columnTypes.includes(column.type))
      return `.view.columns.${at}.type: is ${JSON.stringify(column.type)} in ${type}, expected one of ${columnTypes.join(', ')}`;
    if (!pathForm.test(column.path))
      return `.view.columns.${at}.path: is ${JSON.stringify(column.path)} in ${type}, expected fields joined by dots`;
    taken.add(column.name);
  }
  return null;
}

/** Of every view made from a catalogue. */
export const viewColumns = ['source', 'event_id', 'subject', 'time', 'ingested_at'] as const;

/** Fields to embed by event type. */
export function embedFieldsOf({ types }: Catalogue): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(types.flatMap(({ type, embed }) => (embed === undefined ? [] : [[type, embed]])));
}

/** What an event type has where neither its mapper nor a rule says more. */
export function usualPriorities({ events = [] }: Pick<Declaring, 'events'>): ReadonlyMap<string, Priority> {
  return new Map(events.flatMap(({ type, priority }) => (priority === undefined ? [] : [[type, priority]])));
}

/** The line of its type about an event; null where there is none, or its function fails. */
export function aboutOf(catalogue: Catalogue, event: EventFacts): string | null {
  try {
    const text: unknown = catalogue.get(event.type)?.about?.(event);
    return typeof text === 'string' && text !== '' ? text : null;
  } catch {
    return null;
  }
}
