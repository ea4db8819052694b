// Exports through the real worker and store: each message once, however many exports have it.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/domain/event.js';
import type { Source } from '../../../src/domain/source.js';
import { slackExport } from '../../../src/sources/slack-export/index.js';
import { makeEventViews } from '../../../src/store/event-views.js';
import { testDatabase } from '../../support/database.js';
import { ended, testWorker, uniqueSource, type TestWorker } from '../../support/temporal.js';
import {
  ann,
  apiMessage,
  bob,
  days,
  general,
  lists,
  slackdumpForm,
  slackForm,
  team,
  temporaryDirectory,
  user,
  writeFolder,
  writeZip,
  type Files,
} from './exports.js';

const database = testDatabase();
let worker: TestWorker;
beforeAll(async () => {
  worker = await testWorker(database, { sources: [slackExport as Source] });
});
afterAll(() => worker.stop());

function sync(id: string, path: string, more: Record<string, unknown> = {}) {
  return worker.sync({ source: { type: 'slack_export', id, options: { path, ...more } } });
}

async function rowsOf(sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (await database.workerPool.query<Record<string, unknown>>(sql, values)).rows;
}

const [ts, replied, edited] = ['1704067200.000100', '1704070800.000200', '1704074400.000300'];
const january = [apiMessage(ts, `hello <@${bob}>`), apiMessage(edited, 'frist')];
const reply = apiMessage(replied, 'a reply', { user: bob, thread_ts: ts, subtype: 'thread_broadcast' });
const day = 'general/2024-01-01.json';

function exportOf(messages: readonly JsonObject[], more: Files = {}): Files {
  return { ...lists, [day]: messages, ...more };
}

test('a later export adds what is new of it: messages, an edit, a reaction, a deletion that it tells', async () => {
  const id = uniqueSource('slack');
  // One member's Slackbot, Ann and Bob; four conversations; three messages.
  expect(await sync(id, await writeZip(exportOf([slackForm(january[0]!, [reply]), january[1]!, reply])))).toMatchObject(
    { outcome: 'done', inserted: 10, dead_letters: 0 },
  );
  const later = [
    { ...january[0]!, reactions: [{ name: '+1', count: 1, users: [bob] }] },
    { ...january[1]!, text: 'first', edited: { user: ann, ts: '1704074500.000000' } },
    {
      type: 'message',
      subtype: 'tombstone',
      ts: replied,
      thread_ts: ts,
      user: 'USLACKBOT',
      text: 'This message was deleted.',
    },
  ];
  const second = { ...exportOf(later.map(slackdumpForm)), ...days('ops', 1, 2) };
  expect(await sync(id, writeFolder(second))).toMatchObject({ outcome: 'done', inserted: 6, dead_letters: 0 });
  const current = `select data ->> 'ts' as ts, data ->> 'plainText' as text from current_events
    where source = $1 and type = 'slack.message' and subject = $2 order by 1`;
  expect(await rowsOf(current, id, general)).toEqual([
    { ts, text: 'hello @bob' },
    { ts: edited, text: 'first' },
  ]);
  // The same ones once more, and the first of them again.
  expect(await sync(id, writeFolder(second))).toMatchObject({ inserted: 0, dead_letters: 0 });
  expect(await sync(id, await writeZip(exportOf(january)))).toMatchObject({ inserted: 0 });
  expect(await rowsOf(current, id, general)).toHaveLength(2);
});

test('an export that did not change is not read again', async () => {
  const [id, path] = [uniqueSource('same'), await writeZip(exportOf(january))];
  await sync(id, path);
  const copy = join(temporaryDirectory(), 'copy.zip');
  cpSync(path, copy);
  for (const same of [path, copy]) expect(await sync(id, same)).toMatchObject({ outcome: 'done_empty', total: 0 });
});

test('a damaged day is a problem of its channel, told until it is mended', async () => {
  const id = uniqueSource('damaged');
  const path = writeFolder(exportOf(january, { ...days('ops', 1, 2), 'general/2024-01-02.json': '[{"ts": "17' }));
  const told = { outcome: 'done_with_problems', problems: [{ name: 'channel/C0GENERAL1', code: 'broken_files' }] };
  expect(await sync(id, path)).toMatchObject({ ...told, inserted: 11 });
  expect(await sync(id, path)).toMatchObject({ ...told, inserted: 0 });
  writeFileSync(join(path, 'general/2024-01-02.json'), JSON.stringify([apiMessage('1704153600.000000', 'mended')]));
  expect(await sync(id, path)).toMatchObject({ outcome: 'done', inserted: 1 });
});

test('an export of another workspace is refused, and so is one of nobody knows which', async () => {
  const id = uniqueSource('workspaces');
  await sync(id, writeFolder(exportOf(january)));
  const other = user('USLACKBOT', 'slackbot', { team_id: 'T0OTHER001' });
  const foreign = { ...exportOf(january), 'users.json': [other] };
  const refused = await ended(sync(id, writeFolder(foreign)));
  expect(refused.message).toContain(`is of the workspace T0OTHER001, and this source has read "${team}"`);
  const mixed = { ...foreign, 'users.json': [user(ann, 'ann'), user(bob, 'bob', { team_id: 'T0OTHER001' })] };
  const [fresh, path] = [uniqueSource('mixed'), writeFolder(mixed)];
  expect(await ended(sync(fresh, path))).toMatchObject({
    outcome: 'InvalidInput',
    message: expect.stringMatching(
      /^workspace: the export has members of T0ACME0001, T0OTHER001; say whose it is/,
    ) as string,
  });
  expect(await sync(fresh, path, { workspace: team })).toMatchObject({ outcome: 'done' });
  expect(await ended(sync(uniqueSource('wrong'), path, { workspace: 'T0WRONG001' }))).toMatchObject({
    outcome: 'InvalidInput',
  });
});

test('people ask in SQL, with names and readable text', async () => {
  expect(await makeEventViews(database.pool, slackExport.events!)).toEqual([]);
  const id = uniqueSource('views');
  const file = { id: 'F0ONE00001', name: 'a.pdf', size: 7, timestamp: 1_704_067_200, user: ann };
  await sync(
    id,
    await writeZip(exportOf([{ ...january[0]!, files: [file], reactions: [{ name: 'tada', users: [bob] }] }, reply])),
  );
  expect(
    await rowsOf(
      'select channel_name, user_name, text, thread_ts, time from slack_messages where source = $1 order by ts',
      id,
    ),
  ).toEqual([
    {
      channel_name: 'general',
      user_name: 'ann',
      text: 'hello @bob',
      thread_ts: null,
      time: new Date('2024-01-01T00:00:00Z'),
    },
    {
      channel_name: 'general',
      user_name: 'bob',
      text: 'a reply',
      thread_ts: ts,
      time: new Date('2024-01-01T01:00:00Z'),
    },
  ]);
  // As docs/sources/slack_export.md has it.
  const thread = `select m.user_name from slack_messages m join current_events c on (c.source, c.id) = (m.source, m.event_id)
    where m.source = $1 and m.channel = $2 and coalesce(m.thread_ts, m.ts) = $3 order by m.ts`;
  expect(await rowsOf(thread, id, general, ts)).toEqual([{ user_name: 'ann' }, { user_name: 'bob' }]);
  expect(await rowsOf('select name, user_name, ts from slack_reactions where source = $1', id)).toEqual([
    { name: 'tada', user_name: 'bob', ts },
  ]);
  expect(await rowsOf('select name, size::int, user_name from slack_files where source = $1', id)).toEqual([
    { name: 'a.pdf', size: 7, user_name: 'ann' },
  ]);
  expect(await rowsOf('select name, kind from slack_channels where source = $1 order by kind, name', id)).toHaveLength(
    4,
  );
  expect(await rowsOf('select display_name, is_bot from slack_users where source = $1', id)).toHaveLength(3);
});

test('the token of an export, which opens all files, is in no event and no dead letter', async () => {
  const id = uniqueSource('token');
  const link = 'https://files.slack.com/files-pri/T0-F0/a.pdf?t=xoxe-123-canary-456';
  const odd = { url_private: link, ts: 7 };
  const file = {
    id: 'F0ONE00001',
    name: 'a.pdf',
    url_private: link,
    url_private_download: `${link}&x=1`,
    timestamp: 1,
  };
  await sync(
    id,
    await writeZip(
      exportOf([{ ...january[0]!, files: [file], other: { link }, attachments: [{ image_url: link }] }, odd]),
    ),
  );
  const { rows } = await database.pool.query<{ text: string }>(
    `select (select string_agg(e::text, '') from events e where source = $1) ||
            (select string_agg(convert_from(raw, 'utf8'), '') from dead_letters where source = $1) as text`,
    [id],
  );
  expect(rows[0]!.text).toContain('files-pri/T0-F0/a.pdf');
  expect(rows[0]!.text).not.toContain('canary');
});
