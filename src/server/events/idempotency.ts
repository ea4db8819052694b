// Idempotency-Key: events without a name of their own are named by the key and their place in the request, so that the same
// request again finds them known. Events that have a name are known by it anyway, and keep it.
import type { IncomingHttpHeaders } from 'node:http';
import { serverLimits } from '../limits.js';
import { badRequest } from '../problem.js';
import type { Given, Refused } from './content-modes.js';

/** As plain text, or in quotes as the draft of the header has it. Throws Problem 400. */
export function idempotencyKey(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['idempotency-key'];
  if (given === undefined) return undefined;
  const key = typeof given === 'string' ? given.replace(/^"(.*)"$/, '$1') : '';
  if (/^[\x21-\x7e]+$/.test(key) && key.length <= serverLimits.idempotencyKeyCharsMax) return key;
  throw badRequest(
    'bad_idempotency_key',
    `idempotency-key: expected one word of 1 to ${serverLimits.idempotencyKeyCharsMax} plain characters`,
    'idempotency-key',
  );
}

export function named(events: readonly (Given | Refused)[], key: string | undefined): readonly (Given | Refused)[] {
  if (key === undefined) return events;
  return events.map((one, at) => ('record' in one && isNameless(one.value) ? withId(one, `key:${key}/${at}`) : one));
}

/** It is its content otherwise, and two equal ones in a request would be one. */
function isNameless(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'specversion' in value) return false;
  const { id, entity } = value as { id?: unknown; entity?: unknown };
  return (id ?? undefined) === undefined && (entity ?? undefined) === undefined;
}

/** At its end, since the last of equal members holds: an id may stand there as null. */
function withId({ record, value }: Given, id: string): Given {
  const end = record.lastIndexOf('}');
  const before = Object.keys(value as object).length === 0 ? '' : ',';
  const member = Buffer.from(`${before}"id":${JSON.stringify(id)}}`);
  return { record: Buffer.concat([record.subarray(0, end), member]), value };
}
