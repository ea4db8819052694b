// A source that is removed, whatever it is doing and whatever is killed meanwhile: it is gone, or its events are proved as
// before; nothing writes to it afterwards, and nothing of its neighbours is touched.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { sourceDirectory } from '../../src/activities/source-context.js';
import { persistPage } from '../../src/store/persist.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { startTributary } from '../clients/command.js';
import { aPage, aSourceRow, events, openedRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { uniqueSource } from '../support/temporal.js';
import { longSync, workerProcess } from '../support/worker-process.js';

const database = testDatabase();
const home = mkdtempSync(join(tmpdir(), 'tributary-removed-'));
const worker = workerProcess(database, home);
const { environment, run } = worker;

afterAll(() => rmSync(home, { recursive: true, force: true }));

async function count(table: string, source: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::integer as n from ${table} where source = $1`,
    [source],
  );
  return rows[0]!.n;
}

async function long(name: string): Promise<string> {
  const source = uniqueSource(name);
  await worker.temporal.start(longSync(source));
  await eventually('pages are committed', async () => (await count('ledger', source)) > 1);
  return source;
}

async function expectAllProved(): Promise<void> {
  expect((await verifySources(database.pool, { source: null, contents: () => true })).filter(({ ok }) => !ok)).toEqual(
    [],
  );
}

test('removed while it runs, with its events: the run is stopped first, schedule and mirror go, and nothing is left', async () => {
  const source = await long('running');
  await run('schedule', source, '--every', '1h');
  mkdirSync(join(sourceDirectory(home, source), 'mirror.git'), { recursive: true });
  const removed = await run('sources', 'remove', source, '--delete-events', '--yes', '--json');
  expect(removed).toMatchObject({
    code: 0,
    items: [{ outcome: 'removed', source, events: 'deleted', schedule: true, run: 'stopped' }],
  });
  for (const table of ['events', 'event_hashes', 'ledger', 'runs', 'pages', 'source_cursors', 'commits'])
    expect(await count(table, source)).toBe(0);
  expect(existsSync(sourceDirectory(home, source))).toBe(false);
  expect(await run('schedule', 'remove', source)).toMatchObject({
    code: 2,
    err: expect.stringContaining('has no schedule'),
  });
  expect(await run('sync', source)).toMatchObject({ code: 2, err: expect.stringContaining('no source') });
  expect((await run('sources', 'list', '--json')).items.find((item) => item['source'] === source)).toBeUndefined();
  await expectAllProved();
});

test('removed with its events kept: they are listed and proved; started anew, it goes on where it stood', async () => {
  const source = uniqueSource('kept');
  const made = ['sync', 'synthetic', '--id', source, '--set'];
  await run(...made, 'events=10');
  await run('sources', 'set', source, 'mode=follow');
  await run('sync', source);
  const removed = await run('sources', 'remove', source, '--keep-events', '--yes', '--json');
  expect(removed).toMatchObject({
    code: 0,
    items: [{ outcome: 'removed', source, events: 'kept', removed: 0, run: 'stopped' }],
  });
  expect(await run('sources', 'remove', source, '--keep-events', '--yes', '--json')).toMatchObject({ code: 0 });
  expect((await run('status', '--json')).items.find((item) => item['source'] === source)).toBeUndefined();
  expect((await run('sources', 'list', '--json')).items.find((item) => item['source'] === source)).toMatchObject({
    state: 'removed',
    inserted: 10,
  });
  expect((await run('events', source, '--json')).items).toHaveLength(10);
  expect(await run('verify', source)).toMatchObject({ code: 0 });
  expect(await run('sync', source)).toMatchObject({ code: 2, err: expect.stringContaining('was removed') });
  await expect(worker.temporal.sync({ sourceId: source })).rejects.toMatchObject({
    cause: { type: 'InvalidInput', message: expect.stringContaining('was removed') },
  });
  // Its settings are gone with it: it is read once.
  expect(await run(...made, 'events=15', '--json')).toMatchObject({
    code: 0,
    items: [{ outcome: 'done', total: 5, inserted: 5 }],
  });
  await expectAllProved();
});

test('killed in the middle and typed again: it is as if it had never been killed, and no run came in between', async () => {
  const [source, neighbour] = [uniqueSource('killed'), uniqueSource('neighbour')];
  await run('sync', 'synthetic', '--id', neighbour, '--set', 'events=100');
  let held = await openedRun(database.workerPool, aSourceRow({ id: source, origin: 'seed 1' }));
  for (let page = 0; page < 10; page++) {
    const next = aPage(held, { events: events(source, 5_000, page * 5_000) });
    await persistPage(database.workerPool, next);
    held = { ...held, seq: held.seq + 1, digest: next.toDigest };
  }
  const words = ['sources', 'remove', source, '--delete-events', '--yes', '--json'];
  const removing = startTributary(words, environment());
  await eventually('some are gone', async () => (await count('events', source)) < 50_000);
  removing.child.kill('SIGKILL');
  await removing.ended;
  const left = await count('events', source);
  expect(left).toBeGreaterThan(0);
  expect(await count('event_hashes', source)).toBe(left);
  await expectAllProved();
  expect((await run('sources', 'list', '--json')).items.find((item) => item['source'] === source)).toMatchObject({
    state: 'being removed',
  });
  expect(await run('sync', 'synthetic', '--id', source, '--json')).toMatchObject({
    code: 2,
    err: expect.stringContaining('is being removed'),
  });
  expect(await run('sources', 'remove', source, '--keep-events', '--yes')).toMatchObject({
    code: 2,
    err: expect.stringContaining('comes too late'),
  });
  expect(await run(...words)).toMatchObject({ code: 0, items: [{ outcome: 'removed', removed: left }] });
  for (const table of ['events', 'event_hashes', 'ledger', 'runs', 'source_cursors'])
    expect(await count(table, source)).toBe(0);
  expect(await count('events', neighbour)).toBe(100);
  await expectAllProved();
}, 180_000);

test('without a worker the run cannot stop: it is ended all the same, and writes nothing any more', async () => {
  const source = await long('alone');
  await worker.kill();
  const removed = await run('sources', 'remove', source, '--keep-events', '--yes', '--json');
  expect(removed.items.at(-1)).toMatchObject({ outcome: 'removed', run: 'terminated' });
  const before = await count('ledger', source);
  worker.restart();
  await run('sync', 'synthetic', '--id', uniqueSource('after'), '--set', 'events=1');
  expect(await count('ledger', source)).toBe(before);
  await expectAllProved();
}, 180_000);

test.each([
  [[], 'events: expected either --keep-events or --delete-events'],
  [['--keep-events', '--delete-events'], 'events: expected either'],
  [['--delete-events'], 'yes: is missing'],
])('%j is refused, and nothing is removed', async (words, message) => {
  const source = uniqueSource('refused');
  await run('sync', 'synthetic', '--id', source, '--set', 'events=3');
  expect(await run('sources', 'remove', source, ...words)).toMatchObject({
    code: 2,
    err: expect.stringContaining(message),
  });
  expect(await run('sync', source, '--json')).toMatchObject({ code: 0, items: [{ outcome: 'done_empty' }] });
});
