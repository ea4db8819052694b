// The event types of Slack, for every source that reads it: one declaration, so that messages of an export and of the live
// workspace are searched, shown and viewed alike.
import type { EventFacts, EventType, ViewColumn } from '../../domain/catalogue.js';
import type { Json } from '../../domain/event.js';

type Data = EventFacts['data'];

const message: EventType = {
  type: 'slack.message',
  summary: 'a message or a reply in a thread, each edit a version of it',
  stability: 'experimental',
  about: ({ data }) => `${placeOf(data)} ${oneLine(text(data.plainText) ?? text(data.subtype) ?? 'deleted')}`,
  embed: ['plainText'],
  view: {
    name: 'slack_messages',
    columns: [
      column('channel', 'text'),
      column('channel_name', 'text', 'channelName'),
      column('ts', 'text'),
      column('thread_ts', 'text', 'threadTs'),
      column('user', 'text'),
      column('user_name', 'text', 'userName'),
      column('text', 'text', 'plainText'),
      column('subtype', 'text'),
      column('edited_ts', 'text', 'edited.ts'),
      column('reactions', 'jsonb'),
      column('files', 'jsonb'),
      column('workspace', 'text'),
    ],
  },
};

const reaction: EventType = {
  type: 'slack.reaction',
  summary: 'a reaction of somebody to a message',
  stability: 'experimental',
  about: ({ data }) => `${placeOf(data)} :${text(data.name)}:`,
  words: false,
  embed: [],
  view: {
    name: 'slack_reactions',
    columns: [
      column('channel', 'text'),
      column('channel_name', 'text', 'channelName'),
      column('ts', 'text'),
      column('name', 'text'),
      column('user', 'text'),
      column('user_name', 'text', 'userName'),
      column('workspace', 'text'),
    ],
  },
};

const file: EventType = {
  type: 'slack.file',
  summary: 'a file that came with a message: what is known of it, not its contents',
  stability: 'experimental',
  about: ({ data }) => text(data.title) ?? text(data.name),
  embed: ['title', 'name'],
  view: {
    name: 'slack_files',
    columns: [
      column('file', 'text'),
      column('name', 'text'),
      column('title', 'text'),
      column('mimetype', 'text'),
      column('size', 'bigint'),
      column('user', 'text'),
      column('user_name', 'text', 'userName'),
      column('permalink', 'text'),
      column('workspace', 'text'),
    ],
  },
};

const channel: EventType = {
  type: 'slack.channel',
  summary: 'a conversation: a channel, public or private, or direct messages',
  stability: 'experimental',
  about: ({ data }) => [text(data.name), text(data.purpose)].filter(Boolean).join(': '),
  embed: ['name', 'topic', 'purpose'],
  view: {
    name: 'slack_channels',
    columns: [
      column('channel', 'text'),
      column('name', 'text'),
      column('kind', 'text'),
      column('topic', 'text'),
      column('purpose', 'text'),
      column('is_archived', 'boolean', 'archived'),
      column('workspace', 'text'),
    ],
  },
};

const user: EventType = {
  type: 'slack.user',
  summary: 'a member of the workspace, or a bot',
  stability: 'experimental',
  about: ({ data }) => text(data.displayName) ?? text(data.realName) ?? text(data.name),
  embed: [],
  view: {
    name: 'slack_users',
    columns: [
      column('user', 'text'),
      column('name', 'text'),
      column('display_name', 'text', 'displayName'),
      column('real_name', 'text', 'realName'),
      column('email', 'text'),
      column('is_bot', 'boolean', 'bot'),
      column('is_deactivated', 'boolean', 'deactivated'),
      column('workspace', 'text'),
    ],
  },
};

export const eventTypes: readonly EventType[] = [message, reaction, file, channel, user];

/**
 * Names are those of the day of reading, blocks and attachments carry ids and links that change by themselves, and what we do
 * not know may be either.
 */
export const volatileFields = ['attachments', 'blocks', 'channelName', 'other', 'plainText', 'userName'] as const;

function column(name: string, type: ViewColumn['type'], path = name): ViewColumn {
  return { name, type, path };
}

/** `#general Ann:` */
function placeOf(data: Data): string {
  const who = text(data.userName) ?? text(data.user) ?? text(data.bot);
  return `#${text(data.channelName) ?? text(data.channel)}${who === undefined ? '' : ` ${who}:`}`;
}

function oneLine(value: string): string {
  return value.replaceAll(/\s+/g, ' ').slice(0, 200);
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
