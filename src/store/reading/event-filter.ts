// What events are asked for, and the order they are listed in.

export interface EventFilter {
  readonly source?: string | undefined;
  /** Names, or patterns with `*`. */
  readonly types?: readonly string[] | undefined;
  /** Event time, from here on; events without a time match neither bound. */
  readonly since?: Date | undefined;
  /** Event time, before this. */
  readonly until?: Date | undefined;
  /** At least this. */
  readonly priority?: number | undefined;
  /** Words of a message, title or body: all of them; "in quotes" next to each other; -without. */
  readonly text?: string | undefined;
  /** Words of the name of a commit's author, or the whole address. */
  readonly author?: string | undefined;
  /** The beginning of a commit's id, in lower case: the commit and its file changes. */
  readonly commit?: string | undefined;
  readonly path?: PathPattern | undefined;
}

/** A path matches that is the file, or begins with the prefix and, if there is one, matches the regular expression of Postgres. */
export interface PathPattern {
  readonly file: string | null;
  readonly prefix: string;
  readonly regex: string | null;
}

export type EventOrder = 'newest' | 'oldest';

/** Where an event stands in the order; the page after it goes on there, whatever was stored meanwhile. */
export interface EventPlace {
  /** Both RFC 3339 in UTC, to the microsecond. */
  readonly time: string | null;
  readonly ingestedAt: string;
  readonly source: string;
  readonly id: string;
}

export interface EventSearch {
  readonly filter: EventFilter;
  readonly order: EventOrder;
  readonly limit: number;
  readonly after?: EventPlace | undefined;
}

/** Only types that say so have any of these. */
export function filtersCode({ author, commit, path }: EventFilter): boolean {
  return author !== undefined || commit !== undefined || path !== undefined;
}

/** Of a type with this name or pattern. */
export function matchesType(pattern: string, type: string): boolean {
  const words = pattern.split('*').map((word) => word.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${words.join('.*')}$`).test(type);
}

/** The same for Postgres. */
export function typeLike(pattern: string): string {
  return pattern.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll(/\*+/g, '%');
}
