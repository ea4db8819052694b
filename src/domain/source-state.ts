// The rows of `source_state` as a source sees them.
import type { Json } from './event.js';

/** A change of one `source_state` row, committed with the page that carries it; `value: null` removes the row. */
export interface StatePatch {
  readonly kind: string;
  readonly key: string;
  readonly value: Json;
}

/** A row of `source_state`, within its kind. */
export interface StateRow {
  readonly key: string;
  readonly value: Json;
}

/** Keys `after` this one and before or at `until`, in the order of their UTF-8 bytes; at most `limit`. */
export interface StateRange {
  readonly after?: string | undefined;
  readonly until?: string | undefined;
  readonly limit: number;
}

/**
 * The `source_state` rows of this source, as they are where reading stands: committed ones, and those of the pages that
 * were read before and are still on their way.
 */
export interface SourceState {
  get(kind: string, key: string): Promise<Json | undefined>;
  /** The next rows in order; none means that there are no more. */
  scan(kind: string, range: StateRange): Promise<readonly StateRow[]>;
  count(kind: string): Promise<number>;
}
