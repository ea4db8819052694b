// Numbers and times as people read them.
import { counted } from '../domain/figures.js';

export { counted, duration } from '../domain/figures.js';

export function rate(count: number, ms: number): string {
  return `${counted((count * 1_000) / Math.max(1, ms))}/s`;
}
