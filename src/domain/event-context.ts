// An event's context: what its stages noted. It is kept as jsonb, so it holds what JSON holds, and comes back as it was.
import { limits } from '../limits.js';
import type { JsonObject } from './event.js';

/** The context with a patch laid over it. Throws RangeError when the result cannot be kept as it is. */
export function patched(context: JsonObject, patch: unknown): JsonObject {
  if (!isPlainObject(patch)) throw new RangeError('the context is not an object, expected one like {"owner":"payments"}');
  assertKeepable(patch, 'context', limits.eventDepthMax);
  const text = JSON.stringify({ ...context, ...patch });
  if (text.length > limits.eventContextCharsMax) {
    throw new RangeError(`the context has ${text.length} characters, expected at most ${limits.eventContextCharsMax}`);
  }
  return JSON.parse(text) as JsonObject;
}

function assertKeepable(value: unknown, path: string, levels: number): void {
  if (levels === 0) throw new RangeError(`${path} is nested deeper than ${limits.eventDepthMax} levels`);
  if (value === null || value === undefined || typeof value === 'boolean' || Number.isFinite(value)) return;
  if (typeof value === 'string') assertText(value, path);
  else if (Array.isArray(value)) value.forEach((item, at) => assertKeepable(item ?? null, `${path}[${at}]`, levels - 1));
  else if (isPlainObject(value)) for (const [key, item] of Object.entries(value)) assertMember(key, item, path, levels);
  else throw new RangeError(`${path} is a ${typeof value} that JSON does not hold`);
}

function assertMember(key: string, item: unknown, path: string, levels: number): void {
  assertText(key, path);
  assertKeepable(item, `${path}.${key}`, levels - 1);
}

function assertText(text: string, path: string): void {
  if (!text.isWellFormed() || text.includes('\0')) throw new RangeError(`${path} has text that Postgres does not hold`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}
