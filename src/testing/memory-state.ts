// The state of a source without a store: the rows that are held here.
import { boundedKey } from '../domain/bounded-key.js';
import type { SourceState, StatePatch, StateRow } from '../domain/source-state.js';

export function memoryState(rows: () => Iterable<StatePatch>): SourceState {
  const of = (kind: string): StateRow[] =>
    [...rows()].filter((row) => row.kind === kind).toSorted((one, other) => order(one.key, other.key));
  return {
    get: async (kind, key) => of(kind).find((row) => row.key === key)?.value,
    scan: async (kind, { after, until, limit }) =>
      of(kind)
        .filter(
          ({ key }) =>
            (after === undefined || order(key, after) > 0) && (until === undefined || order(key, until) <= 0),
        )
        .slice(0, limit),
    count: async (kind) => of(kind).length,
  };
}

function order(one: string, other: string): number {
  return Buffer.compare(Buffer.from(boundedKey(one)), Buffer.from(boundedKey(other)));
}
