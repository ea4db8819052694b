// What is set of a source holds for every run of it, whoever starts it, and over everything that ends a run.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Source } from '../../src/domain/source.js';
import type { SourceSettings } from '../../src/domain/source-settings.js';
import { synthetic } from '../../src/sources/synthetic.js';
import { reviseSource } from '../../src/store/revise-source.js';
import type { Progress } from '../../src/workflows/messages.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { growing, growthOf } from '../support/growing-source.js';
import { testWorker, uniqueSource, type SyncHandle, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database, { sources: [growing, synthetic as Source] });
});
afterAll(() => worker.stop());

function latest({ workflowId }: SyncHandle) {
  return worker.client.workflow.getHandle(workflowId);
}

function progressOf(handle: SyncHandle): Promise<Progress> {
  return latest(handle).query('progress');
}

async function settingsOf(source: string): Promise<SourceSettings> {
  const { rows } = await database.pool.query<{ settings: SourceSettings }>(
    'select settings from sources where id = $1',
    [source],
  );
  return rows[0]!.settings;
}

function set(source: string, settings: SourceSettings) {
  return reviseSource(database.pool, source, (found) => ({ ...found, settings: { ...found.settings, ...settings } }));
}

/** Events of each page, in order. */
async function pagesOf(source: string): Promise<number[]> {
  const { rows } = await database.pool.query<{ fetched: number }>(
    'select fetched from ledger where source = $1 order by epoch, seq',
    [source],
  );
  return rows.map(({ fetched }) => fetched);
}

async function looksAgain(handle: SyncHandle): Promise<void> {
  const { polls } = await progressOf(handle);
  await latest(handle).signal('poll');
  await eventually('it has looked again', async () => (await progressOf(handle)).polls > polls);
}

test('a start by id alone reads as it is set: pages, mode, stages; one that names some changes just those, and says so', async () => {
  const source = uniqueSource('set');
  growthOf(source).count = 4;
  const stages = ['validate', 'hash', 'deduplicate', 'persist'];
  const first = await worker.sync({
    source: { type: 'growing', id: source, options: {} },
    batch: { events: 2 },
    stages,
  });
  expect(first).toMatchObject({ outcome: 'done', inserted: 4 });
  expect(first).not.toHaveProperty('changed');
  growthOf(source).count = 8;
  expect(await worker.sync({ sourceId: source })).toMatchObject({ outcome: 'done', inserted: 4 });
  expect(await pagesOf(source)).toEqual([2, 2, 2, 2]);
  growthOf(source).count = 12;
  const named = await worker.sync({ sourceId: source, batch: { events: 4, inFlight: 1 }, stages: null });
  const changed = { 'batch.events': [2, 4], 'batch.inFlight': [null, 1], stages: [stages, null] };
  expect(named).toMatchObject({ inserted: 4, changed });
  expect(await settingsOf(source)).toEqual({ 'batch.events': 4, 'batch.inFlight': 1 });
  const { rows } = await database.pool.query(
    'select changed, settings from runs where source = $1 order by epoch desc limit 1',
    [source],
  );
  expect(rows).toEqual([{ changed, settings: { 'batch.events': 4, 'batch.inFlight': 1 } }]);
  growthOf(source).count = 16;
  const whole = await worker.sync({ source: { type: 'growing', id: source, options: {} } });
  expect(whole).not.toHaveProperty('changed');
  expect(await pagesOf(source)).toEqual([2, 2, 2, 2, 4, 4]);
});

test('what is set while a follower runs is taken up with its next look, and holds over a new run of it and the next start', async () => {
  const source = uniqueSource('followed');
  const handle = await worker.start({
    source: { type: 'growing', id: source, options: {} },
    mode: 'follow',
    pollIntervalMs: 3_600_000,
    batch: { events: 5 },
  });
  await eventually('it waits', async () => (await progressOf(handle)).nextPollAt !== null);
  await set(source, { 'batch.events': 2, pollIntervalMs: 7_200_000 });
  growthOf(source).count = 4;
  await looksAgain(handle);
  expect(await pagesOf(source)).toEqual([2, 2]);
  const waitsLong = async () => Date.parse((await progressOf(handle)).nextPollAt ?? '') - Date.now() > 3_700_000;
  expect(await waitsLong()).toBe(true);
  // Resumed, a new run goes on. It must not set back what its first start had said.
  await latest(handle).signal('pause');
  await eventually('it is paused', async () => (await progressOf(handle)).state === 'paused');
  growthOf(source).count = 8;
  await latest(handle).signal('resume');
  await eventually('the new run has read them', async () => (await pagesOf(source)).length >= 4);
  expect(await pagesOf(source)).toEqual([2, 2, 2, 2]);
  await eventually('it waits', waitsLong);
  await latest(handle).signal('stop');
  expect(await handle.result()).toMatchObject({ outcome: 'stopped', inserted: 8 });
  const again = await worker.start({ sourceId: source });
  await eventually('it is followed again', waitsLong);
  expect(await progressOf(again)).toMatchObject({ mode: 'follow' });
  await latest(again).signal('stop');
  await again.result();
});

test('the size of pages that was said to a run goes on with it, and is not kept for the next start', async () => {
  const source = uniqueSource('said');
  const handle = await worker.start({
    source: { type: 'growing', id: source, options: {} },
    mode: 'follow',
    pollIntervalMs: 3_600_000,
    batch: { events: 4 },
  });
  await eventually('it waits', async () => (await progressOf(handle)).nextPollAt !== null);
  await latest(handle).executeUpdate('setBatch', { args: [{ events: 1 }] });
  await latest(handle).signal('pause');
  await eventually('it is paused', async () => (await progressOf(handle)).state === 'paused');
  growthOf(source).count = 2;
  await latest(handle).signal('resume');
  await eventually('both are stored', async () => (await pagesOf(source)).length === 2);
  expect(await settingsOf(source)).toMatchObject({ 'batch.events': 4 });
  await latest(handle).signal('stop');
  await handle.result();
});

test('options that a start names change, the others stay, and null takes one back', async () => {
  const source = uniqueSource('options');
  const made = { type: 'synthetic', id: source };
  expect(await worker.sync({ source: { ...made, options: { events: 10, seed: 7, pageEvents: 100 } } })).toMatchObject({
    inserted: 10,
  });
  const named = await worker.sync({ source: { ...made, options: { events: 20 } } });
  expect(named).toMatchObject({ inserted: 10, changed: { 'options.events': [10, 20] } });
  expect(await worker.sync({ sourceId: source, options: { events: 30 } })).toMatchObject({
    inserted: 10,
    changed: { 'options.events': [20, 30] },
  });
  const unset = await worker.sync({ sourceId: source, options: { pageEvents: null } });
  expect(unset).toMatchObject({ inserted: 0, changed: { 'options.pageEvents': [100, 1_000] } });
  const refused = worker.sync({ sourceId: source, options: { seed: 8 } });
  await expect(refused).rejects.toMatchObject({
    cause: { type: 'InvalidInput', message: expect.stringContaining('the origin of a source is fixed') },
  });
});

test('a setting that this worker cannot follow fails the start by its name, and nothing is taken', async () => {
  const source = uniqueSource('strange');
  await worker.sync({ source: { type: 'growing', id: source, options: {} } });
  await set(source, { stages: ['validate', 'hash', 'deduplicate', 'theirs', 'persist'] });
  await expect(worker.sync({ sourceId: source })).rejects.toMatchObject({
    cause: { type: 'InvalidInput', message: expect.stringMatching(/^stages.3: this worker has no such stage/) },
  });
  const { rows } = await database.pool.query('select count(*)::integer as runs from runs where source = $1', [source]);
  expect(rows).toEqual([{ runs: 1 }]);
});

test('rules of priority are those of the run: set for the source, stored with its events', async () => {
  const source = uniqueSource('ruled');
  growthOf(source).count = 1;
  await worker.sync({
    source: { type: 'growing', id: source, options: {} },
    priorities: [{ type: 'growing.*', priority: 4 }],
  });
  growthOf(source).count = 2;
  await worker.sync({ sourceId: source, priorities: null });
  const { rows } = await database.pool.query('select priority from events where source = $1 order by id', [source]);
  expect(rows).toEqual([{ priority: 4 }, { priority: 2 }]);
});
