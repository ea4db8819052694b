// Dead letters of validate and hash that come back: their records, mapped anew. As the records of a page of their own, and
// that page as its first batch.
import type { RawRecord } from './source.js';
import { newBatch, type Batch, type DeferredKey, type EarlierLetter, type PageFacts } from './stage.js';

export interface RedrivenRecord extends DeferredKey {
  /** The event of the record that comes back; null: all of them, the record was refused as a whole. */
  readonly part: number | null;
  /** Ordinal of the letter that has the bytes: events of one record share them. */
  readonly holder: number;
  readonly letter: EarlierLetter;
  /** Of the record; none where its source has none. */
  readonly stream?: string | null;
  /** Null where an earlier one of the page has brought them: a thousand events of one record bring it once. */
  readonly record: Uint8Array | null;
}

export function encodeRedriven({ record, ...rest }: RedrivenRecord): RawRecord {
  return Buffer.from(JSON.stringify({ ...rest, record: record === null ? null : Buffer.from(record).toString('base64') }));
}

/** One record of the batch for each letter; letters of one record share its bytes. */
export function redrivenBatch(page: PageFacts, stored: readonly RawRecord[]): Batch {
  const bytes = new Map<string, RawRecord>();
  const redriven = stored.map((one) => JSON.parse(Buffer.from(one).toString()) as Omit<RedrivenRecord, 'record'> & { record: string | null });
  const records = redriven.map(({ epoch, page: seq, holder, record }) => {
    const name = `${epoch}.${seq}.${holder}`;
    if (record !== null) bytes.set(name, Buffer.from(record, 'base64'));
    const found = bytes.get(name);
    if (found === undefined) throw new RangeError(`the page has no bytes of the record of dead letter ${name}`);
    return found;
  });
  return {
    ...newBatch(page, records),
    origins: redriven.map(({ part, letter, stream = null }) => ({ part, letter, stream })),
    redriven: redriven.map(({ epoch, page: seq, ordinal }) => ({ epoch, page: seq, ordinal })),
  };
}
