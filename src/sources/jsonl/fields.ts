// Where in a record each field of its event is, from the options; worked out once for all records of a source.
import { RecordRejected } from '../../domain/source.js';
import { priorities, type Identity, type Json, type JsonObject, type Priority } from '../../domain/event.js';
import type { JsonlOptions } from './options.js';
import { valueAt } from './pointer.js';

/** Of records that say nothing of their type. */
export const usualType = 'jsonl.record';

export interface Found<Value> {
  readonly value?: Value | undefined;
  readonly flag?: string | undefined;
}

export function typeOf(
  record: JsonObject,
  type: string | undefined,
): { readonly value: string; readonly flag?: string } {
  if (type === undefined) return { value: usualType };
  if (!type.startsWith('/')) return { value: type };
  const value = valueAt(record, type);
  return typeof value === 'string' && value !== '' ? { value } : { value: usualType, flag: 'no_type' };
}

export function subjectOf(record: JsonObject, at: string | undefined): Found<string> {
  const value = at === undefined ? undefined : valueAt(record, at);
  if (value === undefined || value === null || value === '') return {};
  const text = keyText(value);
  return text === null ? { flag: 'bad_subject' } : { value: text };
}

export function priorityAt(record: JsonObject, at: string | undefined): Found<Priority> {
  const value = at === undefined ? undefined : valueAt(record, at);
  if (value === undefined || value === null || value === '') return {};
  const priority = prioritiesByText.get(keyText(value)?.toLowerCase() ?? '');
  return priority === undefined ? { flag: 'bad_priority' } : { value: priority };
}

const prioritiesByText = new Map<string, Priority>(
  Object.entries(priorities).flatMap(([name, number]) => [
    [name, number],
    [String(number), number],
  ]),
);

/** Null: neither an id nor a version is mapped. Throws RecordRejected for a record that lacks what is. */
export function mappedIdentity(record: JsonObject, { id, entity, version }: JsonlOptions): Identity | null {
  if (entity !== undefined)
    return { kind: 'versioned', key: keyOf(record, entity, 'entity'), version: keyOf(record, version!, 'version') };
  return id === undefined ? null : { kind: 'immutable', key: keyOf(record, id, 'id') };
}

/** Of several fields as JSON has a list of texts, so that no two lists make one key. */
function keyOf(record: JsonObject, at: string | readonly string[], field: string): string {
  return typeof at === 'string'
    ? partOf(record, at, field)
    : JSON.stringify(at.map((one) => partOf(record, one, field)));
}

function partOf(record: JsonObject, at: string, field: string): string {
  const value = valueAt(record, at);
  const text = value === undefined ? null : keyText(value);
  if (text !== null && text !== '') return text;
  throw new RecordRejected(
    `no_${field}`,
    `${field} at ${at} is ${value === undefined ? 'missing' : kindOf(value)}, expected a text that is not empty, or a number`,
  );
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}

/** Numbers go by their digits, and 1 and "1" are one key: programs that write ids do not agree on it. */
function keyText(value: Json): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}
