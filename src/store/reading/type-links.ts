// How the filters of a search find events of a type: by fields of its own, or by those of the commit it belongs to, or of
// the changes that belong to it.
import type { Catalogue, EventType } from '../../domain/catalogue.js';

export interface TypeLinks {
  readonly author: boolean;
  readonly path: boolean;
  readonly words: boolean;
  /** Its id is a commit's. */
  readonly isCommit: boolean;
  /** The type of the event that `data.commit` names. */
  readonly commitType: string | null;
  /** The type of the events whose `data.commit` names it, and that have a path. */
  readonly changeType: string | null;
}

export type LinksOf = (type: string) => TypeLinks;

export function linksIn(catalogue: Catalogue): LinksOf {
  const made = new Map<string, TypeLinks>();
  return (type) => {
    const links = made.get(type) ?? linksOf(type, catalogue);
    made.set(type, links);
    return links;
  };
}

function linksOf(type: string, catalogue: Catalogue): TypeLinks {
  const declared = catalogue.get(type);
  const { author = false, path = false, commit } = declared?.filters ?? {};
  const change = catalogue.types.find((other) => other.filters?.path === true && commitTypeOf(other) === type);
  return {
    author,
    path,
    words: declared?.words !== false,
    isCommit: commit === 'id',
    commitType: commitTypeOf(declared),
    changeType: commit === 'id' ? (change?.type ?? null) : null,
  };
}

function commitTypeOf(declared: EventType | undefined): string | null {
  const commit = declared?.filters?.commit;
  return typeof commit === 'object' ? commit.of : null;
}
