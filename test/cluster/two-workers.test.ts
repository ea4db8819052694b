// The topology of docker-compose.yml at work: Postgres, a Temporal server that persists to it, two workers from the image's
// files, one of them killed while it works. Nothing is lost and nothing is doubled.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, expect, inject, onTestFailed, test } from 'vitest';
import type { ServerProcess } from '../../src/local/server-process.js';
import { createPool, type Pool } from '../../src/store/pool.js';
import { workerRole } from '../../src/store/worker-role.js';
import { composePath } from '../deploy/compose-file.js';
import { eventually } from '../support/eventually.js';
import { checkLedger, clean, expectedOfSynthetic } from '../support/ledger-checker.js';
import { startCluster, type Cluster } from './cluster.js';

let cluster: Cluster;
let workers: ServerProcess[];
let pool: Pool;
let connection: Connection;
/** A kill costs half a minute at most; the rest is for a machine that does other things too. */
const commandMsMax = 240_000;
const options = { events: 100_000, seed: 8, duplicates: 0.1, hostile: true };

beforeAll(async () => {
  cluster = await startCluster();
  workers = [await cluster.startWorker('worker-1'), await cluster.startWorker('worker-2')];
  pool = createPool(cluster.databaseUrl, { name: 'cluster test', statementTimeoutMs: 60_000 });
  connection = await Connection.connect({ address: cluster.temporalAddress });
});

afterAll(async () => {
  await connection?.close();
  await pool?.end();
  await cluster?.end();
});

afterEach(() => onTestFailed(() => void process.stderr.write(`${cluster.logs()}\n`)));

interface Outcome {
  readonly code: number;
  readonly err: string;
  readonly items: Record<string, unknown>[];
}

/** A program of the image, in a container's place: its files, its environment. */
function run(words: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
  const env = {
    ...process.env,
    ...cluster.environment,
    TRIBUTARY_HOME: join(cluster.directory, 'cli'),
    ...environment,
  };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      words,
      { cwd: join(cluster.directory, 'app'), env, timeout: commandMsMax },
      (error, out, err) => {
        const items = out
          .split('\n')
          .filter((line) => line.startsWith('{'))
          .map((line) => JSON.parse(line) as Record<string, unknown>);
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), err, items });
      },
    );
  });
}

const tributary = (...words: string[]) => run(['bin/tributary.js', ...words, '--json']);

test('the compose file is what the compose specification allows', () => {
  const check = (path: string) =>
    execFileSync(join(inject('programs'), 'compose-spec'), ['--no-interpolation', path], { stdio: 'pipe' }).toString();
  expect(check(composePath)).toContain('tributary-worker');
  const wrong = join(cluster.directory, 'wrong.yml');
  writeFileSync(wrong, 'services: { one: { image: one, restarts: always } }\n');
  expect(() => check(wrong)).toThrow('restarts');
});

test('the jobs may run again, as they do at each start and after an upgrade: they find all there', async () => {
  await cluster.runJob('temporal-schema');
  expect(await cluster.runJob('temporal-namespace')).toContain(`namespace ${cluster.namespace} is there`);
});

test('each role reaches its own databases only, and a worker gives up the right to change the schema', async () => {
  const denied = async (role: 'temporal' | 'tributary', database: string) => {
    const other = createPool(cluster.databaseUrlOf(role, database), { name: 'cluster test', connectionsMax: 1 });
    await expect(other.query('select 1')).rejects.toThrow('grant it connect');
    await other.end();
  };
  await denied('temporal', 'tributary');
  await denied('tributary', 'temporal');
  await denied('tributary', 'temporal_visibility');
  expect(await workerRole(cluster.databaseUrl)).toEqual({ role: 'tributary_worker' });
});

test('a container is healthy once its worker polls', async () => {
  await eventually('a worker polls', async () => (await run(['dist/src/workers/health.js'])).code === 0);
});

test('the worker has registered its search attributes in the namespace it was given', async () => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: cluster.namespace });
  expect(Object.keys(customAttributes ?? {})).toEqual(
    expect.arrayContaining(['TributarySource', 'TributarySourceType', 'TributaryState', 'TributaryEvents']),
  );
});

test('a sync whose worker is killed goes on with the other: lost 0, doubled 0', async () => {
  const workflowId = 'sync/cluster/killed';
  // Small pages: there is much left to do when the first is committed.
  const input = { source: { type: 'synthetic', id: 'cluster/killed', options }, batch: { events: 5_000 } };
  await new Client({ connection, namespace: cluster.namespace }).workflow.start('syncSource', {
    taskQueue: 'tributary',
    workflowId,
    args: [input],
  });
  // The command joins a sync that runs, and waits for it.
  const set = Object.entries(options).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const sync = tributary('sync', 'synthetic', '--id', 'cluster/killed', ...set);
  const killed = await killWhoWorks(workflowId);
  const survivor = workers.find(({ pid }) => pid !== killed)!;
  const { code, items } = await sync;
  // Before it, what was tried again is told.
  expect([code, items.at(-1)]).toMatchObject([0, { outcome: 'done', total: options.events, errors: 0 }]);
  expect(survivor.hasExited()).toBe(false);
  const verified = await tributary('verify');
  expect(verified.items.at(-1)).toMatchObject({ ok: true, lost: 0, doubled: 0, invented: 0, altered: 0 });
  expect(await checkLedger(pool, [expectedOfSynthetic('cluster/killed', options)])).toEqual({
    inputs: options.events,
    ...clean,
  });
}, 300_000);

/** Waits until pages are committed, then kills the worker that Temporal names for the activity under way. Returns its pid. */
async function killWhoWorks(workflowId: string): Promise<number> {
  const handle = new Client({ connection, namespace: cluster.namespace }).workflow.getHandle(workflowId);
  const pid = await eventually(
    'a worker is at work on a sync that has committed',
    async () => {
      const { rows } = await pool
        .query<{ pages: number }>('select count(*)::integer as pages from ledger')
        .catch(() => ({ rows: [] }));
      if ((rows[0]?.pages ?? 0) === 0) return null;
      const { raw } = await handle.describe();
      const identity = raw.pendingActivities?.map((activity) => activity.lastWorkerIdentity).find((found) => found);
      return identity === undefined || identity === null ? null : Number(identity.split('@')[0]);
    },
    120_000,
  );
  expect(workers.map((worker) => worker.pid)).toContain(pid);
  process.kill(pid, 'SIGKILL');
  return pid;
}

test("the survivor reads a git repository, with the image's files alone", async () => {
  const repository = join(cluster.directory, 'repository');
  mkdirSync(repository);
  const git = (...words: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...words], {
      cwd: repository,
      stdio: 'ignore',
    });
  git('init');
  git('commit', '--allow-empty', '-m', 'First');
  expect(await tributary('sync', 'git', repository, '--id', 'cluster/git')).toMatchObject({
    code: 0,
    items: [{ outcome: 'done' }],
  });
});

test('SIGTERM, which is what stopping a container sends, lets the worker drain and end by itself', async () => {
  const survivor = workers.find((worker) => !worker.hasExited())!;
  process.kill(survivor.pid, 'SIGTERM');
  expect(await survivor.exited).toBe('exit code 0');
});
