// What a stage did with one page: stored with the page's ledger row, so that a run's counts and times can be added up
// (requirement E5).
import type { JsonObject } from './event.js';

export interface StageMeasure {
  /** Events (records, for the first stage) that came in, and those that went on. */
  readonly in: number;
  readonly out: number;
  readonly ms: number;
  /** What the stage counts of its own, by its own names. */
  readonly [counted: string]: JsonObject[string];
}

/** By the stage's name. */
export type Measures = Readonly<Record<string, StageMeasure>>;
