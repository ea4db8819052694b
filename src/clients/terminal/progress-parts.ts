// How far something is, in facts that a line is made of: share, speed and time left stay longest.
import { progressBar } from './bars.js';
import { amount, counted, duration } from './figures.js';
import type { Part } from './fitted-line.js';
import type { Terminal } from './terminal.js';

/** Something with a beginning and an end that can be counted. */
export interface Share {
  readonly done: number;
  /** Null: nobody can tell. */
  readonly total: number | null;
  /** Of what, of one: `event`. */
  readonly unit: string;
  readonly perSecond: number | null;
  readonly leftMs: number | null;
}

const barCells = 16;

export function shareParts({ done, total, unit, perSecond, leftMs }: Share, style: Terminal['style']): Part[] {
  const known = total !== null && total > 0;
  const bar = progressBar(known ? done / total : 0, barCells);
  return [
    ...(known
      ? [
          { text: bar.full + bar.empty, rank: 5, paint: () => style.cyan(bar.full) + style.dim(bar.empty) },
          { text: percent(done, total), rank: 1 },
        ]
      : []),
    known ? { text: `${counted(done)} of ${amount(total, unit)}`, rank: 6 } : { text: amount(done, unit), rank: 1 },
    ...(perSecond === null ? [] : [{ text: `${counted(perSecond)}/s`, rank: 3 }]),
    ...(leftMs === null || leftMs === 0 ? [] : [{ text: `${duration(leftMs)} left`, rank: 2 }]),
  ];
}

/** By what was done since it began. */
export function shareSince(startedAtMs: number, done: number, total: number | null, unit: string): Share {
  const ms = Math.max(1, Date.now() - startedAtMs);
  const leftMs = total === null || done === 0 ? null : (ms * Math.max(0, total - done)) / done;
  return { done, total, unit, perSecond: (done * 1_000) / ms, leftMs };
}

function percent(done: number, total: number): string {
  return `${Math.min(100, Math.floor((100 * done) / total))} %`;
}
