// The runs whose histories are recorded: every way a sync can go that gives another sequence of commands.
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../src/activities/index.js';
import type { Progress } from '../../src/workflows/messages.js';
import type { TestDatabase } from '../support/database.js';
import { advance, countingStage } from '../support/event-stages.js';
import { eventually } from '../support/eventually.js';
import { chainOf, shownHistory, type ShownHistory } from '../support/histories.js';
import { announced, growthOf } from '../support/growing-source.js';
import { createGate } from '../support/gate.js';
import { testWorker, uniqueSource, type SyncHandle, type TestWorker } from '../support/temporal.js';

export interface TypicalRun {
  readonly name: string;
  readonly workflowId: string;
  readonly history: ShownHistory;
}

const continueAfterEvents = 80;

export async function typicalRuns(database: TestDatabase): Promise<TypicalRun[]> {
  const gates = new Map<string, ReturnType<typeof createGate>>();
  const worker = await testWorker(database, { activities: (real) => wrapped(real, gates) });
  try {
    return [
      ...(await runAll(worker, gates)),
      ...(await pausedRuns(worker, gates)),
      await followedRun(worker),
      await newsRun(database),
      await deferredRun(database),
    ];
  } finally {
    await worker.stop();
  }
}

/** Paused twice, by a scheduled start and for a while, with smaller pages in between; and what continued it. */
async function pausedRuns(
  worker: TestWorker,
  gates: Map<string, ReturnType<typeof createGate>>,
): Promise<TypicalRun[]> {
  const source = uniqueSource('paused');
  const gate = createGate();
  gates.set(source, gate);
  const workflowId = `sync/${source}`;
  const input = {
    source: { type: 'synthetic', id: source, options: { events: 400, pageEvents: 50 } },
    batch: { events: 100, inFlight: 2 },
  };
  const parent = await worker.start(input, `scheduled-${source}`);
  await gate.reached;
  const handle = worker.client.workflow.getHandle(workflowId) as unknown as SyncHandle;
  await parent.signal('pause', { reason: 'to be recorded' });
  await eventually('it is told', async () => (await handle.query<Progress>('progress')).state === 'pausing');
  await handle.executeUpdate('setBatch', { args: [{ events: 50 }] });
  gate.open();
  await eventually('it is paused', async () => (await handle.query<Progress>('progress')).state === 'paused');
  const { runId } = await handle.describe();
  await handle.signal('pause', { until: new Date(Date.now() + 1_000).toISOString() });
  await parent.result();
  return [
    { name: 'paused', workflowId, history: await shownHistory(workflowId, runId) },
    { name: 'resumed', workflowId, history: await shownHistory(workflowId) },
    { name: 'relayed', workflowId: parent.workflowId, history: await shownHistory(parent.workflowId) },
  ];
}

/** Looked at thrice, once because somebody asked, and stopped while it waits. */
async function followedRun(worker: TestWorker): Promise<TypicalRun> {
  const source = uniqueSource('followed');
  const input = {
    source: { type: 'synthetic', id: source, options: { events: 100 } },
    mode: 'follow',
    pollIntervalMs: 1_000,
  } as const;
  const handle = await worker.start(input);
  const looked = (times: number) =>
    eventually(
      `it was looked at ${times} times`,
      async () => (await handle.query<Progress>('progress')).polls >= times,
    );
  await looked(1);
  await handle.signal('poll');
  await looked(3);
  await handle.signal('stop');
  await handle.result();
  return { name: 'followed', workflowId: handle.workflowId, history: await shownHistory(handle.workflowId) };
}

/** Its own look finds something, then a person asks, then it is stopped while it waits. */
async function newsRun(database: TestDatabase): Promise<TypicalRun> {
  const worker = await testWorker(database, { sources: [announced] });
  try {
    const source = uniqueSource('news');
    const growth = growthOf(source);
    const handle = await worker.start({
      source: { type: 'announced', id: source, options: {} },
      mode: 'follow',
      pollIntervalMs: 100,
    });
    const has = (count: number) =>
      eventually(`${count} are stored`, async () => (await handle.query<Progress>('progress')).inserted === count);
    const waits = () =>
      eventually('it waits', async () => (await handle.query<Progress>('progress')).nextPollAt !== null);
    growth.count = 2;
    await has(2);
    await waits();
    growth.count = 3;
    await has(3);
    await waits();
    await handle.signal('poll');
    await eventually('it was asked', async () => (await handle.query<Progress>('progress')).polls >= 3);
    await handle.signal('stop');
    await handle.result();
    return { name: 'news', workflowId: handle.workflowId, history: await shownHistory(handle.workflowId) };
  } finally {
    await worker.stop();
  }
}

/** A worker with a stage of its own that puts events off once: they come back in the same run. */
async function deferredRun(database: TestDatabase): Promise<TypicalRun> {
  const stage = countingStage('owners', ({ attempt, data }) =>
    attempt === 1 && Number(data.index) % 2 === 0 ? { kind: 'defer', afterMs: 0 } : advance,
  );
  const worker = await testWorker(database, { stages: [stage] });
  try {
    const source = uniqueSource('deferred');
    await worker.sync({
      source: { type: 'synthetic', id: source, options: { events: 100, pageEvents: 50 } },
      batch: { events: 50, inFlight: 1 },
    });
    return { name: 'deferred', workflowId: `sync/${source}`, history: await shownHistory(`sync/${source}`) };
  } finally {
    await worker.stop();
  }
}

/** Sources with a gate wait in persist; `continued` has a short history; `gone` loses its origin at the third page. */
function wrapped(real: Activities, gates: ReadonlyMap<string, ReturnType<typeof createGate>>): Activities {
  return {
    ...real,
    async openRun(input) {
      const opened = await real.openRun(input);
      if (opened.kind !== 'run' || !opened.source.startsWith('continued')) return opened;
      return { ...opened, plan: { ...opened.plan, historyEventsMax: continueAfterEvents } };
    },
    async fetchPage(input) {
      if (input.page.source.startsWith('gone') && input.page.seq === 3)
        throw ApplicationFailure.nonRetryable('the origin is gone', 'NeedsAttention');
      return real.fetchPage(input);
    },
    async persist(input) {
      await gates.get(input.page.source)?.pass();
      return real.persist(input);
    },
  };
}

async function runAll(worker: TestWorker, gates: Map<string, ReturnType<typeof createGate>>): Promise<TypicalRun[]> {
  const found: TypicalRun[] = [];
  const keep = async (name: string, workflowId: string) => {
    found.push({ name, workflowId, history: await shownHistory(workflowId) });
  };
  const inputOf = (id: string, options: object = {}) => ({
    source: { type: 'synthetic', id, options: { events: 400, seed: 71, duplicates: 0.1, pageEvents: 100, ...options } },
    batch: { events: 100, inFlight: 2 },
  });

  const plain = uniqueSource('plain');
  await worker.sync(inputOf(plain));
  await keep('done', `sync/${plain}`);
  await worker.sync({ sourceId: plain });
  await keep('done-empty', `sync/${plain}`);

  const scheduled = `scheduled-${plain}`;
  await worker.sync({ sourceId: plain }, scheduled);
  await keep('delegated', scheduled);

  for (const [name, ask] of [
    ['stopped', 'stop'],
    ['cancelled', 'cancel'],
  ] as const) {
    const source = uniqueSource(name);
    const gate = createGate();
    gates.set(source, gate);
    const handle = await worker.start(inputOf(source));
    await gate.reached;
    if (ask === 'stop') await handle.signal('stop');
    else await handle.cancel();
    if (name === 'stopped')
      await worker.sync(inputOf(source), `second-${source}`).then(() => keep('already-running', `second-${source}`));
    gate.open();
    await handle.result().catch(() => undefined);
    await keep(name, handle.workflowId);
  }

  const wrong = uniqueSource('wrong');
  await worker.sync(inputOf(wrong, { surprise: 1 })).catch(() => undefined);
  await keep('refused', `sync/${wrong}`);

  const continued = uniqueSource('continued');
  const handle = await worker.start(inputOf(continued, { events: 1_000 }));
  await handle.result();
  const chain = await chainOf(worker.client, handle);
  for (const [at, { runId }] of chain.slice(0, 2).entries()) {
    found.push({
      name: `continued-${at + 1}`,
      workflowId: handle.workflowId,
      history: await shownHistory(handle.workflowId, runId),
    });
  }

  const gone = uniqueSource('gone');
  await worker.sync(inputOf(gone)).catch(() => undefined);
  await keep('needs-attention', `sync/${gone}`);
  return found;
}
