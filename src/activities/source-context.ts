// What a source gets to work with: its options, a directory of its own, its committed state. Nothing of Temporal.
import { join } from 'node:path';
import { admitDeletions } from '../domain/deletions.js';
import type { SourceContext } from '../domain/source.js';
import type { Pool } from '../store/pool.js';
import { findState, listState } from '../store/source-state.js';

/** `acceptDeletions`: a person said that what this look does not find is gone. */
export type CreateSourceContext = (sourceId: string, options: unknown, signal: AbortSignal, acceptDeletions?: boolean) => SourceContext<unknown>;

export function createSourceContext(pool: Pool, home: string, secret: SourceContext<unknown>['secret']): CreateSourceContext {
  return (sourceId, options, signal, acceptDeletions = false) => ({
    sourceId,
    options,
    // One flat name: the directory of `acme` must not hold that of `acme/api`.
    directory: join(home, 'sources', encodeURIComponent(sourceId)),
    state: {
      get: (kind, key) => findState(pool, sourceId, kind, key),
      list: (kind) => listState(pool, sourceId, kind),
    },
    secret,
    admitDeletions: (deletions) => admitDeletions(sourceId, deletions, acceptDeletions),
    signal,
  });
}
