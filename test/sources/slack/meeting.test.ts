// A message is one event by whatever way it was read: Slack's export, slackdump's, the Web API. What each of them adds, leaves out
// or orders otherwise changes neither its id nor its content hash.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashAnyEvent } from '../../../src/domain/content-hash.js';
import type { JsonObject } from '../../../src/domain/event.js';
import { volatileFields } from '../../../src/sources/slack/catalogue.js';
import { messageEvents } from '../../../src/sources/slack/message.js';
import { channelEvents, userEvents } from '../../../src/sources/slack/people.js';
import { messageRecord, toEvents } from '../../../src/sources/slack-export/record.js';
import {
  ann,
  apiMessage,
  bob,
  channel,
  general,
  slackdumpForm,
  slackForm,
  team,
  user,
} from '../slack-export/exports.js';

const rules = { source: 'slack/acme', volatileFields, versionOrder: 'number' } as const;
const place = { workspace: team, channel: general, names: {} };

function identified(events: ReturnType<typeof messageEvents>): [id: string, contentHash: string][] {
  return events.map((event) => {
    const { id, contentHash } = hashAnyEvent(event, 0, Buffer.from(''), 0, rules);
    return [id, contentHash];
  });
}

/** Through a record of an export, with the names it brings along. */
function exported(message: JsonObject): [string, string][] {
  const bytes = Buffer.from(JSON.stringify(message).replaceAll('/', '\\/'));
  const around = { workspace: team, names: new Map([[ann, 'Ann']]) };
  const element = { bytes, size: bytes.length, end: 0 };
  return identified([...toEvents(messageRecord(around, { id: general, name: 'general' }, element, 'x').record)]);
}

const ts = fc
  .tuple(fc.integer({ min: 1_300_000_000, max: 2_000_000_000 }), fc.integer({ min: 0, max: 999_999 }))
  .map(([seconds, micros]) => `${seconds}.${String(micros).padStart(6, '0')}`);
const users = fc.uniqueArray(fc.constantFrom(ann, bob, 'U0CY000001', 'W0DEE00001'), { minLength: 1 });

const messages: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      ts,
      text: fc.string({ unit: 'grapheme' }),
      edited: fc.record({ user: fc.constant(ann), ts }),
      thread_ts: ts,
      subtype: fc.constantFrom('thread_broadcast', 'bot_message', 'channel_join', 'huddle_thread'),
      reactions: fc
        .uniqueArray(fc.record({ name: fc.constantFrom('+1', 'tada', 'eyes', '+1::skin-tone-2'), users }), {
          selector: ({ name }) => name,
        })
        .map((reactions) => reactions.map((one) => ({ ...one, count: one.users.length }))),
      files: fc.array(
        fc.record({
          id: fc.constantFrom('F0ONE00001', 'F0TWO00001'),
          name: fc.string(),
          timestamp: fc.nat(),
          size: fc.nat(),
        }),
        { maxLength: 3 },
      ),
      attachments: fc.array(fc.record({ fallback: fc.string(), title: fc.string(), text: fc.string() }), {
        maxLength: 2,
      }),
    },
    { requiredKeys: ['ts', 'text'] },
  )
  .map(({ ts: at, text, ...more }) => apiMessage(at, text, more as JsonObject));

test('an export of Slack, one of slackdump and the Web API give the same events', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const live = identified(messageEvents(place, message));
      expect(exported(slackForm(message, [apiMessage('1700000000.000001', 'a reply')]))).toEqual(live);
      expect(exported(slackdumpForm(message))).toEqual(live);
      // As the Events API gives it.
      expect(exported({ ...message, channel: general, event_ts: message.ts, channel_type: 'channel' })).toEqual(live);
    }),
    { numRuns: 60 },
  );
});

const plain = apiMessage('1700000000.000100', 'see <https://example.org|this>');

test('what changes by itself makes no new version: replies, unfurled links, the order of reactions and who is told of', () => {
  const reactions = [
    { name: 'tada', count: 60, users: [ann, bob] },
    { name: '+1', count: 1, users: [ann] },
  ];
  const before = { ...plain, reactions };
  const after = {
    ...plain,
    reactions: [reactions[1]!, { ...reactions[0]!, users: [bob, ann] }],
    thread_ts: plain.ts,
    reply_count: 3,
    latest_reply: '1700000009.000100',
    reply_users: [bob],
    subscribed: true,
    last_read: '1700000009.000100',
    attachments: [{ from_url: 'https://example.org', title: 'Example', text: 'unfurled', id: 1 }],
    blocks: [{ ...(plain.blocks as JsonObject[])[0]!, block_id: 'other' }],
  };
  expect(identified(messageEvents(place, after as JsonObject)).map(([id]) => id)).toEqual(
    identified(messageEvents(place, before)).map(([id]) => id),
  );
});

test.each<[string, JsonObject]>([
  ['an edit', { text: 'other', edited: { user: ann, ts: '1700000005.000000' } }],
  ['a reaction', { reactions: [{ name: '+1', count: 1, users: [ann] }] }],
  ['a text that a bot changed without an edit', { text: 'deployed' }],
  ['an attachment that a bot changed', { attachments: [{ fallback: 'deployed', text: 'deployed' }] }],
  ['a block that a bot changed', { blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'deployed' } }] }],
  ['a file that was deleted', { files: [{ id: 'F0ONE00001', mode: 'tombstone' }] }],
])('%s is a new version of the message', (_, change) => {
  const [before, after] = [plain, { ...plain, ...change }].map((one) => messageEvents(place, one)[0]!.identity);
  expect(after).toMatchObject({ key: (before as { key: string }).key });
  expect(after).not.toEqual(before);
});

test('a member and a channel are the same of an export and of the API', () => {
  const member = user(ann, 'ann');
  const fromApi = { ...member, profile: { ...(member.profile as JsonObject), image_24: 'x', status_text: '' } };
  expect(identified(userEvents(team, fromApi))).toEqual(identified(userEvents(team, member)));
  const { members: _members, ...one } = channel(general, 'general');
  const listed = { ...one, num_members: 2, updated: 1_700_000_000_000, is_channel: true, previous_names: ['old'] };
  expect(identified(channelEvents(team, 'public', listed))).toEqual(
    identified(channelEvents(team, 'public', channel(general, 'general'))),
  );
});
