// An event's context: what its stages noted. It is kept as jsonb, so it holds what JSON holds, and comes back as it was.
import { limits } from '../limits.js';
import { canonicalJson } from './canonical-json.js';
import type { JsonObject } from './event.js';

/** The context with a patch laid over it. Throws RangeError when the result cannot be kept as it is. */
export function patched(context: JsonObject, patch: unknown): JsonObject {
  if (!isPlainObject(patch))
    throw new RangeError('the context is not an object, expected one like {"owner":"payments"}');
  assertKeepable(patch, 'context', limits.eventDepthMax);
  const text = JSON.stringify({ ...context, ...patch });
  if (text.length > limits.eventContextCharsMax) {
    throw new RangeError(`the context has ${text.length} characters, expected at most ${limits.eventContextCharsMax}`);
  }
  return JSON.parse(text) as JsonObject;
}

/**
 * Canonical JSON of an object that Postgres gives back as it was. Throws RangeError that names what is not to be kept. For 20,000
 * events a page, so looked at cheaply first: what JSON escapes with `\\u` is text that Postgres may not hold.
 */
export function keptText(value: unknown, name: string, charsMax: number): string {
  if (!isPlainObject(value)) throw new RangeError(`${name} is no object, expected one like {"owner":"payments"}`);
  const shaped = isShaped(value, limits.eventDepthMax);
  if (!shaped) assertKeepable(value, name, limits.eventDepthMax);
  const text = shaped ? JSON.stringify(value) : canonicalJson(value);
  if (text.includes('\\u')) assertKeepable(value, name, limits.eventDepthMax);
  if (text.length <= charsMax) return text;
  throw new RangeError(`${name} has ${text.length} characters, expected at most ${charsMax}`);
}

/** False for what assertKeepable must look at: it knows the reason, and lists. Also where keys are not in canonical order. */
function isShaped(value: unknown, levels: number): boolean {
  if (typeof value === 'string' || value === null || value === undefined || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (levels === 0 || !isPlainObject(value)) return false;
  let before = '';
  for (const key in value) {
    if (key < before || !isShaped(value[key], levels - 1)) return false;
    before = key;
  }
  return true;
}

/** Of a path of a hundred levels: where it begins. */
const pathCharsShown = 80;

function assertKeepable(value: unknown, path: string, levels: number): void {
  if (levels === 0)
    throw new RangeError(`${path.slice(0, pathCharsShown)} is nested deeper than ${limits.eventDepthMax} levels`);
  if (value === null || value === undefined || typeof value === 'boolean' || Number.isFinite(value)) return;
  if (typeof value === 'string') assertText(value, path);
  else if (Array.isArray(value))
    value.forEach((item, at) => assertKeepable(item ?? null, `${path}[${at}]`, levels - 1));
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

function isPlain(prototype: unknown): boolean {
  return prototype === Object.prototype || prototype === null;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && isPlain(Object.getPrototypeOf(value));
}
