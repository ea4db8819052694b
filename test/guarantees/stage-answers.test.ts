// What a stage answered survives its worker: killed between the stages, inside the transaction or while deferred events come
// back, another worker goes on, and no stage sees an event again (requirements E3, E4, A5.1).
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { freePort } from '../../src/local/free-port.js';
import { startTemporal, type TemporalServer } from '../../src/local/temporal-server.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { testDatabase } from '../support/database.js';
import { share } from '../support/share.js';
import { advance, countingStage, timesShown } from '../support/event-stages.js';
import { faulty } from '../support/faults.js';
import { createGate } from '../support/gate.js';
import { testClient, testWorker, uniqueQueue, uniqueSource } from '../support/temporal.js';

const database = testDatabase();
const program = fileURLToPath(new URL('../support/crashing-worker.mjs', import.meta.url));
const homes: string[] = [];
const children: ChildProcess[] = [];

beforeAll(() => database.pool.query('create table shown (source text, stage text, id text)'));
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map(async (child) => child.exitCode ?? child.signalCode ?? (await once(child, 'exit'))));
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

interface StageSpec {
  readonly name: string;
  /** The attempt that is let through. */
  readonly lets?: number;
  readonly ms?: number;
}

/** A worker process that dies at the point; `never` is none. */
function work(taskQueue: string, stages: readonly StageSpec[], point: string, times: number): ChildProcess {
  const home = mkdtempSync(join(tmpdir(), 'tributary-staged-'));
  homes.push(home);
  const how = {
    databaseUrl: database.url,
    temporalAddress: inject('temporalAddress'),
    taskQueue,
    home,
    point,
    times,
    stages,
  };
  const child = spawn(process.execPath, [program, JSON.stringify(how)], { stdio: 'ignore' });
  children.push(child);
  return child;
}

function inputOf(source: string) {
  return {
    source: { type: 'synthetic', id: source, options: { events: 60, seed: 81, pageEvents: 20 } },
    batch: { events: 20, inFlight: 2 },
  };
}

/** By stage: how many events were shown how many times. */
async function shown(source: string): Promise<Record<string, Record<number, number>>> {
  const { rows } = await database.pool.query<{ stage: string; times: number; events: number }>(
    `select stage, times, count(*)::integer as events
       from (select stage, id, count(*)::integer as times from shown where source = $1 group by stage, id) as each group by stage, times`,
    [source],
  );
  const found: Record<string, Record<number, number>> = {};
  for (const { stage, times, events } of rows) (found[stage] ??= {})[times] = events;
  return found;
}

async function left(source: string): Promise<unknown> {
  const { rows } = await database.pool.query(
    `select (select count(*) from events where source = $1)::integer as events, (select count(*) from deferred where source = $1)::integer as deferred,
            (select count(*) from stage_outputs where source = $1)::integer as answers`,
    [source],
  );
  return rows[0];
}

const stages = [{ name: 'first' }, { name: 'second', lets: 3 }, { name: 'third' }];
const points = [
  'first.after',
  'second.after',
  'third.before',
  'fetchDeferred.after',
  'persist.recorded',
  'persist.after',
];

test.concurrent.each(share(points, 1))(
  'answers survive a worker killed at %s: no stage sees an event again',
  async (point) => {
    const taskQueue = uniqueQueue('staged');
    const source = uniqueSource(`staged-${point.toLowerCase()}`);
    const client = await testClient(taskQueue);
    const handle = await client.start(inputOf(source));
    expect(await once(work(taskQueue, stages, point, 2), 'exit')).toEqual([null, 'SIGKILL']);
    const survivor = work(taskQueue, stages, 'never', 0);
    expect(await handle.result()).toMatchObject({ outcome: 'done', total: 60, inserted: 60, deferred: 0, errors: 0 });
    survivor.kill('SIGKILL');
    await client.close();
    expect(await shown(source)).toEqual({ first: { 1: 60 }, second: { 3: 60 }, third: { 1: 60 } });
    expect(await left(source)).toEqual({ events: 60, deferred: 0, answers: 0 });
    expect(await verifySources(database.pool, { source, contents: () => true })).toMatchObject([{ ok: true }]);
  },
  120_000,
);

test('killed in the middle of a stage, at most a quarter of a second of answers is asked for again', async () => {
  const taskQueue = uniqueQueue('amid');
  const source = uniqueSource('amid');
  const slow = [{ name: 'slow', ms: 100 }];
  const client = await testClient(taskQueue);
  const handle = await client.start(inputOf(source));
  expect(await once(work(taskQueue, slow, 'slow.shown', 45), 'exit')).toEqual([null, 'SIGKILL']);
  const survivor = work(taskQueue, slow, 'never', 0);
  expect(await handle.result()).toMatchObject({ outcome: 'done', total: 60, inserted: 60 });
  survivor.kill('SIGKILL');
  await client.close();
  const { slow: times } = await shown(source);
  const twice = times![2] ?? 0;
  // Four at a time, each 100 ms: those at work and three rounds that may wait for their record; twice that on a busy machine.
  expect(twice).toBeLessThanOrEqual(32);
  expect(times).toEqual({ 1: 60 - twice, ...(twice === 0 ? {} : { 2: twice }) });
}, 120_000);

test('deferred events survive a wiped Temporal: a new server brings them back', async () => {
  const source = uniqueSource('wiped');
  const directory = mkdtempSync(join(tmpdir(), 'tributary-staged-temporal-'));
  homes.push(directory);
  const servers: TemporalServer[] = [];
  const serve = async () => {
    const place = {
      databaseFile: join(directory, `temporal-${servers.length}.db`),
      logFile: join(directory, 'temporal.log'),
    };
    const ports = { port: await freePort(0), uiPort: await freePort(0) };
    servers.push(await startTemporal({ cli: inject('temporalCli'), ...place, ...ports, headless: true }));
    return servers.at(-1)!.address;
  };
  const waiting = countingStage('waiting', ({ attempt }) => (attempt === 1 ? { kind: 'defer', afterMs: 0 } : advance));
  const gate = createGate();
  const held = faulty(async (point) => (point === 'fetchDeferred.after' ? gate.pass() : undefined));
  try {
    const before = await testWorker(database, {
      ...held,
      stages: [waiting],
      temporalAddress: await serve(),
      taskQueue: 'wiped',
    });
    await before.start(inputOf(source));
    await gate.reached;
    await servers[0]!.stop();
    gate.open();
    await before.stop();
    expect(await left(source)).toEqual({ events: 0, deferred: 60, answers: 0 });
    const after = await testWorker(database, { stages: [waiting], temporalAddress: await serve(), taskQueue: 'wiped' });
    expect(await after.sync(inputOf(source))).toMatchObject({ outcome: 'done', total: 60, inserted: 60, deferred: 0 });
    await after.stop();
  } finally {
    for (const server of servers) await server.stop();
  }
  expect(timesShown(waiting)).toEqual({ 2: 60 });
  expect(await verifySources(database.pool, { source, contents: () => true })).toMatchObject([{ ok: true }]);
}, 120_000);
