// Numbers and times as people read them.
import type { Standing } from '../../domain/event-figures.js';
import { counted } from '../../domain/figures.js';

export { amount, counted, duration } from '../../domain/figures.js';

/** `12 fetched: 8 inserted, 1 known, …`: each of them is in exactly one. */
export function standingText({ fetched, inserted, known, removed, deferred, dead, discarded }: Standing): string {
  const letters = `${counted(dead)} dead letters, ${counted(discarded)} discarded`;
  const kept = `${counted(inserted)} inserted, ${counted(known)} known, ${counted(removed)} removed`;
  return `${counted(fetched)} fetched: ${kept}, ${counted(deferred)} deferred, ${letters}`;
}

const byteUnits = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytes(count: number): string {
  const at = Math.min(byteUnits.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)));
  const value = count / 1_024 ** at;
  return `${value >= 100 || at === 0 ? counted(value) : value.toFixed(1)} ${byteUnits[at]}`;
}
