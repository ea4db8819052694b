// CloudEvents 1.0 as structured JSON (cloudevents/spec, formats/json-format.md): one object with all attributes and the data.
// Two of them are one event exactly when their source and id are equal, whatever else they say.
import type { Json, JsonObject } from '../../domain/event.js';
import { RecordRejected } from '../../domain/source.js';

/** Another version of the specification is another format; such a line is JSON like any other. */
export function isCloudEvent(record: JsonObject): boolean {
  return record['specversion'] === '1.0';
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Throws RecordRejected that names what the specification requires. */
export function checkCloudEvent(record: JsonObject): void {
  if (!isCloudEvent(record)) refuse(`specversion is ${shown(record['specversion'])}, expected "1.0"`);
  for (const name of ['id', 'source', 'type']) {
    const value = record[name];
    if (typeof value !== 'string' || value === '')
      refuse(`${name} is ${shown(value)}, expected a text that is not empty`);
  }
  // A blank ends the source in the key of the event; no URI has one.
  if (/\s/.test(record['source'] as string))
    refuse(`source is ${shown(record['source'])}, expected a URI, without blanks`);
  const binary = record['data_base64'];
  if (binary === undefined || binary === null) return;
  if (record['data'] !== undefined && record['data'] !== null)
    refuse('it has data and data_base64, expected one of them');
  if (typeof binary !== 'string' || binary.length % 4 !== 0 || !base64.test(binary))
    refuse(`data_base64 is ${shown(binary)}, expected Base64`);
}

const shownChars = 60;

function shown(value: Json | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, shownChars);
}

function refuse(problem: string): never {
  throw new RecordRejected('not_cloudevent', `${problem} in a CloudEvent`);
}

/** Unique within a file of events of many sources. */
export function cloudEventKey({ source, id }: JsonObject): string {
  return `${source as string} ${id as string}`;
}

/** As events have them that programs give. Data that has a field of this name itself is kept whole in `value`. */
const envelopeField = 'cloudevents';

/**
 * The fields of the event's data, where it is an object, and beside them the other attributes: source, datacontenttype,
 * dataschema, extensions. Any other data is the field `value`, or `base64`.
 */
export function cloudEventData(record: JsonObject, columns: ReadonlySet<string>): JsonObject {
  const envelope = envelopeOf(record, columns);
  const { data, data_base64: binary } = record;
  if (binary !== undefined && binary !== null) return { base64: binary, [envelopeField]: envelope };
  if (data === undefined) return { [envelopeField]: envelope };
  if (typeof data !== 'object' || data === null || Array.isArray(data) || Object.hasOwn(data, envelopeField))
    return { [envelopeField]: envelope, value: data };
  return { ...data, [envelopeField]: envelope };
}

const contents: ReadonlySet<string> = new Set(['specversion', 'data', 'data_base64']);

function envelopeOf(record: JsonObject, columns: ReadonlySet<string>): JsonObject {
  const envelope: JsonObject = {};
  for (const name in record) {
    if (contents.has(name) || columns.has(name)) continue;
    // An assignment would take it for something else.
    if (name === '__proto__') Object.defineProperty(envelope, name, { ...own, value: record[name] });
    else envelope[name] = record[name];
  }
  return envelope;
}

const own = { enumerable: true, configurable: true, writable: true };
