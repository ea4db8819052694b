// GET /v1/stream of the front door: what is pushed in is seen at once, by a client that others wrote.
import { EventSource } from 'eventsource';
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { uniqueSource } from '../support/temporal.js';
import { testFrontDoor } from './front-door.js';

const database = testDatabase();
const door = testFrontDoor(database);

test('an event that is pushed in is on the stream, with its own id and data', async () => {
  const source = uniqueSource('seen');
  const stream = new EventSource(`${door.url}/v1/stream?source=${source}`);
  const seen: { readonly id: string; readonly data: unknown }[] = [];
  stream.onmessage = ({ data }) => void seen.push(JSON.parse(data as string) as never);
  try {
    await eventually('it is open', () => stream.readyState === EventSource.OPEN);
    await door.post(`/v1/events?source=${source}`, JSON.stringify({ type: 'a.b', id: 'e-1', data: { n: 1 } }));
    await eventually('it is seen', () => seen.length > 0);
    expect(seen).toMatchObject([{ data: { n: 1 } }]);
    // It listens on a session of its own, and takes none from those who push.
    const { rows } = await database.pool.query<{ name: string }>(
      `select distinct application_name as name from pg_stat_activity where datname = current_database() and query ~* '^listen'`,
    );
    expect(rows).toEqual([{ name: 'tributary live stream' }]);
  } finally {
    stream.close();
  }
});
