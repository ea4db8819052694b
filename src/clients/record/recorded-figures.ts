// The figures of events that were given to the door, as `record` tells them in the library and in the command (docs/figures.md).
import type { Counts } from '../../domain/page.js';

/** In events; `counts` are of those that were taken. `total` is the sum of all but `errors`. */
export function recordedFigures(counts: Counts, refused: number) {
  return {
    total: counts.fetched + refused,
    inserted: counts.inserted,
    skipped_duplicate: counts.duplicate,
    skipped_existing: counts.existing,
    suppressed: counts.suppressed,
    refused,
    errors: refused + (counts.failures ?? 0),
  };
}
