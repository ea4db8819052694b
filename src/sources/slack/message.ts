// A message as events: each version of it, the reactions it has, the files that came with it. The same for a message of an
// export, of conversations.history and replies, and for the message events of the Events API.
import type { EventDraft, Json, JsonObject } from '../../domain/event.js';
import { RecordRejected } from '../../domain/source.js';
import { isEmpty, objectOf, objectsOf, textOf } from './fields.js';
import { fileEvents, filesOf } from './file.js';
import { gone, isTs, messageKey, timeOfTs, versioned, type Place } from './identity.js';
import { slackLimits } from './limits.js';
import type { MessagePlace } from './message-place.js';
import { reactionEvents, reactionsOf } from './reactions.js';
import { extraTexts, readableText, type Names } from './readable-text.js';

/** Throws RecordRejected for what is no message. */
export function messageEvents(place: MessagePlace, message: JsonObject): EventDraft[] {
  switch (message.subtype) {
    // An edit, with the message before it where the workspace keeps edits.
    case 'message_changed':
      return [message.previous_message ?? message.original, message.message].flatMap((one) => nested(place, one));
    case 'message_deleted':
      return deletion(place, message);
    // Says that a thread went on; the reply itself is a message.
    case 'message_replied':
      return [];
    // What is left of a deleted message that has replies.
    case 'tombstone':
      return [tombstone(place, tsOf(message), message)];
    default:
      return [version(place, message), ...reactionEvents(place, message), ...fileEvents(place, message)];
  }
}

/** No deeper than one level: a change of a change is none. */
function nested(place: MessagePlace, value: Json | undefined): EventDraft[] {
  const message = objectOf(value);
  if (message === undefined || !isTs(message.ts)) return [];
  return /^message_/.test(textOf(message.subtype) ?? '') ? [] : messageEvents(place, message);
}

function deletion(place: MessagePlace, message: JsonObject): EventDraft[] {
  const before = objectOf(message.previous_message);
  const ts = message.deleted_ts ?? before?.ts;
  if (!isTs(ts)) throw new RecordRejected('bad_ts', `deleted_ts is ${shown(ts)}, expected text like 1355517523.000005`);
  return [...nested(place, before), tombstone(place, ts, before ?? {})];
}

function tombstone(place: MessagePlace, ts: string, { thread_ts: thread }: JsonObject): EventDraft {
  const data = {
    channel: place.channel,
    channelName: place.channelName,
    threadTs: thread === ts ? undefined : textOf(thread),
    ts,
    workspace: place.workspace,
  };
  return draft(place, ts, { identity: gone(messageKey(place, ts)), data });
}

function version(place: MessagePlace, message: JsonObject): EventDraft {
  const ts = tsOf(message);
  const edited = editOf(message);
  const identity = versioned(messageKey(place, ts), edited?.ts ?? ts, stateOf(message));
  const flags = reactionsOf(message).isCut ? ['reactions_truncated'] : undefined;
  return draft(place, ts, { identity, data: dataOf(place, ts, edited, message), flags });
}

function draft(
  { channel }: Place,
  ts: string,
  rest: Pick<EventDraft, 'identity' | 'data'> & { readonly flags?: readonly string[] | undefined },
): EventDraft {
  return { type: 'slack.message', subject: channel, time: timeOfTs(ts), ...rest };
}

function tsOf({ ts }: JsonObject): string {
  if (isTs(ts)) return ts;
  throw new RecordRejected('bad_ts', `ts is ${shown(ts)}, expected text like 1355517523.000005`);
}

function editOf(message: JsonObject): { readonly ts: string; readonly user: string | undefined } | undefined {
  const { ts, user } = objectOf(message.edited) ?? {};
  return isTs(ts) ? { ts, user: textOf(user) } : undefined;
}

/** What is told alike wherever a message is read, and may change without an edit (identity.ts). */
function stateOf(message: JsonObject): Json {
  return {
    extra: extraTexts(message),
    files: filesOf(message).map(({ id, mode }) => [textOf(id) ?? null, mode === 'tombstone']),
    huddleEnded: huddleOf(message)?.ended ?? null,
    // Of many people only some are told, and the count is always right.
    reactions: reactionsOf(message).reactions.map(({ name, count }) => [name, count]),
    text: textOf(message.text) ?? '',
  };
}

function dataOf(place: MessagePlace, ts: string, edited: ReturnType<typeof editOf>, message: JsonObject): JsonObject {
  const { thread_ts: thread, user, subtype } = message;
  const text = textOf(message.text) ?? '';
  const { reactions } = reactionsOf(message);
  return {
    app: textOf(message.app_id),
    attachments: listOrNone(objectsOf(message.attachments, slackLimits.attachmentsMax)),
    blocks: listOrNone(
      objectsOf(message.blocks, slackLimits.attachmentsMax).filter(({ type }) => type !== 'rich_text'),
    ),
    bot: textOf(message.bot_id),
    channel: place.channel,
    channelName: place.channelName,
    clientMessage: textOf(message.client_msg_id),
    edited,
    files: listOrNone(filesOf(message).map(({ id, name }) => ({ id: textOf(id), name: textOf(name) }))),
    huddle: huddleOf(message),
    other: othersOf(message),
    plainText: [text, ...extraTexts(message)].filter((part) => part !== '').map((part) => readableText(part, place.names)).join('\n'), // prettier-ignore
    reactions: listOrNone(reactions.map(({ count, name, users }) => ({ count, name, users: [...users] }))),
    subtype: textOf(subtype),
    text,
    // A parent has its own ts there, once it has a reply.
    threadTs: thread === ts ? undefined : textOf(thread),
    ts,
    user: textOf(user),
    userName: authorOf(place.names, message),
    workspace: place.workspace,
  };
}

function huddleOf({ room }: JsonObject): { id: string | undefined; ended: boolean } | undefined {
  const huddle = objectOf(room);
  return huddle === undefined ? undefined : { ended: huddle.has_ended === true, id: textOf(huddle.id) };
}

function authorOf(names: Names, message: JsonObject): string | undefined {
  const [user, profile] = [textOf(message.user), objectOf(message.user_profile)];
  return (
    (user !== undefined && Object.hasOwn(names, user) ? names[user] : undefined) ??
    [profile?.display_name, profile?.real_name, message.username, objectOf(message.bot_profile)?.name]
      .map(textOf)
      .find((name) => name !== undefined)
  );
}

/** Said elsewhere in the data, known by other events, or changing with who asks and when. */
const left: ReadonlySet<string> = new Set(
  `type subtype ts text user bot_id app_id client_msg_id thread_ts edited files file reactions room attachments blocks
  team user_team source_team user_profile bot_profile username icons upload display_as_bot hidden
  reply_count reply_users reply_users_count replies latest_reply root parent_user_id is_locked subscribed last_read
  unread_count is_starred permalink x_files replace_original delete_original channel event_ts channel_type`.split(
    /\s+/,
  ),
);

/** What Slack says that we do not know. */
function othersOf(message: JsonObject): JsonObject | undefined {
  const entries = Object.entries(message).filter(([name, value]) => !left.has(name) && !isEmpty(value));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function listOrNone(list: Json[]): Json[] | undefined {
  return list.length === 0 ? undefined : list;
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? '').slice(0, 80);
}
