// The worker as a process, with an extension that does what it should not: a promise nobody waits for, in the worker itself,
// ends no other source's work; and the processes of extensions are not told what is none of theirs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { builtFile } from '../../src/local/built.js';
import { packageRoot } from '../../src/package-root.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { testClient, uniqueQueue, uniqueSource, type TestClient } from '../support/temporal.js';

const database = testDatabase();
const directory = mkdtempSync(join(tmpdir(), 'tributary-main-'));
const taskQueue = uniqueQueue('main');
const canary = 'canary-7c41';
let client: TestClient;
let worker: ReturnType<typeof spawn>;
let said = '';

/** Its mapper, its fields of code, its stage and its processor note the environment they see. */
const extension = `
import { synthetic } from ${JSON.stringify(join(packageRoot, 'dist/src/sources/synthetic.js'))};
const seen = () => ({ variables: JSON.stringify(process.env) });
export const sources = [{
  ...synthetic, type: 'curious',
  events: [{ type: 'curious.event', summary: 'an event', stability: 'experimental', code: () => ({ symbol_name: JSON.stringify(process.env) }) }],
  prepare(context, cursor) {
    void Promise.reject(new Error('nobody waits for this'));
    void Promise.reject(Object.create(null));
    return synthetic.prepare(context, cursor);
  },
  toEvents: (record, mapping) => synthetic.toEvents(record, mapping).map((draft) => ({ ...draft, type: 'curious.event', data: { ...draft.data, ...seen() } })),
}];
export const stages = [{ name: 'curious', concurrency: 1, process: async () => ({ kind: 'advance', context: seen() }) }];
export const processors = [{ name: 'curious', canProcess: () => true, enrich: seen }];
`;

beforeAll(async () => {
  writeFileSync(join(directory, 'curious.mjs'), extension);
  client = await testClient(taskQueue);
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TRIBUTARY_ALLOW_VOLATILE: '1',
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TRIBUTARY_TASK_QUEUE: taskQueue,
    TRIBUTARY_HOME: join(directory, 'home'),
    TRIBUTARY_EXTENSIONS: join(directory, 'curious.mjs'),
    TRIBUTARY_EXTENSIONS_ENV: 'OWNER_TOKEN, ABSENT',
    OWNER_TOKEN: 'for-the-stage',
    DATABASE_URL: `${database.url}${database.url.includes('?') ? '&' : '?'}application_name=${canary}`,
    TRIBUTARY_SECRET_API: canary,
    TRIBUTARY_EMBED_KEY: 'env:SOME_MODELS_KEY',
    TRIBUTARY_EMBED_URL: 'http://127.0.0.1:1/',
    TRIBUTARY_EMBED_MODEL: 'none',
    SOME_MODELS_KEY: canary,
    PGPASSWORD: canary,
    TEMPORAL_GRPC_META_AUTHORIZATION: canary,
    HTTPS_PROXY: `http://somebody:${canary}@127.0.0.1:1`,
    AWS_SECRET_ACCESS_KEY: canary,
    GITHUB_TOKEN: canary,
  };
  worker = spawn(process.execPath, [builtFile('workers/main.js')], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  worker.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
  await eventually(
    'the worker is there',
    async () => (await database.pool.query('select from workers')).rowCount === 1,
  );
}, 120_000);

afterAll(async () => {
  await client.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a rejection nobody waits for is told in the log, and the worker works on until it is told to stop', async () => {
  const options = { events: 10, seed: 3 };
  const [careless, other] = [uniqueSource('careless'), uniqueSource('other')];
  const inputs = [
    { source: { type: 'curious', id: careless, options } },
    { source: { type: 'synthetic', id: other, options } },
  ];
  const results = await Promise.all(inputs.map((input) => client.sync(input)));
  expect(results).toMatchObject(inputs.map(() => ({ outcome: 'done', inserted: 10 })));
  expect(said).toMatch(/^error: a rejection nobody waited for: Error: nobody waits for this\n {4}at /m);
  expect(said).toMatch(/^error: a rejection nobody waited for: something was thrown that cannot be shown \(object\)$/m);
  expect(worker.exitCode).toBeNull();
});

test('no process of an extension sees a secret, an address of the database or a key; what the operator names, it does', async () => {
  const { rows } = await database.pool.query<{ mapper: string; code: string; stage: string; processor: string }>(
    `select data ->> 'variables' as mapper, enrichment -> 'code' ->> 'symbol_name' as code,
            enrichment -> 'context' ->> 'variables' as stage, enrichment -> 'curious' ->> 'variables' as processor
       from events where type = 'curious.event' limit 1`,
  );
  for (const text of Object.values(rows[0]!)) {
    expect(text).not.toContain(canary);
    const variables = JSON.parse(text) as Record<string, string>;
    expect(variables).toMatchObject({ PATH: process.env['PATH'], OWNER_TOKEN: 'for-the-stage' });
    expect(Object.keys(variables).filter((name) => /^(TRIBUTARY_|PG|TEMPORAL_|DATABASE_URL)/.test(name))).toEqual([]);
  }
});

test('told to stop, it ends in order', async () => {
  worker.kill('SIGTERM');
  expect(await once(worker, 'exit')).toEqual([0, null]);
  expect((await database.pool.query('select from workers')).rowCount).toBe(0);
});
