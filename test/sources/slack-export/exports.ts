// Exports made by code, as Slack's own and slackdump's are laid out: folders of days, lists beside them, and what each of the two
// adds to a message that the Web API does not have.
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yazl from 'yazl';
import type { JsonObject } from '../../../src/domain/event.js';

/** Path in the export to contents; what is no Buffer and no text is written as JSON. */
export type Files = Record<string, unknown>;

export const team = 'T0ACME0001';
export const [ann, bob] = ['U0ANN00001', 'U0BOB00001'];
export const [general, ops, direct, group] = ['C0GENERAL1', 'G0OPS00001', 'D0ANNBOB01', 'G0MPDM0001'];

/** A message as conversations.history gives it. */
export function apiMessage(ts: string, text: string, more: JsonObject = {}): JsonObject {
  return {
    client_msg_id: `00000000-0000-4000-8000-${ts.replace('.', '').slice(-12)}`,
    type: 'message',
    user: ann,
    text,
    ts,
    team,
    blocks: [
      {
        type: 'rich_text',
        block_id: `b${ts.slice(-4)}`,
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
      },
    ],
    ...more,
  };
}

const profile = {
  avatar_hash: 'g1eca2328d65',
  image_72: 'https://avatars.slack-edge.com/72.png',
  first_name: 'Ann',
  real_name: 'Ann Arbor',
  display_name: 'ann',
  team,
  name: 'ann',
  is_restricted: false,
  is_ultra_restricted: false,
};

/** As Slack's export has it: with the author's profile, and of a parent with a copy of who replied when. */
export function slackForm(message: JsonObject, replies: readonly JsonObject[] = []): JsonObject {
  const copies = replies.map(({ user, ts }) => ({ user, ts }) as JsonObject);
  return {
    user_team: team,
    source_team: team,
    user_profile: profile,
    ...message,
    ...(replies.length === 0 ? {} : { replies: copies, reply_count: replies.length, is_locked: false }),
  };
}

/** As slackdump writes it: empty values of every field that its library knows, other ids of blocks. */
export function slackdumpForm(message: JsonObject): JsonObject {
  return {
    ...message,
    blocks: null,
    replace_original: false,
    delete_original: false,
    metadata: { event_type: '', event_payload: null },
    user_team: team,
    source_team: team,
    user_profile: { ...profile, avatar_hash: '' },
  };
}

export function user(id: string, name: string, more: JsonObject = {}): JsonObject {
  return {
    id,
    team_id: team,
    name,
    deleted: false,
    color: '9f69e7',
    real_name: name,
    tz: 'Europe/Paris',
    profile: { real_name: `${name} Real`, display_name: name, email: `${name}@example.org`, team },
    is_admin: false,
    is_bot: false,
    updated: 1_600_000_000,
    ...more,
  };
}

export const users = [user('USLACKBOT', 'slackbot', { updated: 0 }), user(ann, 'ann'), user(bob, 'bob')];

export function channel(id: string, name: string, more: JsonObject = {}): JsonObject {
  return {
    id,
    name,
    created: 1_500_000_000,
    creator: ann,
    is_archived: false,
    is_general: name === 'general',
    members: [ann, bob],
    topic: { value: 'All of us', creator: ann, last_set: 1_500_000_100 },
    purpose: { value: 'Talk', creator: ann, last_set: 1_500_000_050 },
    ...more,
  };
}

export const lists: Files = {
  'channels.json': [channel(general, 'general')],
  'groups.json': [channel(ops, 'ops')],
  'dms.json': [{ id: direct, created: 1_500_000_000, members: [ann, bob] }],
  'mpims.json': [channel(group, 'mpdm-ann--bob--cy-1')],
  'users.json': users,
};

/** Days with so many messages each, from the first of January 2024. */
export function days(folder: string, count: number, perDay: number, more: JsonObject = {}): Files {
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => {
      const start = 1_704_067_200 + at * 86_400;
      const messages = Array.from({ length: perDay }, (_none, n) =>
        slackForm(apiMessage(`${start + n}.${String(n).padStart(6, '0')}`, `message ${at}.${n} of ${folder}`, more)),
      );
      return [`${folder}/${new Date(start * 1_000).toISOString().slice(0, 10)}.json`, messages];
    }),
  );
}

export function bytesOf(content: unknown): Buffer {
  if (Buffer.isBuffer(content)) return content;
  return Buffer.from(typeof content === 'string' ? content : JSON.stringify(content, null, 4).replaceAll('/', '\\/'));
}

let root: string | undefined;

export function temporaryDirectory(): string {
  if (root === undefined) {
    root = mkdtempSync(join(tmpdir(), 'tributary-slack-'));
    process.once('exit', () => rmSync(root!, { recursive: true, force: true }));
  }
  return mkdtempSync(join(root, 'of-'));
}

export function writeFolder(files: Files, place = join(temporaryDirectory(), 'export')): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(place, dirname(path)), { recursive: true });
    writeFileSync(join(place, path), bytesOf(content));
  }
  return place;
}

export interface ZipOptions {
  readonly path?: string;
  readonly zip64?: boolean;
}

export async function writeZip(
  files: Files | readonly (readonly [string, unknown])[],
  { path = join(temporaryDirectory(), 'export.zip'), zip64 = false }: ZipOptions = {},
): Promise<string> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Array.isArray(files) ? files : Object.entries(files))
    zip.addBuffer(bytesOf(content), name as string, { mtime: new Date(0), forceZip64Format: zip64 });
  zip.end({ forceZip64Format: zip64, comment: '' });
  mkdirSync(dirname(path), { recursive: true });
  await pipeline(zip.outputStream, createWriteStream(path));
  return path;
}
