// Numbers and times as people read them.
import { counted } from '../../domain/figures.js';

export { counted, duration } from '../../domain/figures.js';

export function rate(count: number, ms: number): string {
  return `${counted((count * 1_000) / Math.max(1, ms))}/s`;
}

const byteUnits = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function bytes(count: number): string {
  const at = Math.min(byteUnits.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, count)) / 10)));
  const value = count / 1_024 ** at;
  return `${value >= 100 || at === 0 ? counted(value) : value.toFixed(1)} ${byteUnits[at]}`;
}
