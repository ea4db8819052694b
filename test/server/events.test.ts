// POST /v1/events: what is answered is stored, and the answer says of each event what became of it.
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.js';
import { uniqueSource } from '../support/temporal.js';
import { testFrontDoor } from './front-door.js';

const database = testDatabase();
const door = testFrontDoor(database);

async function stored(source: string) {
  const { rows } = await database.pool.query<{ id: string; type: string; data: unknown }>(
    'select id, type, data from events where source = $1 order by page, ordinal',
    [source],
  );
  return rows;
}

test('an event in our own words is stored when it is answered, and given again it is known', async () => {
  const source = uniqueSource('own');
  const event = JSON.stringify({ type: 'order.paid', id: 'o-17', data: { amount: 12.5 } });
  const first = await door.post(`/v1/events?source=${source}`, event);
  expect(first).toMatchObject({ status: 200, body: { source, total: 1, inserted: 1, refused: 0 } });
  expect(first.body.verdicts).toEqual([{ index: 0, outcome: 'accepted', id: 'o-17' }]);
  expect(await stored(source)).toEqual([{ id: 'o-17', type: 'order.paid', data: { amount: 12.5 } }]);
  const again = await door.post(`/v1/events?source=${source}`, event);
  expect(again.body).toMatchObject({ inserted: 0, skipped_existing: 1, verdicts: [{ outcome: 'known', id: 'o-17' }] });
  expect(await stored(source)).toHaveLength(1);
});
