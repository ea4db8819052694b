// Rows of `workers`: written by the role of a worker, told while they are fresh, gone when the worker is.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  deleteWorker,
  deleteWorkersUnseen,
  insertWorker,
  listWorkers,
  seeWorker,
  type NewWorker,
} from '../../src/store/workers.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

function aWorker(taskQueue: string): NewWorker {
  const settings = {
    memoryBytes: 1,
    recentHashesMax: 2,
    rawRetentionDays: 3,
    enrichOff: ['code'],
    embed: null,
    extensions: ['/a.mjs'],
  };
  return {
    id: randomUUID(),
    host: 'here',
    pid: 7,
    taskQueue,
    version: '1',
    sources: ['git'],
    stages: ['validate', 'own'],
    processors: [],
    settings,
  };
}

async function unseenFor(worker: NewWorker, seconds: number): Promise<void> {
  await database.pool.query('update workers set seen_at = now() - make_interval(secs => $2) where id = $1', [
    worker.id,
    seconds,
  ]);
}

test('a worker is told with all it has, by its queue, until it ends', async () => {
  const [one, other] = [aWorker('one'), aWorker('other')];
  for (const worker of [one, other]) await insertWorker(database.workerPool, worker);
  expect(await listWorkers(database.workerPool, 'one', 15)).toEqual([
    { ...one, startedAt: expect.any(Date), seenAt: expect.any(Date) },
  ]);
  expect(await listWorkers(database.workerPool, null, 15)).toHaveLength(2);
  for (const worker of [one, other]) await deleteWorker(database.workerPool, worker.id);
  expect(await listWorkers(database.workerPool, null, 15)).toEqual([]);
});

test('one that was killed is not told any more, and its row goes in the end; one that is seen again is there again', async () => {
  const worker = aWorker('killed');
  await insertWorker(database.workerPool, worker);
  await unseenFor(worker, 20);
  expect(await listWorkers(database.pool, 'killed', 15)).toEqual([]);
  expect(await seeWorker(database.workerPool, worker.id)).toBe(true);
  expect(await listWorkers(database.pool, 'killed', 15)).toHaveLength(1);
  await unseenFor(worker, 4_000);
  await deleteWorkersUnseen(database.workerPool, 3_600);
  expect(await seeWorker(database.workerPool, worker.id)).toBe(false);
});

test('where a worker of an older version has not made the table there are none', async () => {
  await database.pool.query('alter table workers rename to workers_away');
  expect(await listWorkers(database.pool, null, 15)).toEqual([]);
  await database.pool.query('alter table workers_away rename to workers');
});
