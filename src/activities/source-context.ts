// What a source gets to work with: its options, a directory of its own, its committed state. Nothing of Temporal.
import { join } from 'node:path';
import { admitDeletions } from '../domain/deletions.js';
import type { PageKey } from '../domain/page.js';
import type { Course } from '../domain/course.js';
import type { SourceContext } from '../domain/source.js';
import type { Pool } from '../store/pool.js';
import { listIncomplete } from '../store/incomplete.js';
import { stateInFlight } from './state-in-flight.js';

/** How this look at the origin differs from others. */
export interface Look {
  /** The page that is read now: what the pages before it changed is seen. */
  readonly before?: PageKey | undefined;
  readonly askNow?: boolean | undefined;
  readonly lastAttempt?: boolean | undefined;
  readonly tell?: ((course: Course) => void) | undefined;
  /** A person said that what this look does not find is gone. */
  readonly acceptDeletions?: boolean | undefined;
}

export type CreateSourceContext = (
  sourceId: string,
  options: unknown,
  signal: AbortSignal,
  look?: Look,
) => SourceContext<unknown>;

/** One flat name: the directory of `acme` must not hold that of `acme/api`. */
export function sourceDirectory(home: string, sourceId: string): string {
  return join(home, 'sources', encodeURIComponent(sourceId));
}

export function createSourceContext(
  pool: Pool,
  home: string,
  secret: SourceContext<unknown>['secret'],
): CreateSourceContext {
  return (sourceId, options, signal, look = {}) => ({
    sourceId,
    options,
    directory: sourceDirectory(home, sourceId),
    state: stateInFlight(pool, sourceId, look.before),
    secret,
    incomplete: (type) => listIncomplete(pool, sourceId, type),
    admitDeletions: (deletions) => admitDeletions(sourceId, deletions, look.acceptDeletions ?? false),
    signal,
    tell: look.tell,
    askNow: look.askNow,
    lastAttempt: look.lastAttempt,
  });
}
