// A session with Postgres that is lost in the middle of a request: the network ends it, and nobody says why.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { uniqueSource } from '../support/temporal.js';
import { testFrontDoor } from './front-door.js';

const database = testDatabase();
const sockets = new Set<Socket>();
const network = createServer((from) => {
  const { hostname, port } = new URL(database.url);
  const to = connect(Number(port), hostname);
  for (const [one, other] of [
    [from, to],
    [to, from],
  ] as const) {
    sockets.add(one);
    one.on('error', () => other.destroy()).on('close', () => other.destroy());
    one.pipe(other);
  }
});

beforeAll(() => new Promise<void>((resolve) => network.listen(0, '127.0.0.1', resolve)));
const door = testFrontDoor({
  get url() {
    const url = new URL(database.url);
    [url.hostname, url.port] = ['127.0.0.1', String((network.address() as AddressInfo).port)];
    return url.toString();
  },
});
afterAll(() => void network.close());

test('the answer is to give it again, and given again it is stored once', async () => {
  const source = uniqueSource('lost');
  const give = (id: string) => door.post(`/v1/events?source=${source}`, JSON.stringify({ type: 'a.b', id }));
  expect((await give('1')).status).toBe(200);
  const holder = await database.pool.connect();
  await holder.query('begin');
  await holder.query('select from express_heads where source = $1 for update', [source]);
  const told = give('2');
  await eventually('it waits in its transaction', async () => {
    const { rows } = await database.pool.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'express_heads'`,
    );
    return rows.length > 0;
  });
  for (const socket of sockets) socket.destroy();
  expect(await told).toMatchObject({ status: 503, body: { code: 'postgres_lost' } });
  await holder.query('rollback');
  holder.release();
  expect((await give('2')).body).toMatchObject({ total: 1 });
  const { rows } = await database.pool.query('select id from events where source = $1 order by id', [source]);
  expect(rows).toEqual([{ id: '1' }, { id: '2' }]);
});
