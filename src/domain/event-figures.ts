// Figures about events, each defined once: docs/figures.md says them in words, src/store/figures.ts computes them from rows.
import type { Counts } from './page.js';

/** How all events of a source stand at one moment. Each is in exactly one of these; `fetched` is their sum. None is below 0. */
export interface Standing {
  readonly fetched: number;
  readonly inserted: number;
  /** Repeats and what was stored before. */
  readonly known: number;
  readonly removed: number;
  /** Waiting to come back: deferred by a stage, or redriven and not taken up yet. */
  readonly deferred: number;
  /** Dead letters nobody has decided about. */
  readonly dead: number;
  /** Dead letters a person has put aside. */
  readonly discarded: number;
}

/** What happened within a time: `fetched` is the sum of the others but `returned` and `failures`. None is below 0. */
export interface Happened {
  readonly fetched: number;
  readonly inserted: number;
  readonly known: number;
  readonly removed: number;
  /** Times an event was deferred. */
  readonly deferred: number;
  /** Times an event died. */
  readonly dead: number;
  /** Of `fetched`: those that came back, and had been fetched before. */
  readonly returned: number;
  /** What went wrong with events that are stored all the same: of processors, and of the embedder. */
  readonly failures: number;
}

/** All of these sources together. */
export function totalOf<Figures extends Standing>(parts: readonly Figures[]): Standing {
  const sum = (name: keyof Standing): number => parts.reduce((total, part) => total + part[name], 0);
  return {
    fetched: sum('fetched'),
    inserted: sum('inserted'),
    known: sum('known'),
    removed: sum('removed'),
    deferred: sum('deferred'),
    dead: sum('dead'),
    discarded: sum('discarded'),
  };
}

/** Events that were not new: repeats, and what was stored before. */
export function knownOf({ duplicate, suppressed, existing }: Counts): number {
  return duplicate + suppressed + existing;
}

/** Over the time a run worked, in milliseconds: pauses and waits are none of it. */
export function eventsPerSecond(fetched: number, workedMs: number): number {
  return Math.round((fetched * 1_000) / Math.max(1, workedMs));
}
