// Standard input of a command, as a source makes records of it.
import type { RawRecord } from './source.js';

/** What is piped into a command, as records: block by block, and what is left at its end. */
export interface PipedRecords {
  push(block: Uint8Array): readonly PipedRecord[];
  end(): readonly PipedRecord[];
}

/** A record of what is piped, with its place. */
export interface PipedRecord {
  readonly record: RawRecord;
  /** The line in which it begins, from 1. */
  readonly line: number;
}
