// All rows of a kind, one scan after the other: whoever reads them need not hold them.
import type { Json } from './event.js';
import type { SourceState, StateRow } from './source.js';

/** Rows of one scan. */
const scanRows = 5_000;

export async function* stateRows(state: SourceState, kind: string): AsyncGenerator<StateRow, void, void> {
  for (let after: string | undefined; ; ) {
    const rows = await state.scan(kind, { after, limit: scanRows });
    yield* rows;
    if (rows.length === 0) return;
    after = rows.at(-1)!.key;
  }
}

/** For kinds whose rows a source bounds. */
export async function stateMap(state: SourceState, kind: string): Promise<Map<string, Json>> {
  const map = new Map<string, Json>();
  for await (const { key, value } of stateRows(state, kind)) map.set(key, value);
  return map;
}
