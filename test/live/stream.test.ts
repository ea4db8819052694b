// GET /v1/stream, by a client that others wrote and by one that sees the bytes: a client that comes back sees each event once or is
// told; what is shown is safe, and what is asked for wrongly is refused by its name.
import { beforeAll, expect, test } from 'vitest';
import { liveLimits } from '../../src/live/limits.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { commitsOf, type CommitMaker } from './committed.js';
import { doorSessions, seen, testDoors } from './stream-door.js';
import { rawClient } from './stream-server.js';

const database = testDatabase();
const { door, watch } = testDoors(database);
let [maker, other]: CommitMaker[] = [];

beforeAll(async () => {
  [maker, other] = [await commitsOf(database, 'acme/api'), await commitsOf(database, 'acme/web')];
});

test('two doors show every commit, whoever made it, as CloudEvents with their place as id', async () => {
  const doors = await Promise.all([door(), door()]);
  const watchers = await Promise.all(doors.map(({ url }) => watch(url)));
  await maker!.commit(3);
  await other!.commit(1);
  const [one, two] = await Promise.all(watchers.map((watched) => seen(watched, 4)));
  expect(one).toEqual(['acme/api event-0', 'acme/api event-1', 'acme/api event-2', 'acme/web event-0']);
  expect(two).toEqual(one);
  expect(watchers[0]!.ids).toEqual(watchers[0]!.events.map(({ position }) => position));
  expect(watchers[0]!.events[1]).toMatchObject({
    specversion: '1.0',
    datacontenttype: 'application/json',
    data: { n: 1 },
  });
});

test('filters combine, for what was stored and for what comes', async () => {
  const { url } = await door();
  const asked = await watch(`${url}?source=acme/web&type=git.*,acme.note&priority=3&from=0`);
  const kinds = ['git.tag', 'acme.note', 'other.thing'];
  const made = (n: number) => ({ draft: { type: kinds[n % 3]!, priority: n % 2 === 0 ? (4 as const) : (2 as const) } });
  await other!.commit(12, made);
  await maker!.commit(3, made);
  expect(await seen(asked, 4)).toEqual([4, 6, 10, 12].map((n) => `acme/web event-${n}`));
});

test('a client that is cut off again and again while events come sees each once', async () => {
  const server = await door();
  const watched = await watch(server.url);
  const before = watched.ids.length;
  const count = 40 * 25;
  for (let at = 0; at < 40; at += 1) {
    await maker!.commit(25);
    if (at % 13 === 5) {
      server.cutAll();
      // Else the next commits come before it is back, which is another case: both are wanted.
      if (at % 2 === 0) await eventually('it is back', () => server.stream.clients === 1);
    }
  }
  const names = await seen(watched, before + count);
  expect({ all: names.length, distinct: new Set(names).size, resets: watched.resets }).toEqual({
    all: count,
    distinct: count,
    resets: [],
  });
});

test('a place that is not there is told by a reset, and the stream goes on', async () => {
  const { url } = await door();
  await maker!.commit(1);
  const reasons = await Promise.all(
    ['99999999.4', 'rubbish\u00e4'].map(async (id) => {
      const client = await rawClient(url, id);
      const text = await eventually('a reset', () => client.text().includes('event: reset') && client.text());
      client.close();
      const [, last, data] = /event: reset\nid: (\d+)\ndata: (.*)\n\n/.exec(text)!;
      return {
        last: (JSON.parse(data!) as { last: string }).last === last,
        reason: (JSON.parse(data!) as { reason: string }).reason,
      };
    }),
  );
  expect(reasons).toEqual([
    { last: true, reason: 'ahead' },
    { last: true, reason: 'unknown' },
  ]);
});

test('what is asked for wrongly is refused with the name of it, as are more clients than there are places', async () => {
  const server = await door({ clientsMax: 2 });
  const refused = await Promise.all(
    ['priority=9', 'type=a b', 'from=1.x', 'nosuch=1', 'source=a&source=b', 'since=never'].map(async (query) => {
      const response = await fetch(`${server.url}?${query}`);
      const { field } = (await response.json()) as { field: string };
      return `${response.status} ${response.headers.get('content-type')} ${field}`;
    }),
  );
  expect(refused).toEqual(
    ['priority', 'type', 'from', 'nosuch', 'source', 'since'].map((field) => `400 application/problem+json ${field}`),
  );
  const clients = [await rawClient(server.url), await rawClient(server.url)];
  const third = await fetch(server.url);
  expect({ status: third.status, after: third.headers.get('retry-after'), clients: server.stream.clients }).toEqual({
    status: 503,
    after: '5',
    clients: 2,
  });
  await third.text();
  clients[0]!.close();
  await eventually('a place is free', () => server.stream.clients === 1);
  expect((await rawClient(server.url)).status).toBe(200);
});

test('without news a client hears that it is there, and takes its place along', async () => {
  const { url } = await door({ times: { heartbeatMs: 50 } });
  const client = await rawClient(`${url}?type=acme.never`);
  await maker!.commit(1);
  const head = (await database.pool.query<{ head: string }>('select max(number) as head from commits')).rows[0]!.head;
  await eventually('the place moves', () => client.text().endsWith(`: nothing new\nid: ${head}\n\n`));
  expect(client.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store, no-transform',
  });
  client.close();
});

test('secrets, bytes and what is too large are shown as what they are, and no text breaks a frame', async () => {
  const { url } = await door();
  const watched = await watch(url);
  const token = `ghp_${'a1B2'.repeat(9)}`;
  const hostile = 'a\r\nid: 7\n\ndata: {}\u2028\u2029\u0085\n\nevent: reset\r\r';
  const data = {
    password: 'hunter2',
    nested: [{ apiKey: 'k', 'X-Api-Key': 'k', accessToken: 't', tokens: 'kept', total_tokens: 5, author: 'kept' }],
    text: `with ${token} and https://me:pass@host/x in it`,
    picture: `data:image/png;base64,${'A'.repeat(400)}`,
    blob: Buffer.from(Array.from({ length: 600 }, (_, n) => (n * 7) % 256)).toString('base64'),
    line: '='.repeat(700),
    letters: 'x'.repeat(700),
    buffer: { type: 'Buffer', data: [1, 2, 3] },
    hostile,
  };
  await maker!.commit(2, (n) => ({
    data: n % 2 === 0 ? data : { ...data, large: 'y'.repeat(liveLimits.streamDataBytesMax) },
    draft: { subject: `of ${token}` },
  }));
  await seen(watched, 2);
  const [shown, large] = watched.events.toSorted((one) => ('data' in one ? -1 : 1));
  expect(shown).toMatchObject({
    subject: 'of <secret>',
    data: {
      password: '<secret>',
      nested: [
        {
          apiKey: '<secret>',
          'X-Api-Key': '<secret>',
          accessToken: '<secret>',
          tokens: 'kept',
          total_tokens: 5,
          author: 'kept',
        },
      ],
      text: 'with <secret> and https://me:<secret>@host/x in it',
      picture: '<binary data: 300 bytes>',
      blob: '<binary data: 600 bytes>',
      buffer: '<binary data: 3 bytes>',
      line: data.line,
      letters: data.letters,
      hostile,
    },
  });
  expect(large).toMatchObject({ dataomitted: expect.any(Number) as number });
  expect(JSON.stringify(large).length).toBeLessThan(2_000);
  expect(JSON.stringify(watched.events)).not.toContain(token);
});

test('a stream goes on when Postgres ends every session of its door', async () => {
  const { url } = await door();
  const watched = await watch(url);
  await database.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
    doorSessions,
  ]);
  await maker!.commit(3);
  expect(await seen(watched, 3)).toHaveLength(3);
});
