// The state a source reads: committed rows, and over them the patches of pages that were read before and are on their way. A
// reader that is opened in the middle of a run sees what the one before it knew.
import { boundedKey } from '../domain/bounded-key.js';
import type { Json } from '../domain/event.js';
import type { PageKey } from '../domain/page.js';
import type { SourceState, StatePatch, StateRange, StateRow } from '../domain/source-state.js';
import type { Pool } from '../store/pool.js';
import { findPendingPatches } from '../store/pages.js';
import { countState, findState, scanState } from '../store/source-state.js';

/** `before`: the pages of this epoch below it have been read; undefined: none is on its way. */
export function stateInFlight(pool: Pool, source: string, before?: PageKey): SourceState {
  let asked: Promise<Overlay> | undefined;
  // Asked before the committed rows: a page that commits in between is applied twice, which changes nothing.
  const overlay = () =>
    (asked ??= before === undefined ? Promise.resolve(none) : findPendingPatches(pool, before).then(overlayOf));
  return {
    async get(kind, key) {
      const patched = (await overlay()).get(kind)?.get(key);
      return patched === undefined ? findState(pool, source, kind, key) : (patched ?? undefined);
    },
    async scan(kind, range) {
      const patched = (await overlay()).get(kind);
      return patched === undefined
        ? scanState(pool, source, kind, range)
        : scanOver(patched, range, (part) => scanState(pool, source, kind, part));
    },
    async count(kind) {
      const patched = (await overlay()).get(kind);
      if (patched === undefined) return countState(pool, source, kind);
      let rows = await countState(pool, source, kind);
      for (const [key, value] of patched) {
        const committed = (await findState(pool, source, kind, key)) !== undefined;
        rows += Number(value !== null) - Number(committed);
      }
      return rows;
    },
  };
}

/** By kind and key; null: removed. */
type Overlay = ReadonlyMap<string, ReadonlyMap<string, Json>>;

const none: Overlay = new Map();

function overlayOf(patches: readonly StatePatch[]): Overlay {
  const overlay = new Map<string, Map<string, Json>>();
  for (const { kind, key, value } of patches) {
    const keys = overlay.get(kind) ?? new Map<string, Json>();
    overlay.set(kind, keys.set(key, value));
  }
  return overlay;
}

/** Asks again where removed rows left nothing: an empty answer says that there are no more. */
async function scanOver(
  patched: ReadonlyMap<string, Json>,
  range: StateRange,
  committed: (range: StateRange) => Promise<StateRow[]>,
): Promise<StateRow[]> {
  for (let { after } = range; ;) {
    const rows = await committed({ ...range, after });
    const end = rows.length < range.limit ? range.until : rows.at(-1)!.key;
    const merged = merge(rows, patched, { after, until: end });
    if (merged.length > 0 || rows.length < range.limit) return merged.slice(0, range.limit);
    after = end;
  }
}

function merge(
  rows: readonly StateRow[],
  patched: ReadonlyMap<string, Json>,
  { after, until }: Pick<StateRange, 'after' | 'until'>,
): StateRow[] {
  const merged = new Map(rows.map(({ key, value }) => [key, value]));
  for (const [key, value] of patched) {
    if (after !== undefined && order(key, after) <= 0) continue;
    if (until !== undefined && order(key, until) > 0) continue;
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  return [...merged].map(([key, value]) => ({ key, value })).toSorted((one, other) => order(one.key, other.key));
}

/** As the column's collation "C" has it: by bytes. */
function order(one: string, other: string): number {
  return Buffer.compare(Buffer.from(boundedKey(one)), Buffer.from(boundedKey(other)));
}
