// How much a page holds and how many are in flight, as people set it, also on a running sync. Pure: workflows import it.
import { limits } from '../limits.js';
import type { BatchPlan } from './plan.js';

export type BatchChange = { readonly [Name in keyof BatchPlan]?: number | undefined };

export const batchMax: BatchPlan = {
  events: limits.pageEventsMax,
  bytes: limits.pageBytesMax,
  inFlight: limits.pagesInFlightMax,
};

/** What is wrong with it, naming the field; null when it can be used. */
export function batchProblem(change: unknown): string | null {
  const names = Object.keys(batchMax);
  if (typeof change !== 'object' || change === null || Array.isArray(change) || Object.keys(change).length === 0) {
    return `batch: expected an object like {"events":5000}, with at least one of ${names.join(', ')}`;
  }
  for (const [name, value] of Object.entries(change)) {
    if (!names.includes(name)) return `batch.${name}: is unknown, expected one of ${names.join(', ')}`;
    const max = batchMax[name as keyof BatchPlan];
    if (!Number.isInteger(value) || value < 1 || value > max)
      return `batch.${name}: expected a whole number from 1 to ${max}`;
  }
  return null;
}
