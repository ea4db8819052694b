// Recurring syncs by a Temporal Schedule: ticks never run a source twice, and an outage is not made up for tick by tick.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { setSchedule } from '../../src/clients/schedules.js';
import { freePort } from '../../src/local/free-port.js';
import { startTemporal } from '../../src/local/temporal-server.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { faulty } from '../support/faults.js';
import { createGate, type Gate } from '../support/gate.js';
import { growing, growthOf } from '../support/growing-source.js';
import { testWorker, uniqueSource, type TestClient, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const gates = new Map<string, Gate>();
const everySecond = { everyMs: 1_000, cron: undefined, timezone: undefined, jitterMs: undefined };
const fault = faulty(async (point, source) =>
  point === 'prepareSource.before' ? gates.get(source)?.pass() : undefined,
);
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database, { ...fault, sources: [growing] });
});
afterAll(() => worker.stop());

function scheduleOf({ client }: TestClient, source: string) {
  return client.schedule.getHandle(`sync/${source}`);
}

async function outcomesOf(source: string): Promise<(string | null)[]> {
  const { rows } = await database.pool.query<{ outcome: string | null }>(
    'select outcome from runs where source = $1 order by epoch',
    [source],
  );
  return rows.map(({ outcome }) => outcome);
}

async function stored(source: string): Promise<number> {
  return (
    await database.pool.query<{ stored: number }>('select count(*)::integer as stored from events where source = $1', [
      source,
    ])
  ).rows[0]!.stored;
}

test('ticks that find a sync at work are skipped, and the next one brings what there is', async () => {
  const source = uniqueSource('ticks');
  growthOf(source).count = 3;
  expect(await worker.sync({ source: { type: 'growing', id: source, options: {} } })).toMatchObject({
    outcome: 'done',
    inserted: 3,
  });
  const gate = createGate();
  gates.set(source, gate);
  expect(await setSchedule(worker.client, worker.taskQueue, source, everySecond)).toBe('created');
  await gate.reached;
  const schedule = scheduleOf(worker, source);
  await eventually('ticks were skipped', async () => (await schedule.describe()).info.numActionsSkippedOverlap >= 2);
  expect(await outcomesOf(source)).toEqual(['done', null]);
  growthOf(source).count = 9;
  gate.open();
  await eventually('the new ones are stored', async () => (await stored(source)) === 9);
  await schedule.delete();
});

test('a tick of a paused schedule starts nothing, and changing its times keeps the pause', async () => {
  const source = uniqueSource('resting');
  await worker.sync({ source: { type: 'growing', id: source, options: {} } });
  await setSchedule(worker.client, worker.taskQueue, source, { ...everySecond, everyMs: 3_600_000 });
  const schedule = scheduleOf(worker, source);
  await schedule.pause('a test');
  expect(await setSchedule(worker.client, worker.taskQueue, source, everySecond)).toBe('changed');
  expect(await schedule.describe()).toMatchObject({
    state: { paused: true, note: 'a test' },
    spec: { intervals: [{ every: 1_000 }] },
  });
  await schedule.delete();
});

test('a Temporal that was away goes on with the schedule by itself, and what came meanwhile is stored once', async () => {
  const source = uniqueSource('away');
  const directory = mkdtempSync(join(tmpdir(), 'tributary-away-'));
  const parts = {
    cli: inject('temporalCli'),
    databaseFile: join(directory, 'temporal.db'),
    logFile: join(directory, 'temporal.log'),
    headless: true,
  };
  const how = { ...parts, port: await freePort(0), uiPort: await freePort(0) };
  let server = await startTemporal(how);
  const own = await testWorker(database, { sources: [growing], temporalAddress: server.address });
  try {
    growthOf(source).count = 2;
    await own.sync({ source: { type: 'growing', id: source, options: {} } });
    await setSchedule(own.client, own.taskQueue, source, everySecond);
    await eventually('it is synced by its schedule', async () => (await outcomesOf(source)).length > 2);
    await server.stop();
    growthOf(source).count = 8;
    const missedFrom = Date.now();
    await eventually('ticks were missed', () => Date.now() - missedFrom > 3_000);
    server = await startTemporal(how);
    await eventually('what came meanwhile is stored', async () => (await stored(source)) === 8);
    expect(await scheduleOf(own, source).describe()).toMatchObject({ info: { numActionsMissedCatchupWindow: 0 } });
  } finally {
    await own.stop();
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});
