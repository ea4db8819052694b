// Records that something pushed into a queue of the test's own, and workers that are killed while they come in: each is in
// the queue or stored, never both and never neither; and what they leave behind is what a source's records leave.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { decodeRecords } from '../../src/activities/page-codec.js';
import { syntheticRecord } from '../../src/sources/synthetic.js';
import { decideLetters } from '../../src/store/decide-letters.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { testDatabase } from '../support/database.js';
import { share } from '../support/share.js';
import { testClient, uniqueQueue, uniqueSource, type TestClient } from '../support/temporal.js';

const database = testDatabase();
const children: ChildProcess[] = [];
const clients: TestClient[] = [];
const homes: string[] = [];

beforeAll(async () => {
  const { pushedTable } = (await import(new URL('../support/pushed-queue.mjs', import.meta.url).href)) as {
    pushedTable: string;
  };
  await database.pool.query(pushedTable);
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map(async (child) => child.exitCode ?? child.signalCode ?? (await once(child, 'exit'))));
  await Promise.all(clients.map((client) => client.close()));
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

function work(taskQueue: string, how: object): ChildProcess {
  const home = mkdtempSync(join(tmpdir(), 'tributary-pushed-'));
  homes.push(home);
  const parts = {
    databaseUrl: database.url,
    temporalAddress: inject('temporalAddress'),
    taskQueue,
    home,
    pushed: true,
    point: 'never',
    times: 0,
    ...how,
  };
  const program = fileURLToPath(new URL('../support/crashing-worker.mjs', import.meta.url));
  const child = spawn(process.execPath, [program, JSON.stringify(parts)], { stdio: 'ignore' });
  children.push(child);
  return child;
}

async function client(): Promise<TestClient> {
  const made = await testClient(uniqueQueue('pushed'));
  clients.push(made);
  return made;
}

/** The source gives five events of one seed; what is pushed is of another. */
const own = { events: 5, seed: 41, pageEvents: 5 };
const theirs = { events: 10, seed: 42, pageEvents: 5, duplicates: 0, bytes: 20, hostile: false };
const noEvent = Buffer.from([0xff, 0x00, 0x5b]);
const pushedRecords = [...Array.from({ length: 9 }, (_, at) => syntheticRecord(theirs, at)), noEvent];

async function push(source: string, records: readonly Buffer[]): Promise<void> {
  await database.pool.query('insert into pushed (source, record) select $1, unnest($2::bytea[])', [source, records]);
}

async function count(statement: string, source: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::integer as n from ${statement} and source = $1`,
    [source],
  );
  return rows[0]!.n;
}

/** Pushed records that wait, are stored, are dead. */
async function whereabouts(source: string): Promise<number[]> {
  return Promise.all(
    ['pushed where true', `events where id like '42-%'`, 'dead_letters where true'].map((statement) =>
      count(statement, source),
    ),
  );
}

async function expectProved(source: string): Promise<void> {
  expect(await verifySources(database.pool, { source, contents: () => true })).toMatchObject([
    { ok: true, lost: 0, doubled: 0, invented: 0 },
  ]);
}

const points = [
  'fetchDeferred.before',
  'fetchDeferred.after',
  'validate.before',
  'validate.after',
  'hash.after',
  'deduplicate.after',
  'enrich.after',
  'persist.before',
  'persist.begun',
  'persist.claimed',
  'persist.inserted',
  'persist.recorded',
  'persist.after',
  'closeRun.before',
];

test.concurrent.each(share(points, 2))(
  'a worker killed at %s while pushed records come in: each is in the queue or stored, and is stored once in the end',
  async (point) => {
    const source = uniqueSource(`pushed-${point.toLowerCase()}`);
    await push(source, pushedRecords);
    const asking = await client();
    const { taskQueue } = asking;
    const handle = await asking.start({
      source: { type: 'synthetic', id: source, options: own },
      batch: { events: 5, inFlight: 1 },
    });
    const killed = work(taskQueue, { point, times: point.startsWith('closeRun') ? 1 : 2 });
    expect(await once(killed, 'exit')).toEqual([null, 'SIGKILL']);
    const [waiting, stored, dead] = await whereabouts(source);
    expect(waiting! + stored! + dead!).toBe(pushedRecords.length);
    await expectProved(source);
    const survivor = work(taskQueue, {});
    expect(await handle.result()).toMatchObject({
      outcome: 'done',
      total: 15,
      inserted: 14,
      dead_letters: 1,
      deferred: 0,
    });
    survivor.kill('SIGKILL');
    expect(await whereabouts(source)).toEqual([0, 9, 1]);
    await expectProved(source);
  },
  180_000,
);

test('pushed records leave what records of a source leave: their bytes in pages in order, lineage, and letters that come back', async () => {
  const source = uniqueSource('pushed-kept');
  await push(source, pushedRecords);
  const asking = await client();
  const { taskQueue } = asking;
  const worker = work(taskQueue, {});
  expect(
    await asking.sync({ source: { type: 'synthetic', id: source, options: own }, batch: { events: 4 } }),
  ).toMatchObject({ total: 15, inserted: 14 });
  worker.kill('SIGKILL');
  const { rows } = await database.pool.query<{ raw: Buffer; records: number; keys: number; moved: boolean }>(
    `select raw, records, cardinality(queue_keys) as keys, from_digest <> digest as moved from pages
      where source = $1 and queue = 'pushed' and resume_stage is null order by seq`,
    [source],
  );
  expect(rows.map(({ records, keys, moved }) => [records, keys, moved])).toEqual([
    [4, 4, false],
    [4, 4, false],
    [2, 2, false],
  ]);
  expect((await Promise.all(rows.map(({ raw }) => decodeRecords(raw)))).flat()).toEqual(pushedRecords);
  expect(
    await count(
      `events join pages using (source, epoch) where queue = 'pushed' and events.page = pages.seq and id like '42-%'`,
      source,
    ),
  ).toBe(9);
  const letters = await database.pool.query('select stage, raw from dead_letters where source = $1', [source]);
  expect(letters.rows).toEqual([{ stage: 'validate', raw: noEvent }]);
  await decideLetters(database.pool, { source, decision: 'redriven', by: 'ada', reason: null });
  const mended = work(taskQueue, { mended: true });
  expect(await asking.sync({ sourceId: source })).toMatchObject({
    outcome: 'done',
    total: 1,
    inserted: 1,
    dead_letters: 0,
  });
  mended.kill('SIGKILL');
  expect(await count(`events where type = 'synthetic.mended'`, source)).toBe(1);
  await expectProved(source);
}, 120_000);
