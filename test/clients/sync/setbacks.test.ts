// What is tried again is told while it is: what failed, how often, when it is tried next; and what nobody takes up.
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { progressLine } from '../../../src/clients/terminal/progress-line.js';
import { setbackLines, setbackText, type Setback } from '../../../src/clients/sync/setback-text.js';
import { setbacksOf } from '../../../src/clients/sync/setbacks.js';
import { openTerminal } from '../../../src/clients/terminal/terminal.js';
import { testDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { faulty } from '../../support/faults.js';
import { testClient, testWorker, uniqueQueue, uniqueSource, type TestWorker } from '../../support/temporal.js';

const database = testDatabase();
const broken = new Set<string>();
let worker: TestWorker;

beforeAll(async () => {
  const fault = faulty((point, source) => {
    if (point === 'persist.before' && broken.has(source))
      throw ApplicationFailure.retryable('the disk\nis gone', 'DiskError', { code: 'disk_gone' });
  });
  worker = await testWorker(database, fault);
});
afterAll(() => worker.stop());

async function firstSetback(
  workflowId: string,
  expected: (one: Setback) => boolean,
  client = worker.client,
): Promise<Setback> {
  return eventually(`a setback of ${workflowId}`, async () => (await setbacksOf(client, workflowId)).find(expected));
}

test('an activity that is tried again: its code and words, how often of how many, and when next', async () => {
  const source = uniqueSource('tried-again');
  broken.add(source);
  const handle = await worker.start({ source: { type: 'synthetic', id: source, options: { events: 10, seed: 1 } } });
  const setback = await firstSetback(handle.workflowId, ({ failed, nextAt }) => failed >= 2 && nextAt !== null);
  expect(setback).toMatchObject({
    source,
    step: 'persist',
    triesMax: 30,
    code: 'disk_gone',
    message: 'the disk is gone',
  });
  expect(Date.parse(setback.nextAt!)).toBeGreaterThan(Date.now() - 5_000);
  broken.delete(source);
  await handle.result();
  expect(await setbacksOf(worker.client, handle.workflowId)).toEqual([]);
});

test('a workflow task that fails says why', async () => {
  const source = uniqueSource('task');
  const handle = await worker.client.workflow.start('noSuchWorkflow', {
    workflowId: `sync/${source}`,
    taskQueue: worker.taskQueue,
  });
  const setback = await firstSetback(handle.workflowId, ({ failed }) => failed >= 1);
  expect(setback).toMatchObject({ source, step: 'workflow task', triesMax: null });
  expect(setback.message).toContain('noSuchWorkflow');
  await handle.terminate();
});

test('a sync that no worker takes up names the task queue nobody polls', async () => {
  const [source, taskQueue] = [uniqueSource('untaken'), uniqueQueue('untaken')];
  const client = await testClient(taskQueue);
  const handle = await client.start({ source: { type: 'synthetic', id: source, options: { events: 10, seed: 1 } } });
  const setback = await firstSetback(handle.workflowId, () => true, client.client);
  expect(setback).toMatchObject({ source, step: 'workflow task', failed: 0, code: 'no_worker', nextAt: null });
  expect(setback.message).toContain(`none polls the task queue ${taskQueue}`);
  await handle.terminate();
  await client.close();
});

const setback: Setback = {
  source: 'acme/api',
  step: 'persist',
  failed: 3,
  triesMax: 30,
  code: '53100',
  message: 'could not extend file',
  nextAt: null,
};

test('as a line for people', () => {
  expect(setbackText(setback)).toBe(
    'acme/api · persist failed 3 times of at most 30 (53100: could not extend file); tried again now',
  );
  expect(
    setbackText({
      ...setback,
      failed: 1,
      triesMax: null,
      code: null,
      nextAt: new Date(Date.now() + 60_500).toISOString(),
    }),
  ).toMatch(/^acme\/api · persist failed 1 time \(could not extend file\); next try in 1 min \d s$/);
  expect(setbackText({ ...setback, failed: 0, code: 'no_worker', message: 'no worker' })).toBe(
    'acme/api · persist waits: no_worker: no worker',
  );
});

test('of sources in line three are named, beside all else that holds one up', () => {
  const inLine = (source: string): Setback => ({
    ...setback,
    source,
    step: 'turn',
    failed: 0,
    code: 'in_line',
    message: 'it waits',
  });
  expect(setbackLines(['a', 'b', 'c'].map(inLine))).toEqual(
    ['a', 'b', 'c'].map((source) => `${source} · turn waits: in_line: it waits`),
  );
  const many = ['a', 'b', 'c', 'd', 'e'].map(inLine);
  expect(setbackLines([many[0]!, setback, ...many.slice(1)])).toEqual([
    setbackText(setback),
    'a, b, c and 2 more wait for their turn: many started at once',
  ]);
});

test('each step is told once, however often one asks, as a line of JSON where JSON is wanted', () => {
  const items: unknown[] = [];
  const line = progressLine({ ...openTerminal(true), item: (value) => void items.push(value) }, 'acme/api');
  for (let failed = 1; failed <= 50; failed++) {
    line.setback({ ...setback, failed });
    line.setback({ ...setback, step: 'hash', failed });
  }
  expect(items).toEqual([{ retry: { ...setback, failed: 1 } }, { retry: { ...setback, step: 'hash', failed: 1 } }]);
});
