// What `audit` of a source gives: the origin as it is now, beside what was read of it.
import type { RawRecord } from './source.js';

/** What an audit found: records, or with `covered` how a part stands as a whole. */
export interface Audited {
  /** A part of the origin, in the origin's own words (a path). */
  readonly part: string;
  /** What was read of it before, read again from the origin as it is now; they have the identities that `read` gave them. */
  readonly records?: readonly RawRecord[] | undefined;
  readonly covered?: Covered | undefined;
}

/** How much of a part was read. */
export interface Covered {
  readonly unit: 'byte' | 'entry';
  /** Null: the part is not there any more, and cannot be compared. */
  readonly there: number | null;
  /** Of it, what was read; the next sync reads the rest. */
  readonly read: number;
  /** Where the part is not as it was read, and no sync would see it: what was found, and what to do. */
  readonly differs?: string | undefined;
}
