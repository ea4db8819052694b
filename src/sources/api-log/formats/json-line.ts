// A line that is a JSON object. Its own names are read by field-names.ts; the rest is kept in `extra`, as it is nested.
import { isUtf8 } from 'node:buffer';
import type { Json, JsonObject } from '../../../domain/event.js';
import { plainDuration, roleOf, type Role } from './field-names.js';
import { formatLimits } from './limits.js';
import type { LogLine } from './line.js';
import { malformed, Reading } from './reading.js';
import type { Zone } from './zone.js';

/** Whose JSON it is; `any`: told by its names. */
export type Dialect = 'any' | 'caddy' | 'traefik';

/** Objects inside of objects whose names are looked at: `http.request.headers.host`. */
const nestingMax = 4;

export function readJson(line: Buffer, zone: Zone, dialect: Dialect): LogLine {
  const text = line.toString();
  const valid = isUtf8(line);
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    found = undefined;
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    return malformed(line.toString('latin1'), false, 1, 'one JSON object');
  const reading = new Reading(text, true, false, zone);
  if (!valid) reading.flag('not_utf8');
  return readNamed(reading, found as JsonObject, dialect);
}

interface Found {
  readonly role: Role;
  readonly value: Json;
  readonly holder: JsonObject;
  readonly key: string;
}

/** Puts what has a name that is known; the rest becomes `extra`. */
export function readNamed(reading: Reading, object: JsonObject, dialect: Dialect): LogLine {
  const found: Found[] = [];
  collect(object, '', 1, ownDuration(object, dialect), found);
  const taken = new Map<JsonObject, Set<string>>();
  const set = new Set<string>();
  for (const { role, value, holder, key } of found.sort(inOrder)) {
    // The best name whose value is one that it can have.
    if (set.has(role.field) || !role.put(reading, value)) continue;
    set.add(role.field);
    taken.set(holder, (taken.get(holder) ?? new Set()).add(key));
  }
  if (!set.has('time') && found.some(({ role }) => role.field === 'time')) reading.flag('bad_time');
  for (const [key, value] of Object.entries(rest(reading, object, taken, 1))) reading.extra(key, value!);
  return reading.done();
}

/** The request line first: names that tell a part of it tell it better, and overwrite it. */
function inOrder(a: Found, b: Found): number {
  return Number(b.role.field === 'request') - Number(a.role.field === 'request') || a.role.rank - b.role.rank;
}

function collect(object: JsonObject, path: string, depth: number, own: Role | undefined, found: Found[]): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === null || value === undefined) continue;
    const name = path + key;
    if (typeof value === 'object' && !Array.isArray(value)) {
      if (depth < nestingMax) collect(value, name, depth + 1, own, found);
      continue;
    }
    const role = depth === 1 && own !== undefined && key.toLowerCase() === 'duration' ? own : roleOf(name);
    if (role !== undefined) found.push({ role, value, holder: object, key });
  }
}

/** Caddy has its request as an object; Traefik's names are its own. */
function ownDuration(object: JsonObject, dialect: Dialect): Role | undefined {
  const { request } = object;
  const isCaddy = typeof request === 'object' && request !== null && 'uri' in request && 'proto' in request;
  if (dialect === 'caddy' || (dialect === 'any' && isCaddy)) return plainDuration(1_000);
  if (dialect === 'traefik' || 'DownstreamStatus' in object || 'RequestPath' in object) return plainDuration(0.000_001);
  return undefined;
}

/** Without what was taken, and without what is empty then. */
function rest(
  reading: Reading,
  object: JsonObject,
  taken: ReadonlyMap<JsonObject, Set<string>>,
  depth: number,
): JsonObject {
  const keys = taken.get(object);
  const entries: [string, Json][] = [];
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined || keys?.has(key) === true) continue;
    const kept = restOf(reading, value, taken, depth);
    if (kept !== undefined) entries.push([key, kept]);
  }
  return Object.fromEntries(entries);
}

function restOf(
  reading: Reading,
  value: Json,
  taken: ReadonlyMap<JsonObject, Set<string>>,
  depth: number,
): Json | undefined {
  // JSON's number may have more digits than a double holds.
  if (typeof value === 'number' && !Number.isSafeInteger(value) && Math.abs(value) >= 2 ** 53)
    reading.flag('bad_number');
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= formatLimits.depthMax) {
    reading.flag('too_deep');
    return undefined;
  }
  if (Array.isArray(value)) return value.map((one) => restOf(reading, one, taken, depth + 1) ?? null);
  const inner = rest(reading, value, taken, depth + 1);
  return Object.keys(inner).length > 0 || Object.keys(value).length === 0 ? inner : undefined;
}
