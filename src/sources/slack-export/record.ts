// A record: one message, member or conversation as it stands in the export, with what its mapper must know beside it (whose
// workspace, which channel, the names of whom it mentions), so that mapping needs no export.
import type { EventDraft, JsonObject } from '../../domain/event.js';
import { RecordRejected, type RawRecord } from '../../domain/source.js';
import { numberOf, objectOf, textOf } from '../slack/fields.js';
import { isId } from '../slack/identity.js';
import { filesOf } from '../slack/file.js';
import { messageEvents } from '../slack/message.js';
import { channelEvents, channelKinds, userEvents, type ChannelKind } from '../slack/people.js';
import { reactionsOf } from '../slack/reactions.js';
import type { Element } from './array-elements.js';
import { exportLimits } from './limits.js';
import { parsed } from './lists.js';

/** A record, and how many events it makes at most. */
export interface Made {
  readonly record: Buffer;
  readonly events: number;
}

interface Around {
  readonly workspace: string;
  readonly names: ReadonlyMap<string, string>;
}

export function messageRecord(
  around: Around,
  channel: { id: string; name: string },
  element: Element,
  file: string,
): Made {
  const text = element.bytes.toString();
  const head = {
    kind: 'message',
    workspace: around.workspace,
    channel: channel.id,
    channelName: channel.name,
    names: namesIn(text, around.names),
  };
  return { record: recordOf(element, file, head), events: eventsIn(parsed(text)) };
}

export function userRecord({ workspace }: Around, element: Element, file: string): Made {
  return { record: recordOf(element, file, { kind: 'user', workspace }), events: 1 };
}

export function channelRecord({ workspace }: Around, channelKind: ChannelKind, element: Element, file: string): Made {
  return { record: recordOf(element, file, { kind: 'channel', workspace, channelKind }), events: 1 };
}

/** The element is put in as it stands: a number too large for JavaScript, or an escape, is what it was. */
function recordOf({ bytes, size }: Element, file: string, head: JsonObject): Buffer {
  const it = withoutTokens(bytes);
  if (size > exportLimits.elementBytesMax)
    return Buffer.from(JSON.stringify({ v: 1, kind: 'too_long', file, size, head: it.toString() }));
  const before = JSON.stringify({ v: 1, ...head }).slice(0, -1);
  return Buffer.concat([Buffer.from(`${before},"it":`), it, Buffer.from('}')]);
}

/** As it stands in a file, where a slash and an ampersand may be escaped. The name of the parameter stays. */
const exportToken = /((?:[?&]|\\u0026)t=)xox[a-z]-[\w%.-]+/g;

/** Links of an export open all files of the workspace to whoever has them: that is a secret, and no part of an event. */
function withoutTokens(bytes: Buffer): Buffer {
  if (!bytes.includes('t=xox')) return bytes;
  return Buffer.from(bytes.toString('latin1').replaceAll(exportToken, '$1'), 'latin1');
}

const mention = /\b[UWCG][A-Z0-9]{2,63}\b/g;

function namesIn(text: string, known: ReadonlyMap<string, string>): JsonObject {
  const names: JsonObject = {};
  let left: number = exportLimits.namesPerRecord;
  for (const [id] of text.matchAll(mention)) {
    const name = known.get(id);
    if (name === undefined || id in names) continue;
    names[id] = name;
    if (--left === 0) break;
  }
  return names;
}

/** Also of the messages that a change or a deletion carries. */
function eventsIn(message: JsonObject | undefined): number {
  if (message === undefined) return 1;
  let count = 0;
  for (const one of [message, message.previous_message, message.original, message.message].map(objectOf)) {
    if (one === undefined) continue;
    count += 1 + filesOf(one).length;
    for (const { users } of reactionsOf(one).reactions) count += users.length;
  }
  return count;
}

/** Pure. */
export function toEvents(record: RawRecord): readonly EventDraft[] {
  const { kind, workspace, ...rest } = parsedRecord(record);
  if (kind === 'too_long')
    throw new RecordRejected(
      'too_long',
      `an element of ${textOf(rest.file)} has ${numberOf(rest.size)} bytes, at most ${exportLimits.elementBytesMax} are read`,
    );
  const it = objectOf(rest.it);
  if (it === undefined) throw new RecordRejected('no_object', 'expected a JSON object, as every message and member is');
  if (!isId(workspace)) throw new RecordRejected('bad_record', 'the record has no workspace');
  switch (kind) {
    case 'user':
      return userEvents(workspace, it);
    case 'channel':
      return channelEvents(workspace, channelKinds.find((one) => one === rest.channelKind) ?? 'public', it);
    default:
      return messageEvents(placeOf(workspace, rest), it);
  }
}

function placeOf(workspace: string, { channel, channelName, names }: JsonObject) {
  if (!isId(channel)) throw new RecordRejected('bad_record', 'the record has no channel');
  const known = Object.entries(objectOf(names) ?? {}).flatMap(([id, name]) =>
    typeof name === 'string' ? [[id, name] as const] : [],
  );
  return { workspace, channel, channelName: textOf(channelName), names: Object.fromEntries(known) };
}

function parsedRecord(record: RawRecord): JsonObject {
  try {
    return JSON.parse(Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString()) as JsonObject;
  } catch (error) {
    throw new RecordRejected('not_json', `it is no JSON: ${(error as Error).message.slice(0, 80)}`);
  }
}
