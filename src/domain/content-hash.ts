// From a draft to an event with an id, a key and a content hash. The data is serialised once: this text is hashed, and
// it is what the store inserts.
import * as crypto from 'node:crypto';
import { boundedKey } from './bounded-key.js';
import { canonicalJson } from './canonical-json.js';
import type { EventDraft, HashedEvent, JsonObject, VersionedIdentity } from './event.js';
import { priorityOf } from './priority.js';
import { versionOrderOf, type VersionOrder } from './version-order.js';

export interface HashRules {
  readonly source: string;
  /** Top-level fields of data that bookkeeping changes without the event changing. */
  readonly volatileFields?: readonly string[] | undefined;
  /** Of its versioned events, which validate has checked. */
  readonly versionOrder?: VersionOrder | undefined;
}

/** Pure; `draft.time` must be an instant of ours. Throws TypeError when the data has no canonical text. */
export function hashEvent(draft: EventDraft, ordinal: number, rules: HashRules): HashedEvent {
  const dataText = canonicalJson(draft.data);
  const { volatileFields } = rules;
  const content = hasVolatile(draft.data, volatileFields)
    ? canonicalJson(without(draft.data, volatileFields!))
    : dataText;
  const contentHash = sha256(contentText(draft, content));
  return identified(draft, ordinal, contentHash, dataText, rules);
}

/** The same for any draft: what has no canonical text goes by its record. */
export function hashAnyEvent(
  draft: EventDraft,
  ordinal: number,
  record: Uint8Array,
  part: number,
  rules: HashRules,
): HashedEvent {
  try {
    return hashEvent(draft, ordinal, rules);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return hashRawRecord(draft, ordinal, record, part, rules);
  }
}

/**
 * For data without a canonical text: the hash is over the raw record, and the event says so. `part` is its number among
 * the events of its record, so that two of one record do not collide.
 */
export function hashRawRecord(
  draft: EventDraft,
  ordinal: number,
  record: Uint8Array,
  part: number,
  rules: HashRules,
): HashedEvent {
  const contentHash = crypto.createHash('sha256').update(record).update(`\n${part}`).digest('hex');
  const flags = [...(draft.flags ?? []), 'not_canonical'];
  return identified({ ...draft, flags, raw: record }, ordinal, contentHash, '{}', rules);
}

/** What Postgres deduplicates by: two sources may hold the same commit, and both keep it. */
export function eventKey(source: string, id: string): string {
  return sha256(`${source}\n${id}`);
}

function identified(
  draft: EventDraft,
  ordinal: number,
  contentHash: string,
  dataText: string,
  rules: HashRules,
): HashedEvent {
  const id = boundedKey(idOf(draft, contentHash));
  const flags = flagsOf(draft);
  return {
    ordinal,
    id,
    key: eventKey(rules.source, id),
    contentHash,
    type: draft.type,
    subject: draft.subject ?? null,
    time: draft.time ?? null,
    dataText,
    priority: priorityOf(draft),
    flags: flags.length === 0 ? null : flags,
    raw: draft.raw ?? null,
    ...versionOf(draft, rules),
  };
}

function idOf({ identity }: EventDraft, contentHash: string): string {
  switch (identity.kind) {
    case 'immutable':
      return identity.key.startsWith('@') ? `@${identity.key}@` : identity.key;
    case 'versioned':
      return versionedId(identity);
    case 'content':
      return contentHash;
  }
}

/**
 * `@key@version`, with a variant `@key@version~variant`. The last @ ends the key, since none is left in what follows; and no
 * other id begins with @: a key that does is written as a version without a name, which none may have.
 */
function versionedId({ key, version, variant }: VersionedIdentity): string {
  return `@${key}@${escaped(version)}${variant === undefined ? '' : `~${escaped(variant)}`}`;
}

function escaped(part: string): string {
  return part.replaceAll(/[%@~]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

const none: readonly string[] = [];

function flagsOf({ identity, flags = none }: EventDraft): readonly string[] {
  return identity.kind === 'versioned' && identity.deleted === true ? [...flags, 'deleted'] : flags;
}

function versionOf(
  { identity }: EventDraft,
  { versionOrder = 'text' }: HashRules,
): Pick<HashedEvent, 'entity' | 'version' | 'versionOrder'> {
  if (identity.kind !== 'versioned') return { entity: null, version: null, versionOrder: null };
  const { key, version } = identity;
  const order = versionOrderOf(version, versionOrder);
  if (order === null)
    throw new RangeError(`version ${version} of ${key} is no ${versionOrder}; validate lets none of them pass`);
  return { entity: boundedKey(key), version, versionOrder: order };
}

/** Itself canonical JSON of {data, subject, time, type}, written out because the data's text is already there. */
function contentText({ type, subject, time }: EventDraft, data: string): string {
  return `{"data":${data},"subject":${JSON.stringify(subject ?? null)},"time":${JSON.stringify(time ?? null)},"type":${JSON.stringify(type)}}`;
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
