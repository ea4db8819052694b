// What makes two things of Slack the same, wherever they were read: in an export, by the Web API or from the Events API. Once
// released nothing here may change: all that was read would come again.
//
// - Slack names a message by its channel and its `ts`, a decimal of exactly six places. It is text and stays text: as a
//   number its last digits are lost, and two messages become one.
// - An edit moves `edited.ts`, and that is the version; a message nobody edited has its own `ts`.
// - What changes without an edit (a reaction, a file that was deleted, the text of a bot's attachment) is told apart by a
//   variant, a hash of what every way of reading tells alike. So no field goes in that one of them leaves out or orders
//   otherwise: names, urls, counts of replies, ids of blocks, unfurled links, who of many reacted.
// - A deletion has no moment in an export or a history. So it has the same version everywhere, behind all others.
import * as crypto from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.js';
import type { Json, VersionedIdentity } from '../../domain/event.js';

/** Of a message's and a file's deletion: after any ts there can be, and the same for everyone who learns of it. */
export const lastVersion = '9999999999.999999';

/** 64 bits: states of one version of one thing that must differ, of which there are a few. */
const variantChars = 16;

/** A conversation of a workspace. */
export interface Place {
  /** T…, or E… of an organisation. */
  readonly workspace: string;
  /** C…, G… or D… */
  readonly channel: string;
}

export function messageKey({ workspace, channel }: Place, ts: string): string {
  return `message/${workspace}/${channel}/${ts}`;
}

/** The emoji's name comes last: it is the only part that may hold any character. */
export function reactionKey({ workspace, channel }: Place, ts: string, user: string, emoji: string): string {
  return `reaction/${workspace}/${channel}/${ts}/${user}/${emoji}`;
}

export function channelKey({ workspace, channel }: Place): string {
  return `channel/${workspace}/${channel}`;
}

export function userKey(workspace: string, user: string): string {
  return `user/${workspace}/${user}`;
}

export function fileKey(workspace: string, file: string): string {
  return `file/${workspace}/${file}`;
}

export function versioned(key: string, version: string, state: Json): VersionedIdentity {
  return { kind: 'versioned', key, version, variant: variantOf(state) };
}

export function gone(key: string): VersionedIdentity {
  return { kind: 'versioned', key, version: lastVersion, deleted: true };
}

function variantOf(state: Json): string {
  return crypto.hash('sha256', canonicalJson(state), 'hex').slice(0, variantChars);
}

/** Ids are capital letters and digits; anything else could be taken for two parts of a key. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z][A-Z0-9]{1,63}$/.test(value);
}

export function isTs(value: unknown): value is string {
  return typeof value === 'string' && /^\d{1,10}\.\d{6}$/.test(value);
}

/** RFC 3339 with all six places; undefined beyond the calendar. */
export function timeOfTs(ts: string): string | undefined {
  const [seconds, micros] = ts.split('.') as [string, string];
  return timeOfSeconds(Number(seconds))?.replace('.000Z', `.${micros}Z`);
}

/** Of seconds since 1970, as Slack has them beside messages; 0 is none. */
export function timeOfSeconds(seconds: number): string | undefined {
  const date = new Date(Math.trunc(seconds) * 1_000);
  return seconds > 0 && date.getUTCFullYear() < 10_000 ? date.toISOString() : undefined;
}
