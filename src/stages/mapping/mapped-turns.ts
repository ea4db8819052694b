// The records of a page in turns, each with what it was mapped to, whether here or in another process.
import type { RawRecord } from '../../domain/source.js';
import { nextTurn, turnItems } from '../../domain/turns.js';
import type { Mapped, MapRecords, Whole } from './map-record.js';

/** The next turn is being mapped while one is at work: another process has a CPU of its own. */
export async function inMappedTurns(
  wholes: readonly Whole[],
  map: MapRecords,
  work: (whole: Whole, at: number, mapped: Mapped) => void,
): Promise<void> {
  const each = eachOnce(map);
  const begin = (from: number): Promise<readonly Mapped[]> => {
    const mapping = each(wholes.slice(from, from + turnItems));
    // It is awaited a turn later, and may fail before.
    mapping.catch(() => {});
    return mapping;
  };
  let coming = begin(0);
  for (let from = 0; from < wholes.length; from += turnItems) {
    const mapped = await coming;
    if (from + turnItems < wholes.length) coming = begin(from + turnItems);
    mapped.forEach((one, at) => work(wholes[from + at]!, from + at, one));
    await nextTurn();
  }
}

/** Redriven letters of one record come one after the other, each with all of it: mapped for each, they would take its square. */
function eachOnce(map: MapRecords): (wholes: readonly Whole[]) => Promise<readonly Mapped[]> {
  let last: { readonly record: RawRecord; readonly mapped: Mapped } | undefined;
  return async (wholes) => {
    const distinct = wholes.filter(({ record }, at) => record !== (at === 0 ? last : wholes[at - 1])?.record);
    const fresh = (await map(distinct)).values();
    return wholes.map(({ record }) => {
      if (record !== last?.record) last = { record, mapped: fresh.next().value! };
      return last.mapped;
    });
  };
}
