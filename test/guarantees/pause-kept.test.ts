// A pause holds where it is easily lost: said while a run begins or ends, while it waits too long for one history, while an
// older one ends.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.js';
import { findPause, savePause } from '../../src/store/pauses.js';
import type { Progress } from '../../src/workflows/messages.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { createGate, type Gate } from '../support/gate.js';
import { chainOf } from '../support/histories.js';
import { testWorker, uniqueSource, type SyncHandle, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
/** Where the opening of a run waits, after Postgres was asked. */
const opening = new Map<string, Gate>();
/** Where the closing of a run waits. */
const closing = new Map<string, Gate>();
const refusedOnce = new Set<string>();
const shortHistory = 60;
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database, { activities: wrapped });
});
afterAll(() => worker.stop());

/** closeRun waits for its gate; the first word to the database of `closed-…` fails; histories are short. */
function wrapped(real: Activities): Activities {
  return {
    ...real,
    async openRun(input) {
      const opened = await real.openRun(input);
      await opening.get(opened.source)?.pass();
      return opened.kind === 'run' ? { ...opened, plan: { ...opened.plan, historyEventsMax: shortHistory } } : opened;
    },
    async keepPause(input) {
      if (input.source.startsWith('closed') && !refusedOnce.has(input.source)) {
        refusedOnce.add(input.source);
        throw new Error('the connection is gone');
      }
      return real.keepPause(input);
    },
    async closeRun(input) {
      await closing.get(input.source)?.pass();
      return real.closeRun(input);
    },
  };
}

function inputOf(id: string) {
  return { source: { type: 'synthetic', id, options: { events: 50 } } };
}

function latest({ workflowId }: SyncHandle) {
  return worker.client.workflow.getHandle(workflowId);
}

async function paused(handle: SyncHandle): Promise<Progress> {
  return eventually(`${handle.workflowId} is paused`, async () => {
    const progress = await latest(handle).query<Progress>('progress');
    return progress.state === 'paused' ? progress : null;
  });
}

/** A run that has asked Postgres and does not know the answer. */
async function heldWhileItOpens(source: string): Promise<{ handle: SyncHandle; gate: Gate }> {
  const gate = createGate();
  opening.set(source, gate);
  const handle = await worker.start(inputOf(source));
  await gate.reached;
  return { handle, gate };
}

test('said while the run opens, it is newer than what Postgres had: no page is begun', async () => {
  const source = uniqueSource('opened');
  const { handle, gate } = await heldWhileItOpens(source);
  await handle.signal('pause', { reason: 'early' });
  gate.open();
  expect(await paused(handle)).toMatchObject({ reason: 'paused: early', pagesFetched: 0 });
  expect(await findPause(database.pool, source)).toMatchObject({ reason: 'early' });
  await latest(handle).signal('resume');
  expect(await handle.result()).toMatchObject({ outcome: 'done', total: 50 });
});

test('resumed while the run opens, the pause that Postgres had is over', async () => {
  const source = uniqueSource('resumed');
  await worker.sync(inputOf(source));
  await savePause(database.pool, source, { reason: 'old', until: null, by: null });
  const { handle, gate } = await heldWhileItOpens(source);
  await handle.signal('resume');
  gate.open();
  expect(await handle.result()).toMatchObject({ outcome: 'done_empty' });
  expect(await findPause(database.pool, source)).toBeNull();
});

test('said while the run closes, it is written before the run ends, also when the first try fails', async () => {
  const source = uniqueSource('closed');
  const gate = createGate();
  closing.set(source, gate);
  const handle = await worker.start(inputOf(source));
  await gate.reached;
  await handle.signal('pause', { reason: 'late' });
  gate.open();
  expect(await handle.result()).toMatchObject({ outcome: 'done' });
  expect(await findPause(database.pool, source)).toMatchObject({ reason: 'late' });
});

test('a run that waits goes on as a new one before what is said to it fills its history, and waits there', async () => {
  const source = uniqueSource('long');
  await worker.sync(inputOf(source));
  await savePause(database.pool, source, { reason: 'for long', until: null, by: null });
  const handle = await worker.start(inputOf(source));
  await paused(handle);
  await eventually('a new run waits', async () => {
    await latest(handle).signal('poll');
    return (await latest(handle).describe()).runId !== handle.firstExecutionRunId;
  });
  expect(await paused(handle)).toMatchObject({ reason: 'paused: for long' });
  await latest(handle).signal('resume');
  await handle.result();
  for (const { events } of await chainOf(worker.client, handle)) expect(events).toBeLessThan(2 * shortHistory);
});

test('the end of an older pause does not end a newer one, of which the run was not told', async () => {
  const source = uniqueSource('newer');
  await worker.sync(inputOf(source));
  await savePause(database.pool, source, {
    reason: 'older',
    until: new Date(Date.now() + 3_000).toISOString(),
    by: null,
  });
  const handle = await worker.start(inputOf(source));
  await paused(handle);
  await savePause(database.pool, source, { reason: 'newer', until: null, by: null });
  expect(await handle.result()).toMatchObject({ outcome: 'done_empty' });
  expect(await findPause(database.pool, source)).toMatchObject({ reason: 'newer' });
});
