// What an export's lists say: who is who, which conversations there are, and whose workspace it is. They are read once for an
// export and kept while it is read; a list that is damaged is read as far as it goes, and told by its stream.
import type { Json, JsonObject } from '../../domain/event.js';
import { objectOf, textOf } from '../slack/fields.js';
import { isId } from '../slack/identity.js';
import { nameOfUser, type ChannelKind } from '../slack/people.js';
import { arrayElements, BrokenPart } from './array-elements.js';
import { channelLists, userLists, type ExportFiles, type OpenExport, type Part } from './export-files.js';
import { exportLimits } from './limits.js';
import { isRefusedBySystem } from './system-errors.js';

/** A conversation that a list names. */
export interface Conversation {
  readonly id: string;
  readonly kind: ChannelKind;
  /** As people call it; of direct messages who takes part. */
  readonly name: string;
}

/** Which workspaces members are of: what says whose the export is. */
export interface Teams {
  /** Slackbot is a member of each workspace, and of no other. */
  readonly slackbot: string | undefined;
  readonly all: ReadonlySet<string>;
}

export interface Lists {
  /** Of users and channels, by id. */
  readonly names: ReadonlyMap<string, string>;
  readonly conversations: readonly Conversation[];
  readonly teams: Teams;
}

export const kindOfList: Readonly<Record<string, ChannelKind>> = {
  'channels.json': 'public',
  'groups.json': 'private',
  'dms.json': 'im',
  'mpims.json': 'mpim',
};

/** Members of more workspaces than this are of no help in finding out whose it is. */
const teamsMax = 1_000;

export async function readLists(files: ExportFiles, signal: AbortSignal): Promise<Lists> {
  const open = await files.open();
  try {
    const names = new Map<string, string>();
    const teams = await readUsers(open, files, names, signal);
    const conversations = await readConversations(open, files, names, signal);
    return { names, conversations, teams };
  } finally {
    await open.close();
  }
}

async function readUsers(open: OpenExport, files: ExportFiles, names: Map<string, string>, signal: AbortSignal) {
  let slackbot: string | undefined;
  const all = new Set<string>();
  for (const list of userLists)
    for await (const user of itemsOf(open, files.lists.get(list), signal)) {
      const team = textOf(user.team_id) ?? textOf(objectOf(user.profile)?.team);
      if (team !== undefined && all.size < teamsMax) all.add(team);
      if (user.id === 'USLACKBOT') slackbot ??= team;
      const name = nameOfUser(user);
      if (isId(user.id) && name !== undefined && names.size < exportLimits.namesMax) names.set(user.id, name);
    }
  return { slackbot, all };
}

async function readConversations(
  open: OpenExport,
  files: ExportFiles,
  names: Map<string, string>,
  signal: AbortSignal,
): Promise<Conversation[]> {
  const found = new Map<string, Conversation>();
  for (const list of channelLists)
    for await (const channel of itemsOf(open, files.lists.get(list), signal)) {
      const { id } = channel;
      if (!isId(id) || found.has(id) || found.size >= exportLimits.namesMax) continue;
      const name = textOf(channel.name) ?? membersText(channel.members, names) ?? id;
      found.set(id, { id, kind: kindOfList[list]!, name });
      names.set(id, name);
    }
  return [...found.values()];
}

function membersText(members: Json | undefined, names: ReadonlyMap<string, string>): string | undefined {
  if (!Array.isArray(members) || members.length === 0) return undefined;
  return members
    .slice(0, exportLimits.namesPerRecord)
    .flatMap((id) => (typeof id === 'string' ? (names.get(id) ?? id) : []))
    .join(', ');
}

async function* itemsOf(
  open: OpenExport,
  part: Part | undefined,
  signal: AbortSignal,
): AsyncGenerator<JsonObject, void, void> {
  if (part === undefined || part.refused !== undefined) return;
  const bounds = { from: 0, elementBytesMax: exportLimits.elementBytesMax, headBytes: 0 };
  try {
    for await (const { bytes } of arrayElements(open.bytes(part), bounds)) {
      signal.throwIfAborted();
      const item = parsed(bytes.toString());
      if (item !== undefined) yield item;
    }
  } catch (error) {
    if (!(error instanceof BrokenPart) && !isRefusedBySystem(error)) throw error;
  }
}

export function parsed(text: string): JsonObject | undefined {
  try {
    return objectOf(JSON.parse(text) as Json);
  } catch {
    return undefined;
  }
}
