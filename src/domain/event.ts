// An event as a source's mapper makes it (draft) and as the store keeps it. Attributes are those of CloudEvents 1.0.

/** What JSON holds. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };
/** An object of JSON. */
export type JsonObject = { [key: string]: Json | undefined };

/** Priorities by their names; a higher number is more urgent. */
export const priorities = { critical: 4, high: 3, normal: 2, low: 1 } as const;
/** 1 low, 2 normal, 3 high, 4 critical. */
export type Priority = (typeof priorities)[keyof typeof priorities];

/**
 * What makes two events of one source the same event. `key` is unique within the source, over all its event types.
 * - immutable: it never changes once seen (a commit, a log line by file generation and offset, a delivery id).
 * - versioned: it may change; each version that the origin makes of it is its own event (an issue, a message). `key` names the
 *   thing for ever, `version` is the origin's, ordered as the source says (`versionOrder`). What may change without a new version
 *   (a reaction that does not move `updated_at`) is told apart by `variant`, a hash of it. Where the origin can come back to what
 *   it was before, make something that never comes back part of the hash, too (a number the source counts up in its records), or
 *   the return is taken for a repeat. Of variants of one version the one read last is the current one. `deleted`: the thing is
 *   gone, and this is its last version until a newer one comes.
 * - content: the origin has no name for it; it is its canonical content.
 */
export type Identity =
  | { readonly kind: 'immutable'; readonly key: string }
  | VersionedIdentity
  | { readonly kind: 'content' };

/** Of what may change: each version that the origin makes of it is an event. */
export interface VersionedIdentity {
  readonly kind: 'versioned';
  readonly key: string;
  readonly version: string;
  readonly variant?: string | undefined;
  readonly deleted?: boolean | undefined;
}

/** What a mapper makes of a raw record. Pure: the same record gives the same drafts. */
export interface EventDraft {
  readonly type: string;
  readonly identity: Identity;
  readonly data: JsonObject;
  readonly subject?: string | undefined;
  /** RFC 3339 with a zone; undefined when the origin has none that a calendar can hold. */
  readonly time?: string | undefined;
  readonly priority?: Priority | undefined;
  /** What a reader must know of this event: `time_out_of_range`, `not_utf8`, `missing_object` … */
  readonly flags?: readonly string[] | undefined;
  /** The original bytes, where `data` cannot hold them exactly. */
  readonly raw?: Uint8Array | undefined;
}

/** A draft with its identity and hashes computed and its data serialised once, canonically. */
export interface HashedEvent {
  /** Position among the events of its page, from 0. */
  readonly ordinal: number;
  /** CloudEvents id: unique within the source; a long one as bounded-key has it. */
  readonly id: string;
  /** sha256 (hex) of source and id: what Postgres deduplicates by. */
  readonly key: string;
  /** sha256 (hex) of the canonical content. */
  readonly contentHash: string;
  readonly type: string;
  readonly subject: string | null;
  /** RFC 3339 in UTC. */
  readonly time: string | null;
  /** Canonical JSON as hashed; `jsonb` may get a sanitised copy (see flags). */
  readonly dataText: string;
  readonly priority: Priority;
  readonly flags: readonly string[] | null;
  readonly raw: Uint8Array | null;
  /** What it is a version of, as bounded-key has it; null, as the two below, for what never changes. */
  readonly entity: string | null;
  /** As the origin has it. */
  readonly version: string | null;
  /** As version-order.ts makes it. */
  readonly versionOrder: string | null;
}
