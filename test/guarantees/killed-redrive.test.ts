// A redrive that is killed, and workers that are killed while redriven letters come back: each letter is decided once and
// comes back once.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { limits } from '../../src/limits.js';
import { decideLetters, type DecisionOrder, type DecisionPoint } from '../../src/store/decide-letters.js';
import { persistPage } from '../../src/store/persist.js';
import { listDeadLetters } from '../../src/store/reading/search-dead-letters.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { aPage, openedRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';
import { share } from '../support/share.js';
import { testClient, testWorker, uniqueQueue, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const children: ChildProcess[] = [];
const homes: string[] = [];
let breaking: TestWorker;

beforeAll(async () => {
  breaking = await testWorker(database);
});
afterAll(async () => {
  await breaking.stop();
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map(async (child) => child.exitCode ?? child.signalCode ?? (await once(child, 'exit'))));
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

function start(program: string, how: object): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL(`../support/${program}`, import.meta.url)),
      JSON.stringify({ databaseUrl: database.url, ...how }),
    ],
    { stdio: 'ignore' },
  );
  children.push(child);
  return child;
}

async function ends(child: ChildProcess): Promise<unknown> {
  return once(child, 'exit');
}

async function expectProved(source: string): Promise<void> {
  expect(await verifySources(database.pool, { source, contents: () => true })).toMatchObject([
    { ok: true, lost: 0, doubled: 0, invented: 0 },
  ]);
}

async function count(statement: string, source: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::integer as n from ${statement} and source = $1`,
    [source],
  );
  return rows[0]!.n;
}

const killed = [null, 'SIGKILL'];

test.concurrent.each<[DecisionPoint, number]>([
  ['begun', 1],
  ['recorded', 1],
  ['begun', 2],
  ['recorded', 2],
  ['begun', 3],
])('a redrive killed at %s, in batch %i, has done whole batches; repeated, it does the rest', async (point, times) => {
  const letters = limits.letterBatchRows + 50;
  const run = await openedRun(database.workerPool);
  const dead = Array.from({ length: letters }, (_, ordinal) => ({
    ordinal,
    stage: 'validate',
    code: 'not_json',
    error: 'no JSON',
    event: null,
    raw: Buffer.from(String(ordinal)),
  }));
  await persistPage(database.workerPool, aPage(run, { dead }));
  const order: DecisionOrder = { source: run.source, decision: 'redriven', by: 'ada', reason: null };
  expect(await ends(start('deciding.mjs', { order, point, times }))).toEqual(killed);
  const done = await count('dead_letter_decisions where true', run.source);
  expect(done).toBe([0, limits.letterBatchRows, letters][times - 1]);
  expect(await count('deferred where true', run.source)).toBe(done);
  await expectProved(run.source);
  expect(await decideLetters(database.pool, order)).toBe(letters - done);
  expect(await count('deferred where attempts = 0', run.source)).toBe(letters);
  await expectProved(run.source);
});

const points = [
  'fetchDeferred.before',
  'fetchDeferred.after',
  'validate.after',
  'hash.after',
  'deduplicate.after',
  'persist.begun',
  'persist.claimed',
  'persist.inserted',
  'persist.recorded',
  'persist.after',
  'closeRun.before',
];

test.concurrent.each(share(points, 2))(
  'a worker killed at %s while letters come back: each comes back once',
  async (point) => {
    const source = uniqueSource(`redriven-${point.toLowerCase()}`);
    const options = { events: 300, seed: 91, hostile: true, pageEvents: 50 };
    const { dead_letters: dead } = await breaking.sync({
      source: { type: 'synthetic', id: source, options },
      batch: { events: 100 },
    });
    expect(dead).toBe(12);
    const letters = await listDeadLetters(database.pool, { source }, 100);
    await decideLetters(database.pool, { source, decision: 'redriven', by: 'ada', reason: null });
    const taskQueue = uniqueQueue('redriven');
    const client = await testClient(taskQueue);
    const handle = await client.start({ sourceId: source, batch: { events: 5, inFlight: 1 } });
    const work = (at: string, times: number): ChildProcess => {
      const home = mkdtempSync(join(tmpdir(), 'tributary-redriven-'));
      homes.push(home);
      return start('crashing-worker.mjs', {
        temporalAddress: inject('temporalAddress'),
        taskQueue,
        home,
        point: at,
        times,
        mended: true,
      });
    };
    expect(await ends(work(point, point.startsWith('closeRun') ? 1 : 2))).toEqual(killed);
    await expectProved(source);
    const survivor = work('never', 0);
    expect(await handle.result()).toMatchObject({
      outcome: 'done',
      total: dead,
      inserted: dead,
      deferred: 0,
      dead_letters: 0,
    });
    survivor.kill('SIGKILL');
    await client.close();
    expect(await count(`events where type = 'synthetic.mended'`, source)).toBe(dead);
    expect(await count('deferred where true', source)).toBe(0);
    expect(await listDeadLetters(database.pool, { source }, 100)).toEqual(
      letters.map((letter) => ({ ...letter, state: 'redriven' })),
    );
    await expectProved(source);
  },
  180_000,
);
