// The worker process is killed (SIGKILL, no goodbye) at each point of a sync: before and after each activity's effect and
// inside the transaction. Another worker goes on, and the table holds what it would hold without the crash.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { testDatabase } from '../support/database.js';
import { faultPoints, timesAt, type FaultPoint } from '../support/faults.js';
import { checkLedger, clean, expectedOfSynthetic } from '../support/ledger-checker.js';
import { testClient, testWorker, uniqueQueue, uniqueSource } from '../support/temporal.js';
import { chosen } from '../support/share.js';

const database = testDatabase();
const options = { events: 500, seed: 31, duplicates: 0.2, hostile: true, pageEvents: 50 };
const program = fileURLToPath(new URL('../support/crashing-worker.mjs', import.meta.url));
const sources = new Set<string>();

/** Resolves when the worker has died at the point. */
async function workUntilKilled(taskQueue: string, point: FaultPoint): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'tributary-killed-'));
  const how = {
    databaseUrl: database.url,
    temporalAddress: inject('temporalAddress'),
    taskQueue,
    home,
    point,
    times: timesAt(point),
  };
  const child = spawn(process.execPath, [program, JSON.stringify(how)], { stdio: 'ignore' });
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  try {
    expect(await ended).toEqual([null, 'SIGKILL']);
  } finally {
    child.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  }
}

/** `npm test` kills at the same ones each time: a wrong change is to be noticed at those. */
const usual: readonly string[] = [
  'validate.before',
  'hash.before',
  'fetchPage.after',
  'persist.claimed',
  'persist.recorded',
  'persist.after',
];

const points = chosen(faultPoints, (point) => usual.includes(point));

test.concurrent.each(points)(
  'a worker killed at %s loses, doubles and invents nothing',
  async (point) => {
    const taskQueue = uniqueQueue('killed');
    const source = uniqueSource(`killed-${point.toLowerCase()}`);
    sources.add(source);
    const client = await testClient(taskQueue);
    const handle = await client.start({ source: { type: 'synthetic', id: source, options }, batch: { events: 100 } });
    await workUntilKilled(taskQueue, point);
    const since = performance.now();
    const survivor = await testWorker(database, { taskQueue });
    try {
      expect(await handle.result()).toMatchObject({ outcome: 'done', total: options.events, errors: 0 });
      // Design §4.16: the timeouts are chosen so that one kill costs less than this.
      expect(performance.now() - since).toBeLessThan(30_000);
    } finally {
      await survivor.stop();
      await client.close();
    }
  },
  120_000,
);

test('over all of them the ledger is clean', async () => {
  expect(sources.size).toBe(points.length);
  const verdict = await checkLedger(
    database.pool,
    [...sources].map((source) => expectedOfSynthetic(source, options)),
  );
  expect(verdict).toEqual({ inputs: sources.size * options.events, ...clean });
});
