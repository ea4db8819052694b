// The workflow id is the mutex of a source, and the epoch in Postgres is what counts when Temporal knows no better: a second
// start, a reset, a terminated run and a wiped Temporal neither lose nor double anything.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { canonicaliserVersion } from '../../src/domain/canonical-json.js';
import { digestOf } from '../../src/domain/position.js';
import { freePort } from '../../src/local/free-port.js';
import { startTemporal, type TemporalServer } from '../../src/local/temporal-server.js';
import { synthetic } from '../../src/sources/synthetic.js';
import { openRun } from '../../src/store/open-run.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { createHeldSources } from '../support/held-sources.js';
import { checkLedger, clean } from '../support/ledger-checker.js';
import { testClient, testWorker, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const sources = createHeldSources();
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database, sources.fault);
});
afterAll(() => worker.stop());

async function runsOf(source: string): Promise<{ outcome: string | null; error: string | null }[]> {
  return (await database.pool.query('select outcome, error from runs where source = $1 order by epoch', [source])).rows;
}

test('a second start under the same id is refused by Temporal while the first runs', async () => {
  const { source, input, gate } = sources.hold('same-id', 51);
  const first = await worker.start(input);
  await gate.reached;
  await expect(worker.start(input)).rejects.toBeInstanceOf(WorkflowExecutionAlreadyStartedError);
  gate.open();
  expect(await first.result()).toMatchObject({ outcome: 'done', total: 600 });
  expect(await runsOf(source)).toHaveLength(1);
});

test('a start under another id says already_running while the first runs, and is the run of the source when none is', async () => {
  const { source, input, gate } = sources.hold('other-id', 52);
  const first = await worker.start(input);
  await gate.reached;
  const second = await worker.sync(input, `scheduled-${source}-2026-01-01T00:00:00Z`);
  expect(second).toMatchObject({
    outcome: 'already_running',
    total: 0,
    reason: expect.stringContaining(`sync/${source}`),
  });
  gate.open();
  expect(await first.result()).toMatchObject({ outcome: 'done', total: 600 });
  expect(await worker.sync(input, `scheduled-${source}-2026-01-02T00:00:00Z`)).toMatchObject({
    outcome: 'done_empty',
    inserted: 0,
  });
});

test('fifty starts at once give one run', async () => {
  const { source, input, gate } = sources.hold('fifty', 53);
  const starts = await Promise.allSettled(Array.from({ length: 50 }, () => worker.start(input)));
  expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  gate.open();
  const [won] = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  expect(await won!.result()).toMatchObject({ outcome: 'done', total: 600 });
  expect(await runsOf(source)).toEqual([{ outcome: 'done', error: null }]);
});

test('a run whose source another holder took ends superseded, names the holder, and wrote nothing after', async () => {
  const { source, input, gate } = sources.hold('superseded', 54);
  const first = await worker.start(input);
  await gate.reached;
  const options = synthetic.options.parse(input.source.options);
  const row = {
    id: source,
    type: 'synthetic',
    options,
    settings: {},
    origin: synthetic.origin(options),
    identityVersion: 1,
    canonicaliserVersion,
  };
  const intruder = { runId: 'run-elsewhere', firstRunId: 'run-elsewhere', workflowId: 'sync/elsewhere' };
  const taken = await openRun(database.pool, {
    source: row,
    run: intruder,
    initialDigest: digestOf(synthetic.initialCursor),
    reopen: false,
  });
  const before = await database.pool.query('select count(*) from events where source = $1', [source]);
  gate.open();
  const result = await first.result();
  expect(result).toMatchObject({
    outcome: 'superseded',
    reason: expect.stringContaining('held by workflow sync/elsewhere run run-elsewhere'),
  });
  expect((await database.pool.query('select count(*) from events where source = $1', [source])).rows).toEqual(
    before.rows,
  );
  expect(await runsOf(source)).toEqual([
    { outcome: 'abandoned', error: null },
    { outcome: null, error: null },
  ]);
  expect(taken.epoch).toBe(2);
  // Whoever comes next reads on from what is committed.
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done' });
});

test('a reset run repeats work but no row, and goes on', async () => {
  const { input, gate } = sources.hold('reset', 55, 'persist.before', 4);
  const first = await worker.start(input);
  await gate.reached;
  const history = await first.fetchHistory();
  const taskFinished = history
    .events!.filter((event) => event.workflowTaskCompletedEventAttributes)
    .map((event) => event.eventId!);
  const reset = await worker.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: first.workflowId, runId: first.firstExecutionRunId },
    workflowTaskFinishEventId: taskFinished[Math.floor(taskFinished.length / 2)]!,
    requestId: `reset-${first.workflowId}`,
    reason: 'a test',
  });
  gate.open();
  const again = worker.client.workflow.getHandle(first.workflowId, reset.runId);
  expect(await again.result()).toMatchObject({ outcome: 'done', total: 600 });
});

test('a reset to before the source was taken takes it anew and reads on from the committed position', async () => {
  const { source, input, gate } = sources.hold('reset-to-start', 56, 'persist.before', 4);
  const first = await worker.start(input);
  await gate.reached;
  const reset = await worker.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution: { workflowId: first.workflowId, runId: first.firstExecutionRunId },
    workflowTaskFinishEventId: (await first.fetchHistory()).events!.find(
      (event) => event.workflowTaskCompletedEventAttributes,
    )!.eventId!,
    requestId: `reset-${first.workflowId}`,
    reason: 'a test',
  });
  gate.open();
  expect(await worker.client.workflow.getHandle(first.workflowId, reset.runId).result()).toMatchObject({
    outcome: 'done',
    total: 600,
  });
  expect((await runsOf(source)).map(({ outcome }) => outcome)).toEqual(['abandoned', 'done']);
});

test('a run terminated in the middle leaves no trace that hinders the next', async () => {
  const { source, input, gate } = sources.hold('terminated', 57);
  const first = await worker.start(input);
  await gate.reached;
  await first.terminate('a test');
  gate.open();
  const next = await worker.sync(input);
  expect(next.outcome).toBe('done');
  expect((await runsOf(source)).map(({ outcome }) => outcome)).toEqual(['abandoned', 'done']);
});

test('stop ends the run after the pages in flight, and the next run reads the rest', async () => {
  const { source, input, gate } = sources.hold('stopped', 58);
  const first = await worker.start(input);
  await gate.reached;
  await first.signal('stop');
  gate.open();
  const stopped = await first.result();
  expect(stopped.outcome).toBe('stopped');
  expect(stopped.total).toBeGreaterThanOrEqual(300);
  expect(stopped.total).toBeLessThan(600);
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done', total: 600 - stopped.total });
  expect((await runsOf(source)).map(({ outcome }) => outcome)).toEqual(['stopped', 'done']);
});

test('cancel drains like stop, ends as cancelled, and the next run reads the rest', async () => {
  const { source, input, gate } = sources.hold('cancelled', 59);
  const first = await worker.start(input);
  await gate.reached;
  await first.cancel();
  gate.open();
  await expect(first.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect((await runsOf(source)).map(({ outcome }) => outcome)).toEqual(['cancelled']);
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done' });
});

test('an unknown signal and a question at any moment do not disturb a run', async () => {
  const { source, input, gate } = sources.hold('asked', 60);
  const first = await worker.start(input);
  await gate.reached;
  await first.signal('make-coffee');
  expect(await first.query('progress')).toMatchObject({
    source,
    type: 'synthetic',
    state: 'running',
    pagesCommitted: 2,
  });
  gate.open();
  expect(await first.result()).toMatchObject({ outcome: 'done', total: 600 });
});

test('a wiped Temporal: a new server goes on from the position in Postgres', async () => {
  const { source, input, gate } = sources.hold('wiped', 61);
  const directory = mkdtempSync(join(tmpdir(), 'tributary-wiped-'));
  const servers: TemporalServer[] = [];
  const serve = async () => {
    const server = await startTemporal({
      cli: inject('temporalCli'),
      databaseFile: join(directory, `temporal-${servers.length}.db`),
      port: await freePort(0),
      uiPort: await freePort(0),
      logFile: join(directory, 'temporal.log'),
      headless: true,
    });
    servers.push(server);
    return server.address;
  };
  try {
    const before = await testWorker(database, { ...sources.fault, temporalAddress: await serve(), taskQueue: 'wiped' });
    await before.start(input);
    await gate.reached;
    await servers[0]!.stop();
    gate.open();
    await eventually('the third page, whose activity nobody will hear of, is committed', async () => {
      const { rows } = await database.pool.query('select seq from source_cursors where source = $1', [source]);
      return rows[0].seq === 3;
    });
    await before.stop();
    const after = await testWorker(database, { temporalAddress: await serve(), taskQueue: 'wiped' });
    expect(await after.sync(input)).toMatchObject({ outcome: 'done', total: 300 });
    await after.stop();
  } finally {
    for (const server of servers) await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 120_000);

test('a client that nobody serves is not lost: the sync begins when a worker comes', async () => {
  const { input, gate } = sources.hold('early', 62);
  gate.open();
  const client = await testClient('nobody-yet-' + input.source.id);
  const handle = await client.start(input);
  const late = await testWorker(database, { taskQueue: client.taskQueue });
  expect(await handle.result()).toMatchObject({ outcome: 'done', total: 600 });
  await late.stop();
  await client.close();
});

test('after all of this the ledger is clean', async () => {
  const inputs = sources.expected.reduce((sum, one) => sum + one.inputs, 0);
  expect(await checkLedger(database.pool, sources.expected)).toEqual({ inputs, ...clean });
});
