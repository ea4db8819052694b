// An event as a program gives it, in our words or as a CloudEvent in JSON, to a draft. Strict: whoever gives it is there and
// can mend it, so what would be stored as something else is refused, by the name of its field.
import * as crypto from 'node:crypto';
import {
  priorities,
  type EventDraft,
  type Identity,
  type Json,
  type JsonObject,
  type Priority,
} from '../../domain/event.js';
import { instantOf } from '../../domain/instant.js';
import { RecordRejected } from '../../domain/source.js';
import { versionBytesMax } from '../../domain/version-order.js';
import { limits } from '../../limits.js';

/** Refused, and where. `code` is `bad_<field>`, `unknown_field`, `not_json` or `not_an_event`. */
export class FieldRejected extends RecordRejected {
  readonly field: string;

  constructor(field: string, message: string, code = `bad_${field}`) {
    super(code, field === '' ? message : `${field}: ${message}`);
    this.field = field;
  }
}

type Given = Readonly<Record<string, unknown>>;

const ownFields = ['type', 'id', 'time', 'subject', 'data', 'priority', 'entity', 'version', 'deleted'];

/** Throws FieldRejected. */
export function draftOf(given: unknown): EventDraft {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new FieldRejected('', 'the event is no object, expected one like {"type":"order.paid"}', 'not_an_event');
  const event = given as Given;
  return 'specversion' in event ? cloudEventDraft(event) : ownDraft(event);
}

function ownDraft(event: Given): EventDraft {
  for (const name in event) {
    if (!ownFields.includes(name))
      throw new FieldRejected(
        name.slice(0, fieldCharsShown),
        `is no field of an event; expected one of ${ownFields.join(', ')}`,
        'unknown_field',
      );
  }
  const { data = {} } = event;
  if (!isObject(data)) throw new FieldRejected('data', 'is no object, expected one like {"amount":12.5}');
  return drafted(event, text(event, 'id'), data);
}

/** Of an unknown field's name, as long as it may be. */
const fieldCharsShown = 100;

function drafted(event: Given, id: string | undefined, data: JsonObject): EventDraft {
  const type = text(event, 'type');
  if (type === undefined) throw new FieldRejected('type', 'is missing, expected a name like order.paid');
  const [time, subject, priority] = [timeOf(event), subjectOf(event), priorityIn(event)];
  return {
    type,
    identity: identityOf(event, id),
    data,
    ...(time === undefined ? {} : { time }),
    ...(subject === undefined ? {} : { subject }),
    ...(priority === undefined ? {} : { priority }),
  };
}

/** Undefined and null are the same: left out. */
function text(event: Given, field: string): string | undefined {
  const value = event[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '')
    throw new FieldRejected(field, 'is no text, expected one or more characters');
  return value;
}

function timeOf(event: Given): string | undefined {
  const given = text(event, 'time');
  if (given === undefined) return undefined;
  const time = instantOf(given);
  if (time === null)
    throw new FieldRejected('time', 'is no moment, expected RFC 3339 with a zone, like 2026-01-31T12:00:00Z');
  return time;
}

function subjectOf(event: Given): string | undefined {
  const subject = text(event, 'subject');
  if (subject === undefined) return undefined;
  if (subject.length > limits.eventSubjectCharsMax || !subject.isWellFormed() || subject.includes('\0'))
    throw new FieldRejected(
      'subject',
      `has ${subject.length} characters, expected at most ${limits.eventSubjectCharsMax} of well-formed text without NUL`,
    );
  return subject;
}

function priorityIn(event: Given): Priority | undefined {
  const given = event['priority'] ?? undefined;
  if (given === undefined) return undefined;
  const found =
    typeof given === 'string'
      ? (priorities as Readonly<Record<string, Priority>>)[given.toLowerCase()]
      : Object.values(priorities).find((one) => one === given);
  if (found === undefined || (typeof given === 'string' && !Object.hasOwn(priorities, given.toLowerCase())))
    throw new FieldRejected('priority', 'is none, expected critical, high, normal or low, or 4 to 1');
  return found;
}

/**
 * An id alone is for ever. An entity with its version is one event; with an id beside it, events of one version are told apart
 * by it. Without any, the event is its content.
 */
function identityOf(event: Given, id: string | undefined): Identity {
  const entity = text(event, 'entity');
  const version = versionIn(event);
  const deleted = event['deleted'] ?? undefined;
  if (deleted !== undefined && typeof deleted !== 'boolean')
    throw new FieldRejected('deleted', 'is no yes or no, expected true or false');
  if (entity === undefined) {
    if (version !== undefined || deleted !== undefined)
      throw new FieldRejected('entity', 'is missing, expected the name of what this is a version of');
    return id === undefined ? { kind: 'content' } : { kind: 'immutable', key: id };
  }
  if (version === undefined)
    throw new FieldRejected('version', 'is missing beside entity, expected a number, a time or a text that grows');
  return {
    kind: 'versioned',
    key: entity,
    version,
    ...(id === undefined ? {} : { variant: variantOf(id) }),
    ...(deleted === true ? { deleted } : {}),
  };
}

function versionIn(event: Given): string | undefined {
  const given = event['version'];
  return typeof given === 'number' && Number.isFinite(given) ? String(given) : text(event, 'version');
}

/** A variant is part of an index row, and bounded. */
function variantOf(id: string): string {
  return id.length <= versionBytesMax ? id : crypto.hash('sha256', id, 'hex');
}

/** Attributes that are taken over; `data` is the data. All others stay beside it, under `cloudevents`. */
const takenAttributes: readonly string[] = [
  'specversion',
  'id',
  'type',
  'time',
  'subject',
  'data',
  'data_base64',
  'priority',
  'entity',
  'version',
  'deleted',
];

/** The specification's unique name of an event is source and id together; no URI has a space. */
function cloudEventDraft(event: Given): EventDraft {
  if (event['specversion'] !== '1.0') throw new FieldRejected('specversion', 'is not 1.0, the one there is');
  const [id, source] = [text(event, 'id'), text(event, 'source')];
  if (id === undefined) throw new FieldRejected('id', 'is missing, and every CloudEvent has one');
  if (source === undefined || /\s/.test(source))
    throw new FieldRejected('source', 'is no URI reference, expected one like /orders or urn:example:orders');
  return drafted(event, `${source} ${id}`, cloudEventData(event));
}

function cloudEventData(event: Given): JsonObject {
  const rest = Object.entries(event).filter(([name, value]) => !takenAttributes.includes(name) && value !== null);
  const data = bareData(event);
  // A member of that name is the event's own, and says more than ours.
  return 'cloudevents' in data ? data : { ...data, cloudevents: Object.fromEntries(rest) as JsonObject };
}

/** What is no object is the member `value` of one. */
function bareData({ data, data_base64: bytes }: Given): JsonObject {
  if (bytes !== undefined && bytes !== null) {
    if (typeof bytes !== 'string' || (data ?? undefined) !== undefined)
      throw new FieldRejected('data_base64', 'is no text, or stands beside data; expected one of the two');
    return { base64: bytes };
  }
  if (data === undefined || data === null) return {};
  return isObject(data) ? data : { value: data as Json };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
