// Which dead letter has the bytes of a record: the first of its dead events. A thousand copies of one record would be a
// page no statement can hold.
import type { RawRecord } from '../domain/source.js';
import type { DeadEvent } from '../domain/stage.js';

/** By record, as an object; ordinals of letters. */
export type RecordHolders = Map<RawRecord, number>;

export function recordHolders(dead: readonly DeadEvent[]): RecordHolders {
  return new Map(dead.flatMap(({ raw, ordinal }) => (raw === null ? [] : [[raw, ordinal]])));
}

/** The bytes, or the letter that has them. */
export function heldBytes(
  holders: RecordHolders,
  record: RawRecord,
  ordinal: number,
): Pick<DeadEvent, 'raw' | 'holder'> {
  const holder = holders.get(record);
  if (holder !== undefined) return { raw: null, holder };
  holders.set(record, ordinal);
  return { raw: record };
}
