// What the Temporal UI shows, asked without a browser: of every situation it says which source, what state and why, how far,
// how fast and what to do (T2). npm run pictures looks at the same in a browser.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApplicationFailure, defaultPayloadConverter } from '@temporalio/common';
import { startSync } from '../../src/clients/sync/start-sync.js';
import type { Activities } from '../../src/activities/index.js';
import type { SyncInput } from '../../src/domain/sync-input.js';
import type { Source } from '../../src/domain/source.js';
import { synthetic } from '../../src/sources/synthetic.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { faulty } from '../support/faults.js';
import { createGate, type Gate } from '../support/gate.js';
import { growing, growthOf } from '../support/growing-source.js';
import { testWorker, uniqueSource, type SyncHandle, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const gates = new Map<string, Gate>();
const triesMax = 2;
let worker: TestWorker;

const fault = faulty(async (point, source, times) => {
  if (point === 'persist.before' && times === 3) await gates.get(source)?.pass();
  if (point === 'fetchPage.before' && times === 3 && source.startsWith('gone')) {
    throw ApplicationFailure.nonRetryable('the origin is gone; say where it is now', 'NeedsAttention', {
      code: 'gone',
    });
  }
  if (point === 'persist.before' && source.startsWith('away')) throw new Error('connect ECONNREFUSED 127.0.0.1:5432');
});

beforeAll(async () => {
  worker = await testWorker(database, {
    ...fault,
    activities: (real) => impatient(fault.activities(real)),
    sources: [growing, synthetic as unknown as Source],
  });
});
afterAll(() => worker.stop());

/** As the product, but that a stage is tried twice, not for ten minutes. */
function impatient(real: Activities): Activities {
  return {
    ...real,
    async openRun(input) {
      const opened = await real.openRun(input);
      if (opened.kind !== 'run') return opened;
      const stages = opened.plan.stages.map((stage) => ({
        ...stage,
        retry: { ...stage.retry, attemptsMax: triesMax },
      }));
      return { ...opened, plan: { ...opened.plan, stages } };
    },
  };
}

function inputOf(id: string, options: object = {}): SyncInput {
  return {
    source: { type: 'synthetic', id, options: { events: 600, seed: 5, pageEvents: 100, ...options } },
    batch: { events: 100, inFlight: 1 },
  };
}

async function heldInTheMiddle(name: string): Promise<{ source: string; gate: Gate; handle: SyncHandle }> {
  const [source, gate] = [uniqueSource(name), createGate()];
  gates.set(source, gate);
  const handle = await worker.start(inputOf(source));
  await gate.reached;
  return { source, gate, handle };
}

/** The text under Current Details: what the UI asks for, and `temporal workflow metadata`. */
async function detailsOf(workflowId: string): Promise<string> {
  const { currentDetails } = await worker.client.workflow
    .getHandle(workflowId)
    .query<{ currentDetails: string }>('__temporal_workflow_metadata');
  return currentDetails;
}

function details(workflowId: string, expected: RegExp): Promise<string> {
  return eventually(`${workflowId} says ${expected}`, async () => {
    const text = await detailsOf(workflowId);
    return expected.test(text) ? text : null;
  });
}

/** As the list shows them. */
async function listed(workflowId: string): Promise<Record<string, unknown>> {
  const { typedSearchAttributes } = await worker.client.workflow.getHandle(workflowId).describe();
  const ours = typedSearchAttributes.getAll().filter(({ key }) => key.name.startsWith('Tributary'));
  return Object.fromEntries(ours.map(({ key, value }) => [key.name, value]));
}

/** The texts beside the bars of the timeline, of one kind of event. */
async function summaries(
  handle: SyncHandle,
  kind: 'timerStartedEventAttributes' | 'activityTaskScheduledEventAttributes',
): Promise<string[]> {
  const { events } = await worker.client.workflow.getHandle(handle.workflowId).fetchHistory();
  return (events ?? [])
    .filter((event) => event[kind] !== null && event[kind] !== undefined)
    .map(({ userMetadata }) => String(defaultPayloadConverter.fromPayload(userMetadata!.summary!)));
}

async function failureOf(handle: SyncHandle): Promise<ApplicationFailure> {
  const error = (await handle.result().catch((failed: unknown) => failed)) as { cause: ApplicationFailure };
  expect(error.cause).toBeInstanceOf(ApplicationFailure);
  return error.cause;
}

test('a running sync: its origin, how far, how fast; and the list has its source, state and events', async () => {
  const { source, gate, handle } = await heldInTheMiddle('ui-running');
  const text = await detailsOf(handle.workflowId);
  expect(text).toContain(`- **${source}** (synthetic seed 5) is **running**`);
  expect(text).toContain('- **33 %**: 200 of 600 records stored, in 2 pages');
  expect(text).toContain('- 200 events: 200 inserted, 0 known, 0 deferred, 0 dead letters');
  expect(text).toMatch(/- [\d,]+ events\/s, about .* left; last page stored \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
  expect(text).toContain('Pending Activities tell what failed, how often, and when it is tried next');
  expect(await listed(handle.workflowId)).toMatchObject({
    TributarySource: source,
    TributarySourceType: 'synthetic',
    TributaryState: 'running',
    TributaryEvents: expect.any(Number),
  });
  expect(await summaries(handle, 'activityTaskScheduledEventAttributes')).toEqual(
    expect.arrayContaining(['take the source', 'synthetic seed 5', 'page 3', 'page 3: 100 events']),
  );
  gate.open();
  await handle.result();
  expect(await detailsOf(handle.workflowId)).toMatch(/is \*\*done\*\*\n- \*\*100 %\*\*: 600 of 600 records stored/);
  expect(await listed(handle.workflowId)).toMatchObject({
    TributaryState: 'done',
    TributaryEvents: 600,
    TributaryProgress: '600 events inserted',
  });
});

test('a paused sync: by whom, until when, why and how to go on, also on the timeline; afterwards it counts from its beginning', async () => {
  const { source, gate, handle } = await heldInTheMiddle('ui-paused');
  await handle.signal('pause', { reason: 'ticket *812* <now>', until: '2200-01-31T12:00:00Z', by: 'ana' });
  gate.open();
  const text = await details(handle.workflowId, /is \*\*paused\*\*/);
  expect(text).toContain(
    `- **${source}** (synthetic seed 5) is **paused**\n- paused by ana until 2200-01-31 12:00:00 UTC: ticket \\*812\\* \\<now>\n- to go on: send the signal \`resume\``,
  );
  expect(text).toContain('- **50 %**: 300 of 600 records stored');
  expect(await listed(handle.workflowId)).toMatchObject({
    TributaryState: 'paused',
    TributaryEvents: 300,
    TributaryProgress: 'paused by ana until 2200-01-31 12:00:00 UTC: ticket *812* <now>',
  });
  expect(await summaries(handle, 'timerStartedEventAttributes')).toEqual([
    'paused by ana until 2200-01-31 12:00:00 UTC: ticket *812* <now>',
  ]);
  await handle.signal('resume');
  await handle.result();
  expect(await detailsOf(handle.workflowId)).toContain('- **100 %**: 600 of 600 records stored, in 6 pages');
});

test('a pause without an end is on the timeline too, with a reason that is cut to what Temporal takes', async () => {
  const { gate, handle } = await heldInTheMiddle('ui-waits');
  await handle.signal('pause', { reason: 'é'.repeat(500) });
  gate.open();
  await details(handle.workflowId, /is \*\*paused\*\*/);
  expect(await summaries(handle, 'timerStartedEventAttributes')).toEqual([expect.stringMatching(/^paused: é{80,}…$/)]);
  await handle.signal('stop');
  await handle.result();
  expect(await detailsOf(handle.workflowId)).toContain(
    'is **done**\n- stopped; the next start goes on from here\n- **50 %**',
  );
});

test('a followed source: up to date, and when it is looked at next', async () => {
  const source = uniqueSource('ui-followed');
  growthOf(source).count = 3;
  const handle = await worker.start({
    source: { type: 'growing', id: source, options: {} },
    mode: 'follow',
    pollIntervalMs: 3_600_000,
  });
  const text = await details(handle.workflowId, /followed:/);
  expect(text).toContain('- **up to date**: 3 records stored, in 1 page\n');
  expect(text).toMatch(
    /- followed: next look \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, after 1 so far; at once: send the signal `poll`/,
  );
  expect(await summaries(handle, 'timerStartedEventAttributes')).toEqual([`next look at ${source}`]);
  await handle.signal('stop');
  await handle.result();
});

test('a source that needs attention: what is wrong, what to do then, and how far it came', async () => {
  const source = uniqueSource('gone');
  const handle = await worker.start(inputOf(source));
  const failure = await failureOf(handle);
  expect(failure).toMatchObject({
    message: 'the origin is gone; say where it is now',
    type: 'NeedsAttention',
    details: [{ code: 'gone', next: expect.stringMatching(/start the same workflow id again/) }],
  });
  expect(failure.stack ?? '').not.toContain('failure-kind');
  const text = await detailsOf(handle.workflowId);
  expect(text).toContain(
    'is **needs attention**\n- the origin is gone; say where it is now\n- when that is put right, start the same workflow id again',
  );
  expect(text).toContain('- **33 %**: 200 of 600 records stored');
  expect(await listed(handle.workflowId)).toMatchObject({ TributaryState: 'needs_attention', TributaryEvents: 200 });
});

test('what was retried to its end says what was tried', async () => {
  const handle = await worker.start(inputOf(uniqueSource('away')));
  expect(await failureOf(handle)).toMatchObject({
    message: 'persist was tried until its tries were used up; the last one said: connect ECONNREFUSED 127.0.0.1:5432',
    type: 'NeedsAttention',
  });
});

test('a refused start: the field, and a place in the list', async () => {
  const source = uniqueSource('ui-refused');
  const handle = await worker.start(inputOf(source, { surprise: 1 }));
  expect(await failureOf(handle)).toMatchObject({
    message: expect.stringMatching(/^source\.options/),
    type: 'InvalidInput',
    details: [{ next: expect.stringMatching(/correct the input/) }],
  });
  expect(await detailsOf(handle.workflowId)).toMatch(/is \*\*failed\*\*\n- source\.options.*\n- correct the input/);
  expect(await listed(handle.workflowId)).toEqual({ TributarySource: source, TributaryState: 'failed' });
});

test('a thin parent: whose sync it waits for, what came of it, and no events of its own', async () => {
  const source = uniqueSource('ui-parent');
  const parent = `scheduled/${source}`;
  await worker.sync(inputOf(source), parent);
  expect(await detailsOf(parent)).toContain(
    `- **${source}** is synced by a workflow of its own\n- \`sync/${source}\` ended: done, 600 events inserted`,
  );
  expect(await listed(parent)).toEqual({
    TributarySource: source,
    TributarySourceType: 'synthetic',
    TributaryState: 'done',
  });
  await worker.client.workflow
    .getHandle(`sync/${source}`)
    .describe()
    .then(async (child) => expect(await child.staticSummary()).toBe('synthetic seed 5'));
});

test('a thin parent of a sync that fails says what failed', async () => {
  const source = uniqueSource('gone');
  const parent = await worker.start(inputOf(source), `scheduled/${source}`);
  expect(await failureOf(parent)).toMatchObject({
    message: 'the origin is gone; say where it is now',
    type: 'NeedsAttention',
  });
  expect(await listed(parent.workflowId)).toMatchObject({ TributarySource: source, TributaryState: 'needs_attention' });
  expect(await detailsOf(parent.workflowId)).toContain(`\`sync/${source}\` failed: the origin is gone`);
});

/** Temporal drops the summary of a start at continue-as-new (server 1.29, SDK 1.24): the details carry what it said. */
test('what a start says of its source is in the details of the runs after it, too', async () => {
  const [source, gate] = [uniqueSource('ui-summary'), createGate()];
  gates.set(source, gate);
  const order = { id: source, type: 'synthetic', origin: 'seed 5', input: inputOf(source) };
  const started = await startSync(worker.client, worker.taskQueue, order);
  await gate.reached;
  expect(await (await worker.client.workflow.getHandle(`sync/${source}`).describe()).staticSummary()).toBe(
    'synthetic seed 5',
  );
  await started.handle.signal('pause');
  gate.open();
  await details(`sync/${source}`, /is \*\*paused\*\*/);
  await worker.client.workflow.getHandle(`sync/${source}`).signal('resume');
  await started.handle.result();
  expect((await worker.client.workflow.getHandle(`sync/${source}`).describe()).runId).not.toBe(started.runId);
  expect(await detailsOf(`sync/${source}`)).toContain(`- **${source}** (synthetic seed 5) is **done**`);
});
