// `record`, as a program uses it: no worker runs, and none is needed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connect, type Tributary } from '../../../src/clients/library/connect.js';
import { verifySources } from '../../../src/store/proving/verify.js';
import { testDatabase } from '../../support/database.js';
import { uniqueQueue, uniqueSource } from '../../support/temporal.js';

const database = testDatabase();
const home = mkdtempSync(join(tmpdir(), 'tributary-record-'));
const taskQueue = uniqueQueue('record');
let tributary: Tributary;

beforeAll(async () => {
  tributary = await connect({ databaseUrl: database.url, temporalAddress: inject('temporalAddress'), taskQueue, home });
});

afterAll(async () => {
  await tributary.close();
  rmSync(home, { recursive: true, force: true });
});

async function proofOf(source: string) {
  const [proof] = await verifySources(database.pool, { source, contents: () => true });
  return { broken: proof!.invariants.filter(({ found }) => found > 0), ok: proof!.ok, events: proof!.events };
}

const orders = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ type: 'order.paid', id: `o-${at}`, data: { at } }));

test('events are stored when the call returns, each with a verdict; called again, all are known and nothing is doubled', async () => {
  const source = uniqueSource('record/orders');
  const first = await tributary.record(orders(1_000), { source });
  expect(first).toMatchObject({ source, total: 1_000, inserted: 1_000, refused: 0, errors: 0 });
  expect(first.verdicts[17]).toEqual({ index: 17, outcome: 'accepted', id: 'o-17' });
  expect(await tributary.record(orders(1_001), { source })).toMatchObject({ inserted: 1, skipped_existing: 1_000 });
  expect(await tributary.record(orders(1_001), { source })).toMatchObject({ inserted: 0, skipped_existing: 1_001 });
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 1_001 });
});
