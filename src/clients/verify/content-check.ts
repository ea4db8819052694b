// Computes the content hash of a stored event again, by the rules it was made with: for events from before the chain of digests.
import { createHash } from 'node:crypto';
import { hashEvent } from '../../domain/content-hash.js';
import { InvalidInput } from '../../domain/errors.js';
import type { JsonObject } from '../../domain/event.js';
import { limits } from '../../limits.js';
import type { SourceRegistry } from '../../sources/index.js';
import type { EventContent } from '../../store/proving/event-contents.js';
import type { ContentCheck } from '../../store/proving/verify.js';

/** Throws InvalidInput where the event's source type is not installed here, and its fields that are left out may explain a difference. */
export function contentCheck(registry: SourceRegistry): ContentCheck {
  const volatile = new Map(registry.types.map((type) => [type, registry.get(type).volatileFields]));
  return (event) => {
    // Every event was stored with one.
    if (event.contentHash === null) return false;
    if (event.flags?.includes('not_canonical') === true) return isHashOfRecord(event);
    if (hashOf(event, volatile.get(event.sourceType)) === event.contentHash) return true;
    if (!registry.types.includes(event.sourceType)) throw notInstalled(event);
    return false;
  };
}

function notInstalled({ source, sourceType }: EventContent): InvalidInput {
  return new InvalidInput(
    'TRIBUTARY_EXTENSIONS',
    `the source ${source} is of type ${sourceType}, which is not installed here: its contents cannot be checked; name its module, or use --quick`,
  );
}

function hashOf(event: EventContent, volatileFields: readonly string[] | undefined): string {
  const { source, type, subject, time, id, ordinal } = event;
  const draft = {
    type,
    identity: { kind: 'immutable', key: id },
    data: dataOf(event),
    subject: subject ?? undefined,
    time: time ?? undefined,
  } as const;
  return hashEvent(draft, ordinal, { source, volatileFields }).contentHash;
}

/** Where jsonb could not hold it, the canonical text was kept beside. */
function dataOf({ flags, raw, data }: EventContent): JsonObject {
  const original =
    flags?.includes('sanitized') === true && raw !== null ? JSON.parse(Buffer.from(raw).toString()) : data;
  return original as JsonObject;
}

/** The hash is over the record and the event's number in it, which is not stored; a record's events fit in a page. */
function isHashOfRecord({ raw, contentHash }: EventContent): boolean {
  if (raw === null) return false;
  const record = createHash('sha256').update(raw);
  for (let part = 0; part < limits.pageEventsMax; part++) {
    if (record.copy().update(`\n${part}`).digest('hex') === contentHash) return true;
  }
  return false;
}
