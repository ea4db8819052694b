// What becomes of each kind of message, and of messages that are none.
import { expect, test } from 'vitest';
import type { EventDraft, JsonObject } from '../../../src/domain/event.js';
import { versionOrderOf } from '../../../src/domain/version-order.js';
import { lastVersion } from '../../../src/sources/slack/identity.js';
import { messageEvents } from '../../../src/sources/slack/message.js';
import { channelEvents, userEvents } from '../../../src/sources/slack/people.js';
import { readableText } from '../../../src/sources/slack/readable-text.js';
import { ann, apiMessage, bob, general, team } from '../slack-export/exports.js';

const names = { [ann]: 'Ann', [general]: 'general' };
const place = { workspace: team, channel: general, channelName: 'general', names };
const [ts, later] = ['1700000000.000100', '1700000060.000000'];

function eventsOf(message: JsonObject): EventDraft[] {
  return messageEvents(place, message);
}

function versionsOf(message: JsonObject): (readonly [key: string, version: string, deleted: boolean])[] {
  return eventsOf(message).flatMap(({ identity }) =>
    identity.kind === 'versioned' ? [[identity.key, identity.version, identity.deleted === true] as const] : [],
  );
}

const key = `message/${team}/${general}/${ts}`;

test('a message tells who said what, when to the microsecond, and in which thread', () => {
  const [event] = eventsOf(apiMessage(ts, `hi <@${bob}>, <@${ann}> &amp; all`, { thread_ts: '1699999999.000000' }));
  expect(event).toMatchObject({ type: 'slack.message', subject: general, time: '2023-11-14T22:13:20.000100Z' });
  expect(event!.data).toMatchObject({
    plainText: `hi @${bob}, @Ann & all`,
    text: `hi <@${bob}>, <@${ann}> &amp; all`,
    threadTs: '1699999999.000000',
    ts,
    userName: 'Ann',
  });
});

test('a reply that was sent to the channel, too, is one message, with its copy of the parent left out', () => {
  const root = apiMessage('1699999999.000000', 'parent');
  const inChannel = apiMessage(ts, 'reply', { subtype: 'thread_broadcast', thread_ts: root.ts, root });
  const inThread = apiMessage(ts, 'reply', { subtype: 'thread_broadcast', thread_ts: root.ts });
  expect(eventsOf(inChannel)).toEqual(eventsOf(inThread));
});

test('a parent is in no thread but its own, so its first reply makes no new version', () => {
  expect(eventsOf(apiMessage(ts, 'parent', { thread_ts: ts }))).toEqual(eventsOf(apiMessage(ts, 'parent')));
});

test('an entry of an edit gives both versions, the newer one by the origin', () => {
  const before = apiMessage(ts, 'one');
  const after = apiMessage(ts, 'two', { edited: { user: ann, ts: later } });
  for (const field of ['previous_message', 'original'])
    expect(
      versionsOf({ type: 'message', subtype: 'message_changed', ts: later, [field]: before, message: after }),
    ).toEqual([
      [key, ts, false],
      [key, later, false],
    ]);
});

test('a deletion that is told comes after every edit, and is the same however it is told', () => {
  const before = apiMessage(ts, 'two', { edited: { user: ann, ts: later }, thread_ts: ts });
  const entry = { type: 'message', subtype: 'message_deleted', ts: later, deleted_ts: ts };
  const gone = [key, lastVersion, true];
  expect(versionsOf({ ...entry, previous_message: before })).toEqual([[key, later, false], gone]);
  expect(versionsOf(entry)).toEqual([gone]);
  const left = {
    type: 'message',
    subtype: 'tombstone',
    text: 'This message was deleted.',
    hidden: true,
    ts,
    thread_ts: ts,
  };
  expect(versionsOf(left)).toEqual([gone]);
  expect(versionOrderOf(lastVersion, 'number')! > versionOrderOf(later, 'number')!).toBe(true);
});

test('reactions are events of their own, one for each person and emoji', () => {
  const reactions = [
    { name: '+1', count: 2, users: [ann, bob, ann] },
    { name: 'a/b', count: 1, users: [ann] },
  ];
  const events = eventsOf(apiMessage(ts, 'x', { reactions })).filter(({ type }) => type === 'slack.reaction');
  expect(events.map(({ identity }) => (identity as { key: string }).key)).toEqual([
    `reaction/${team}/${general}/${ts}/${ann}/+1`,
    `reaction/${team}/${general}/${ts}/${bob}/+1`,
    `reaction/${team}/${general}/${ts}/${ann}/a/b`,
  ]);
});

test('a file is told without the token of its link; deleted it is a tombstone, hidden it is not told', () => {
  const url = 'https://files.slack.com/files-pri/T0-F0/a.pdf?t=xoxe-1-2-3&pub=1';
  const files = [
    { id: 'F0ONE00001', name: 'a.pdf', size: 7, timestamp: 1_600_000_000, url_private: url },
    { id: 'F0TWO00001', mode: 'tombstone' },
    { id: 'F0THREE001', mode: 'hidden_by_limit' },
    { id: '../x' },
  ];
  const events = eventsOf(apiMessage(ts, 'x', { files })).filter(({ type }) => type === 'slack.file');
  expect(events).toMatchObject([
    { identity: { key: `file/${team}/F0ONE00001`, version: '1600000000' }, data: { url: 'https://files.slack.com/files-pri/T0-F0/a.pdf?pub=1' } }, // prettier-ignore
    { identity: { key: `file/${team}/F0TWO00001`, version: lastVersion, deleted: true } },
  ]);
});

test('a bot that writes beside its text is read, a huddle is told, and what we do not know is kept', () => {
  const [bot, huddle] = [
    apiMessage(ts, '', {
      user: null,
      username: 'deployer',
      attachments: [{ pretext: 'Deploy', fields: [{ title: 'env', value: 'live' }] }],
      blocks: [
        { type: 'section', fields: [{ type: 'mrkdwn', text: '*done*' }], accessory: { type: 'button', value: 'no' } },
      ],
      metadata: { event_type: 'deploy', event_payload: { n: 1 } },
    }),
    apiMessage(ts, 'A huddle happened', { subtype: 'huddle_thread', room: { id: 'R0HUDDLE01', has_ended: true } }),
  ].map((message) => eventsOf(message)[0]!.data);
  expect(bot).toMatchObject({
    plainText: '*done*\nDeploy\nenv\nlive',
    userName: 'deployer',
    other: { metadata: { event_type: 'deploy', event_payload: { n: 1 } } },
  });
  expect(huddle).toMatchObject({ huddle: { id: 'R0HUDDLE01', ended: true } });
});

test.each<[string, JsonObject]>([
  ['a float', { ts: 1_700_000_000.0001 }],
  ['no ts', {}],
  ['a rounded one', { ts: '1700000000.0001' }],
  ['no number', { ts: '1700000000.000100/../x' }],
  ['a deletion of nothing', { subtype: 'message_deleted', ts }],
])('%s is refused by name, since a rounded ts is that of another message', (_, message) => {
  expect(() => eventsOf({ type: 'message', text: 'x', ...message })).toThrow(/ts is .*expected text like/);
});

test('an id that is none is refused: it could be taken for two parts of a key', () => {
  expect(() => userEvents(team, { id: 'U1/x' })).toThrow('id is "U1/x", expected one like C024BE91L');
  expect(() => channelEvents(team, 'public', {})).toThrow('id is missing');
});

test('fields of another type than expected are not there, and nothing fails', () => {
  const odd = [null, 7, 'x', [], [null], {}, [[]], { ts: 7 }, [{ users: 7, name: {} }], true];
  const fields =
    'user text edited thread_ts reactions files file attachments blocks room user_profile subtype username';
  for (const field of fields.split(' '))
    for (const value of odd)
      expect(
        eventsOf({ ...apiMessage(ts, 'x'), [field]: value as JsonObject }).length,
        `${field} ${JSON.stringify(value)}`,
      ).toBe(1);
});

test('nesting without end is looked into as far as anybody writes', () => {
  let deep: JsonObject = { type: 'context' };
  for (let level = 0; level < 50_000; level++) deep = { type: 'section', elements: [deep], text: 'x' };
  const [event] = eventsOf({ ...apiMessage(ts, 'x'), blocks: [deep], metadata: deep });
  expect((event!.data.plainText as string).length).toBeLessThan(200);
});

test.each([
  ['<@U0NOBODY01|nobody>', '@nobody'],
  ['<#C0OTHER001|other>', '#other'],
  [`<#${general}>`, '#general'],
  [`<#${general}|>`, '#general'],
  ['<!here> <!subteam^S1|@team>', '@here @team'],
  ['<!date^1392734382^{date}|Feb 18>', 'Feb 18'],
  ['<https://example.org|here> <https://example.org>', 'here (https://example.org) https://example.org'],
  ['<http://example.org|example.org> <mailto:a@b.c|a@b.c>', 'http://example.org mailto:a@b.c'],
  ['&amp;lt; &lt;b&gt; 1 < 2', '&lt; <b> 1 < 2'],
  ['<@constructor> <', '@constructor <'],
])('%s reads %s', (text, read) => {
  expect(readableText(text, names)).toBe(read);
});
