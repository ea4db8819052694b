// From a draft to an event with an id, a key and a content hash. The data is serialised once: this text is hashed, and
// it is what the store inserts.
import * as crypto from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { EventDraft, HashedEvent, JsonObject } from './event.js';
import { priorities } from './event.js';
import { instantOf } from './instant.js';

export interface HashRules {
  readonly source: string;
  /** Top-level fields of data that bookkeeping changes without the event changing. */
  readonly volatileFields?: readonly string[] | undefined;
}

/** Pure. Throws TypeError when the data has no canonical text; the caller then hashes the raw record. */
export function hashEvent(draft: EventDraft, ordinal: number, rules: HashRules): HashedEvent {
  const dataText = canonicalJson(draft.data);
  const time = draft.time === undefined ? null : instantOf(draft.time);
  const subject = draft.subject ?? null;
  const content = hasVolatile(draft.data, rules.volatileFields)
    ? canonicalJson(without(draft.data, rules.volatileFields!))
    : dataText;
  const contentHash = sha256(contentText(draft.type, subject, time, content));
  return { ...identified(draft, contentHash, rules.source), ordinal, contentHash, dataText, subject, time, ...kept(draft) };
}

/**
 * For data without a canonical text: the hash is over the raw record and the data says so. `part` is the event's number
 * among those of its record, so that two of one record do not collide.
 */
export function hashRawRecord(draft: EventDraft, ordinal: number, record: Uint8Array, part: number, rules: HashRules): HashedEvent {
  const contentHash = crypto.createHash('sha256').update(record).update(`\n${part}`).digest('hex');
  const flags = [...(draft.flags ?? []), 'not_canonical'];
  return {
    ...identified(draft, contentHash, rules.source),
    ordinal,
    contentHash,
    type: draft.type,
    dataText: '{}',
    subject: draft.subject ?? null,
    time: draft.time === undefined ? null : instantOf(draft.time),
    priority: draft.priority ?? priorities.normal,
    flags,
    raw: record,
  };
}

/** What Postgres deduplicates by: two sources may hold the same commit, and both keep it. */
export function eventKey(source: string, id: string): string {
  return sha256(`${source}\n${id}`);
}

function identified(draft: EventDraft, contentHash: string, source: string): { id: string; key: string } {
  const id = idOf(draft, contentHash);
  return { id, key: eventKey(source, id) };
}

function idOf({ identity }: EventDraft, contentHash: string): string {
  switch (identity.kind) {
    case 'immutable':
      return identity.key;
    case 'versioned':
      return `${identity.key}@${identity.version}`;
    case 'content':
      return contentHash;
  }
}

function kept(draft: EventDraft): Pick<HashedEvent, 'type' | 'priority' | 'flags' | 'raw'> {
  return {
    type: draft.type,
    priority: draft.priority ?? priorities.normal,
    flags: draft.flags === undefined || draft.flags.length === 0 ? null : draft.flags,
    raw: draft.raw ?? null,
  };
}

/** Itself canonical JSON of {data, subject, time, type}, written out because the data's text is already there. */
function contentText(type: string, subject: string | null, time: string | null, data: string): string {
  return `{"data":${data},"subject":${JSON.stringify(subject)},"time":${JSON.stringify(time)},"type":${JSON.stringify(type)}}`;
}

function hasVolatile(data: JsonObject, fields: readonly string[] | undefined): boolean {
  return fields !== undefined && fields.some((field) => field in data);
}

function without(data: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !fields.includes(key)));
}

/** One-shot hashing is twice as fast as a hash object on inputs of this size (Node 20.12 and later). */
function sha256(text: string): string {
  return crypto.hash('sha256', text, 'hex');
}
