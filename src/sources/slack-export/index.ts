// slack_export: the history of a workspace, from the zip that Slack or slackdump made, or the folder it was unpacked to. Its
// events are those of src/sources/slack, key for key: a live source of the same workspace meets them.
//
// Facts about exports:
// - channels.json, groups.json, dms.json and mpims.json list conversations, users.json (org_users.json of an organisation)
//   members. Who exported only public channels has the first and the last. slackdump writes all of them, some empty.
// - A conversation's days are files <folder>/2024-01-31.json, lists of messages. The folder has the channel's name; that of
//   direct messages the id. A reply stands in the file of its own day; its parent has `replies`, which is a copy.
// - A message has no channel, and the export no workspace. Messages carry `user_profile`, `user_team` and `source_team`, which
//   the Web API does not have; slackdump adds empty values of fields that it knows.
// - An edit shows as `edited`, a reaction in `reactions`: an export has the last state. Where the workspace keeps edits and
//   deletions, it also has entries `message_changed` and `message_deleted`. What is missing was deleted, or out of the span
//   of time, or of a channel that was not exported: nothing tells which, so nothing is told deleted.
// - Links to files carry a token that opens them (`?t=xoxe-…`).
import { InvalidInput, isEngineError, NeedsAttention } from '../../domain/errors.js';
import { matchesGlob } from '../../domain/glob.js';
import { defineSource, type SourceContext } from '../../domain/source.js';
import { eventTypes, volatileFields } from '../slack/catalogue.js';
import { defineStreams, type StreamChunk, type StreamContext, type StreamsCursor } from '../streams.js';
import { channelLists, userLists, type Part } from './export-files.js';
import { exportAt, forgetExport, type Channel, type KnownExport } from './known-exports.js';
import { kindOfList } from './lists.js';
import { defaultIdOf, isExport, options, originOf, type ExportOptions } from './options.js';
import { initialPosition, isNew, position, readParts, type Position, type Reading } from './read-parts.js';
import { channelRecord, messageRecord, toEvents, userRecord } from './record.js';
import { assertSameWorkspace, workspaceOf, workspacePatch } from './workspace.js';

const streams = defineStreams<ExportOptions, Position>({
  type: 'slack_export',
  summary: 'messages, reactions, files, channels and members of a Slack export, a zip or a folder, also of slackdump',
  events: eventTypes,
  argument: 'path',
  argumentIsPath: true,
  recognises: isExport,
  options,
  origin: originOf,
  defaultId: defaultIdOf,
  mapperVersion: 1,
  versionOrder: 'number',
  volatileFields,
  // The next export has most of the last one again.
  overlaps: true,
  position,
  initialPosition,
  list,
  hasNews: async ({ options: { path }, stream, signal }, at) =>
    isNew(partsOf(await exportAt(path, signal, false), stream), at),
  read,
  toEvents,
});

export const slackExport = defineSource<ExportOptions, StreamsCursor>({
  ...streams,
  /** What cannot be read at all is told before anything is stored. */
  async prepare(context, committed) {
    try {
      await list(context);
    } catch (error) {
      const isFirst = committed.round === 0 && isEngineError(error) && error.next === 'attention';
      throw isFirst ? new InvalidInput(/workspace/.test(error.code) ? 'workspace' : 'path', error.message) : error;
    }
    return streams.prepare(context, committed);
  },
});

async function list({ options: given, state, signal }: SourceContext<ExportOptions>): Promise<string[]> {
  const { channels, strays, teams } = await exportAt(given.path, signal, true);
  await assertSameWorkspace(state, workspaceOf(teams, given.workspace));
  const isChosen = (...names: string[]) => given.channels.some((glob) => names.some((name) => matchesGlob(glob, name)));
  return [
    'channels',
    'users',
    ...[...channels.values()].filter(({ id, name }) => isChosen(id, name)).map(({ id }) => `channel/${id}`),
    ...strays.filter((folder) => isChosen(folder)).map((folder) => `folder/${folder}`),
  ];
}

async function* read(
  context: StreamContext<ExportOptions>,
  from: Position,
): AsyncGenerator<StreamChunk<Position>, void, void> {
  const { options: given, stream, signal } = context;
  const found = await exportAt(given.path, signal, false);
  const around = { names: found.names, workspace: workspaceOf(found.teams, given.workspace) };
  const reading: Reading = {
    files: found.files,
    parts: partsOf(found, stream),
    signal,
    make: makerOf(found, around, stream),
    changed: () => forgetExport(given.path),
  };
  for await (const chunk of readParts(reading, from))
    // With the first record of each look: whatever is stored of this source is of that workspace.
    yield from.of === chunk.position.of ? chunk : { ...chunk, state: [workspacePatch(around.workspace)] };
}

function makerOf(found: KnownExport, around: Parameters<typeof messageRecord>[0], stream: string): Reading['make'] {
  if (stream === 'channels') return (element, { name }) => channelRecord(around, kindOfList[name]!, element, name);
  if (stream === 'users') return (element, { name }) => userRecord(around, element, name);
  const channel = channelOf(found, stream);
  return (element, { name }) => messageRecord(around, channel, element, `${channel.name}/${name}`);
}

function partsOf(found: KnownExport, stream: string): readonly Part[] {
  const listed = stream === 'channels' ? channelLists : stream === 'users' ? userLists : undefined;
  return listed?.flatMap((name) => found.files.lists.get(name) ?? []) ?? channelOf(found, stream).parts;
}

function channelOf(found: KnownExport, stream: string): Channel {
  const [kind, name] = [stream.slice(0, stream.indexOf('/')), stream.slice(stream.indexOf('/') + 1)];
  const channel = kind === 'channel' ? found.channels.get(name) : undefined;
  if (channel === undefined)
    throw new NeedsAttention(
      'unknown_channel',
      `the folder ${name} has messages, and ${channelLists.join(', ')} name no such conversation: without its id they cannot be told from others'; complete the lists, or leave it out by the option channels`,
    );
  if (channel.isDoubtful)
    throw new NeedsAttention(
      'two_channels',
      `the folder of ${channel.name} is that of two conversations of one name; rename the folder of each to its id`,
    );
  return channel;
}
