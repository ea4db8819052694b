// What stands in a body of POST /v1/events: CloudEvents in the three modes of their HTTP binding (structured, batched, binary), or
// events in our own words, one or a list. Each event is kept as the bytes it came in; a binary one is put together as JSON.
import type { IncomingHttpHeaders } from 'node:http';
import { limits } from '../../limits.js';
import { jsonPieces } from '../json-pieces.js';
import { badRequest, Problem, tooLarge } from '../problem.js';
import { binaryEvent } from './binary-event.js';
import { essenceOf, isUtf8Type } from './media-type.js';

/** An event that is refused before the door sees it. */
export interface Refused {
  readonly code: string;
  readonly field: string;
  readonly reason: string;
}

/** An event as it was given; `value` is what its bytes say, where that is known. */
export interface Given {
  readonly record: Buffer;
  readonly value?: unknown;
}

export interface GivenEvents {
  /** In order. */
  readonly events: readonly (Given | Refused)[];
  readonly isList: boolean;
}

export const contentTypes = {
  own: 'application/json',
  structured: 'application/cloudevents+json',
  batched: 'application/cloudevents-batch+json',
} as const;

/** Throws Problem for a body that cannot be read; an event that cannot be taken is refused, and its neighbours are not. */
export function givenEvents(headers: IncomingHttpHeaders, body: Buffer): GivenEvents {
  const type = essenceOf(headers['content-type']);
  if (type === contentTypes.structured || type === contentTypes.batched) return cloudEvents(headers, type, body);
  if (isBinaryMode(headers)) return bounded({ isList: false, events: [binaryEvent(headers, body)] });
  if (type !== contentTypes.own) throw unknownType(headers['content-type']);
  assertUtf8(headers);
  const { isList, values, pieces } = jsonPieces(body);
  return bounded({ isList, events: pieces.map((record, at) => ({ record, value: values[at] })) });
}

function isBinaryMode(headers: IncomingHttpHeaders): boolean {
  return headers['ce-specversion'] !== undefined || headers['ce-type'] !== undefined || headers['ce-id'] !== undefined;
}

function cloudEvents(headers: IncomingHttpHeaders, type: string, body: Buffer): GivenEvents {
  assertUtf8(headers);
  const { isList, values, pieces } = jsonPieces(body);
  if (isList !== (type === contentTypes.batched))
    throw badRequest('bad_body', `the body is ${isList ? 'a list' : 'no list'}, which ${type} is not`);
  return bounded({
    isList,
    events: pieces.map((record, at) => (isCloudEvent(values[at]) ? { record, value: values[at] } : noCloudEvent)),
  });
}

function isCloudEvent(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'specversion' in value;
}

const noCloudEvent: Refused = {
  code: 'bad_specversion',
  field: 'specversion',
  reason: 'specversion: is missing, and every CloudEvent has one',
};

function assertUtf8(headers: IncomingHttpHeaders): void {
  if (!isUtf8Type(headers['content-type'])) throw unknownType(headers['content-type']);
}

function unknownType(found: string | undefined): Problem {
  return new Problem({
    status: 415,
    code: 'bad_content_type',
    field: 'content-type',
    detail:
      `content-type: found ${found === undefined ? 'none' : JSON.stringify(found.slice(0, 100))}, expected ${Object.values(contentTypes).join(', ')} ` +
      'in UTF-8, or a CloudEvent in headers that begin with ce-',
    headers: { 'accept-post': Object.values(contentTypes).join(', ') },
  });
}

function bounded(given: GivenEvents): GivenEvents {
  const { events } = given;
  if (events.length > limits.doorEventsMax)
    throw tooLarge(
      `the body has ${events.length} events, expected at most ${limits.doorEventsMax}; give fewer at a time`,
      'too_many_events',
    );
  return { ...given, events: events.map((one) => ('record' in one ? short(one) : one)) };
}

function short(given: Given): Given | Refused {
  const { byteLength } = given.record;
  if (byteLength <= limits.recordBytesMax) return given;
  const reason = `the event has ${byteLength} bytes, expected at most ${limits.recordBytesMax}`;
  return { code: 'too_large', field: '', reason };
}
