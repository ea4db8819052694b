// Clients of the stream that read nothing cost a bounded amount, and nobody else's time; they are told where to go on.
import { beforeAll, expect, test } from 'vitest';
import { liveLimits } from '../../src/live/limits.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { commitsOf, type CommitMaker } from './committed.js';
import { namesOf, seen, testDoors } from './stream-door.js';
import { rawClient } from './stream-server.js';

const database = testDatabase();
const { door, watch } = testDoors(database);
let maker: CommitMaker;

beforeAll(async () => {
  maker = await commitsOf(database, 'acme/api');
});

test('a client that reads nothing is dropped with the place to go on from; with it, it has everything once', async () => {
  const server = await door({ times: { stallMs: 300, goodbyeMs: 60_000 } });
  const paused = await rawClient(server.url, undefined, true);
  const awake = await watch(server.url);
  const kilobytes = 'word '.repeat(4_000);
  const count = 800;
  await maker.commit(count, (n) => ({ data: { n, kilobytes } }));
  const all = await seen(awake, count);
  await eventually('it is dropped', () => [...server.responses].some(({ writableEnded }) => writableEnded));
  paused.resume();
  await paused.ended;
  const text = paused.text();
  const [, id, word] = /event: reset\nid: (.*)\ndata: (.*)\n\n$/.exec(text)!;
  expect(JSON.parse(word!)).toMatchObject({ reason: 'slow', last: id });
  const got = [...text.matchAll(/^data: (\{"specversion.*)$/gm)].map(
    ([, data]) => (JSON.parse(data!) as { id: string }).id,
  );
  expect(got.length).toBeLessThan(count);
  const rest = await watch(`${server.url}?from=${id}`);
  await seen(rest, count - got.length);
  expect([...got.map((name) => `acme/api ${name}`), ...namesOf(rest)]).toEqual(all);
});

test('a hundred clients that read nothing hold a bounded amount and no session, and another is served all the while', async () => {
  const server = await door({ clientsMax: 101, times: { stallMs: 60_000 } });
  const paused = await Promise.all(Array.from({ length: 100 }, () => rawClient(server.url, undefined, true)));
  const awake = await watch(server.url);
  const data = { kilobytes: 'word '.repeat(3_200) };
  const count = 1_200;
  await maker.commit(count, () => ({ data }));
  await seen(awake, count);
  await eventually(
    'all stand',
    () => [...server.responses].filter(({ writableNeedDrain }) => writableNeedDrain).length === 100,
  );
  const held = [...server.responses].map(({ writableLength }) => writableLength);
  expect(Math.max(...held)).toBeLessThan(2 * liveLimits.feedBatchBytes);
  await eventually('no session is taken', () => server.pool.totalCount - server.pool.idleCount === 1);
  for (const client of paused) client.close();
  await eventually('they are gone', () => server.stream.clients === 1);
});
