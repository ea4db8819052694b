// More busy sources than a worker has room for: each gets its turn, nobody waits for ever, and neither a stop nor a kill is held up
// by one who waits for room (design 9.10).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { createRoom } from '../../src/activities/room.js';
import { deletePause } from '../../src/store/pauses.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { checkLedger, clean, expectedOfSynthetic, type ExpectedSource } from '../support/ledger-checker.js';
import { testClient, testWorker, uniqueQueue, uniqueSource } from '../support/temporal.js';
import { tries } from '../support/share.js';

const database = testDatabase();
const program = fileURLToPath(new URL('../support/crashing-worker.mjs', import.meta.url));
const options = { events: 2_000, duplicates: 0.1, hostile: true, pageEvents: 100 };
const batch = { events: 400, inFlight: 3 };
/** Two pages of 400 events, of the ten times three that want in. */
const roomBytes = 2 * (400 * 1_024 + 2 * 400 * 400);
const expected: ExpectedSource[] = [];

function order(name: string, seed: number) {
  const source = uniqueSource(name);
  expected.push(expectedOfSynthetic(source, { ...options, seed }));
  return { source: { type: 'synthetic', id: source, options: { ...options, seed } }, batch };
}

async function workUntilKilled(taskQueue: string, times: number): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'tributary-crowded-'));
  const how = {
    databaseUrl: database.url,
    temporalAddress: inject('temporalAddress'),
    taskQueue,
    home,
    point: 'persist.inserted',
    times,
    roomBytes,
  };
  const child = spawn(process.execPath, [program, JSON.stringify(how)], { stdio: 'ignore' });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  rmSync(home, { recursive: true, force: true });
}

/** Pages that the killed worker has stored by then. */
const kills = [5, 9, 3].slice(0, tries(1, 3));

test(`ten busy sources in the room of two pages, killed in the middle ${kills.length} times: all done, each once`, async () => {
  const taskQueue = uniqueQueue('crowded');
  const client = await testClient(taskQueue);
  const handles = await Promise.all(
    Array.from({ length: 10 }, (_, at) => client.start(order(`crowded-${at}`, 300 + at))),
  );
  for (const times of kills) await workUntilKilled(taskQueue, times);
  const survivor = await testWorker(database, { taskQueue, room: createRoom(roomBytes) });
  const results = await Promise.all(handles.map((handle) => handle.result()));
  expect(results.map(({ outcome, total }) => `${outcome} ${total}`)).toEqual(results.map(() => 'done 2000'));
  await Promise.all([survivor.stop(), client.close()]);
}, 180_000);

test('a fetch that waits for room holds up neither a pause nor a stop', async () => {
  const room = createRoom(roomBytes);
  const all = (await room.take(roomBytes, 'new', new AbortController().signal))!;
  const worker = await testWorker(database, { room });
  const waiting = await worker.start(order('waits-for-room', 320));
  const progress = () =>
    waiting.query<{ state: string }>('progress').then(
      ({ state }) => state,
      () => 'unknown',
    );
  await eventually('it waits', () => Promise.resolve(room.waiting === 1));
  await waiting.signal('pause');
  await eventually('it is paused', async () => (await progress()) === 'paused');
  await waiting.signal('stop');
  expect(await waiting.result()).toMatchObject({ outcome: 'stopped', total: 0 });
  expect(room.waiting).toBe(0);
  all.release();
  // The pause is a row: it outlives the run that was stopped.
  await deletePause(database.pool, expected.at(-1)!.source);
  expect(await worker.sync({ sourceId: expected.at(-1)!.source })).toMatchObject({
    outcome: 'done',
    total: options.events,
  });
  await worker.stop();
}, 180_000);

test('all of it is stored once', async () => {
  const inputs = expected.reduce((sum, one) => sum + one.inputs, 0);
  expect(await checkLedger(database.pool, expected)).toEqual({ inputs, ...clean });
});
