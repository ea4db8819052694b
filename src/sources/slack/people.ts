// Members and conversations of a workspace, as users.list and conversations.list tell of them, and an export's lists.
import type { EventDraft, Json, JsonObject } from '../../domain/event.js';
import { RecordRejected } from '../../domain/source.js';
import { objectOf, secondsOf, textOf, yes } from './fields.js';
import { channelKey, isId, timeOfSeconds, userKey, versioned } from './identity.js';

/** `updated` moves with any change of a profile, also of its status; an export of slackdump may have 0. */
export function userEvents(workspace: string, user: JsonObject): EventDraft[] {
  const id = idOf(user.id);
  const profile = objectOf(user.profile) ?? {};
  const updated = secondsOf(user.updated);
  const stable = {
    bot: yes(user.is_bot),
    deactivated: yes(user.deleted),
    displayName: textOf(profile.display_name),
    name: textOf(user.name),
    realName: textOf(profile.real_name) ?? textOf(user.real_name),
    title: textOf(profile.title),
  };
  return [
    {
      type: 'slack.user',
      identity: versioned(userKey(workspace, id), String(updated), stable),
      time: timeOfSeconds(updated),
      subject: id,
      data: {
        admin: yes(user.is_admin),
        ...stable,
        email: textOf(profile.email),
        guest: yes(user.is_restricted) ?? yes(user.is_ultra_restricted),
        team: textOf(user.team_id),
        tz: textOf(user.tz),
        user: id,
        workspace,
      },
    },
  ];
}

/** How people call a member, as Slack shows it. */
export function nameOfUser(user: JsonObject): string | undefined {
  const profile = objectOf(user.profile) ?? {};
  return [profile.display_name, profile.real_name, user.real_name, user.name]
    .map(textOf)
    .find((name) => name !== undefined);
}

export const channelKinds = ['public', 'private', 'im', 'mpim'] as const;
export type ChannelKind = (typeof channelKinds)[number];

/**
 * An export says nothing of when a channel changed, so its version is the last of the moments that both an export and the API
 * tell: created, topic set, purpose set. A new name or an archiving is a variant.
 */
export function channelEvents(workspace: string, kind: ChannelKind, channel: JsonObject): EventDraft[] {
  const id = idOf(channel.id);
  const [topic, purpose] = [objectOf(channel.topic) ?? {}, objectOf(channel.purpose) ?? {}];
  const created = secondsOf(channel.created);
  const moments = [created, secondsOf(topic.last_set), secondsOf(purpose.last_set)];
  const stable = {
    archived: yes(channel.is_archived),
    name: textOf(channel.name),
    purpose: textOf(purpose.value),
    topic: textOf(topic.value),
  };
  const place = { workspace, channel: id };
  return [
    {
      type: 'slack.channel',
      identity: versioned(channelKey(place), String(Math.max(...moments)), stable),
      time: timeOfSeconds(created),
      subject: id,
      data: {
        ...stable,
        channel: id,
        creator: textOf(channel.creator),
        general: yes(channel.is_general),
        kind,
        // Of other conversations they change all the time, and are thousands.
        members: kind === 'im' || kind === 'mpim' ? membersOf(channel) : undefined,
        workspace,
      },
    },
  ];
}

function membersOf({ members, user }: JsonObject): Json[] | undefined {
  if (Array.isArray(members)) return members.filter(isId).sort();
  return isId(user) ? [user] : undefined;
}

function idOf(id: Json | undefined): string {
  if (isId(id)) return id;
  throw new RecordRejected(
    'bad_id',
    `id is ${(JSON.stringify(id) ?? 'missing').slice(0, 80)}, expected one like C024BE91L`,
  );
}
