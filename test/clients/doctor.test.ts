// doctor says what is missing and what to do, for people and for programs, and starts nothing.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openDatabase, testDatabase } from '../support/database.js';
import { testWorker, type TestWorker } from '../support/temporal.js';
import { tributary, type Outcome } from './command.js';

const database = testDatabase();
const directory = mkdtempSync(join(tmpdir(), 'tributary-doctor-'));
const home = join(directory, 'home');
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database);
});

afterAll(async () => {
  await worker.stop();
  rmSync(directory, { recursive: true, force: true });
});

function doctor(environment: Record<string, string> = {}): Promise<Outcome> {
  return tributary(['doctor', '--json'], { TRIBUTARY_HOME: home, ...environment });
}

function ownServers(): Record<string, string> {
  return {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TRIBUTARY_TASK_QUEUE: worker.taskQueue,
  };
}

function finding({ items }: Outcome, check: string): Record<string, unknown> | undefined {
  return items.find((item) => item['check'] === check);
}

test('with nothing running it is fine, says what there is, and starts nothing', async () => {
  const asked = await doctor({ TRIBUTARY_TEMPORAL_CLI: inject('temporalCli') });
  expect(asked.items.filter(({ state }) => state === 'fail')).toEqual([]);
  expect(asked).toMatchObject({ code: 0, err: '' });
  expect(finding(asked, 'node')).toMatchObject({
    state: 'ok',
    found: expect.stringContaining(process.versions.node) as string,
  });
  expect(finding(asked, 'stack')).toMatchObject({
    state: 'ok',
    found: `nothing runs in ${home}; \`tributary up\` starts it`,
  });
  expect(finding(asked, 'temporal program')).toMatchObject({ state: 'ok', found: inject('temporalCli') });
  expect(finding(asked, 'postgres programs')).toMatchObject({ state: 'ok' });
  expect(asked.items.at(-1)).toMatchObject({ ok: true, failures: 0 });
  expect(existsSync(home)).toBe(false);
});

test('settings in force are told with where each comes from, and secrets only as set', async () => {
  const password = 'hunter2';
  const asked = await doctor({
    DATABASE_URL: `postgres://ana:${password}@127.0.0.1:1/events`,
    TRIBUTARY_MEMORY: '600MiB',
    TRIBUTARY_SECRET_ACME: password,
    TRIBUTARY_EMBED_URL: `http://127.0.0.1:1/v1?key=${password}`,
    TRIBUTARY_EMBED_MODEL: 'm',
    TRIBUTARY_TEMPORAL_CLI: inject('temporalCli'),
    https_proxy: `http://ana:${password}@127.0.0.1:1`,
  });
  expect(asked.out + asked.err).not.toContain(password);
  const settings = asked.items.filter((item) => 'setting' in item);
  for (const setting of [
    { setting: 'DATABASE_URL', value: 'set', from: 'environment' },
    { setting: 'TRIBUTARY_MEMORY', value: 600 * 1_024 * 1_024, from: 'environment' },
    { setting: 'TRIBUTARY_SECRET_ACME', value: 'set', from: 'environment' },
    { setting: 'TRIBUTARY_EMBED_URL', value: 'http://127.0.0.1:1/v1', from: 'environment' },
    { setting: 'https_proxy', value: 'set', from: 'environment' },
    { setting: 'TRIBUTARY_TASK_QUEUE', value: 'tributary', from: 'default' },
    { setting: 'TRIBUTARY_SECRETS_DIR', value: join(home, 'secrets'), from: 'derived from TRIBUTARY_HOME' },
  ])
    expect(settings).toContainEqual(setting);
  expect((await tributary(['doctor'], { TRIBUTARY_HOME: home, TRIBUTARY_MEMORY: '600MiB' })).out).toMatch(
    /^setting +from +in force\n[^]*^TRIBUTARY_MEMORY +environment +629145600$/m,
  );
});

test('a misspelt variable is told where it would have been used, too', async () => {
  expect(await tributary(['worker'], { TRIBUTARY_HOME: home, TRIBUTARY_MEMROY: '1GiB' })).toMatchObject({
    code: 2,
    err: expect.stringMatching(
      /^warning: TRIBUTARY_MEMROY is set and means nothing here; did you mean TRIBUTARY_MEMORY\?\nerror: /,
    ) as string,
  });
});

test('in words: a mark, what was found, and one sentence of what to do where something is wrong', async () => {
  const { code, out } = await tributary(['doctor'], {
    TRIBUTARY_HOME: home,
    TRIBUTARY_HOMES: 'x',
    TRIBUTARY_TEMPORAL_CLI: inject('temporalCli'),
  });
  expect(code).toBe(0);
  expect(out).toMatch(/^ok {4}node: Node /m);
  expect(out).toContain(
    'warn  environment: TRIBUTARY_HOMES is set and means nothing here\n      Did you mean TRIBUTARY_HOME?\n',
  );
  expect(out).toMatch(/fine: \d+ checks, \d+ with a warning/);
});

test('a misspelt variable is named with the one that was meant, and its value is not shown', async () => {
  const asked = await doctor({ TRIBUTARY_TASKQUEUE: 'secret-value', TRIBUTARY_QUITE_ANOTHER: '1' });
  const told = asked.items.filter(({ check }) => check === 'environment');
  expect(told).toMatchObject([
    { state: 'warn', advice: expect.stringContaining('docs/environment.md') as string },
    { state: 'warn', advice: 'Did you mean TRIBUTARY_TASK_QUEUE?' },
  ]);
  expect(asked.out).not.toContain('secret-value');
});

test('servers of your own: all there is to say of them, and a worker polls', async () => {
  const asked = await doctor(ownServers());
  expect(finding(asked, 'postgres')).toMatchObject({ state: 'ok' });
  expect(finding(asked, 'migrations')).toMatchObject({
    state: 'ok',
    found: expect.stringMatching(/^all \d+ applied$/) as string,
  });
  expect(finding(asked, 'temporal')).toMatchObject({ state: 'ok' });
  expect(finding(asked, 'search attributes')).toMatchObject({ state: 'ok' });
  expect(finding(asked, 'workers')).toMatchObject({ state: 'ok' });
  expect((await doctor({ ...ownServers(), TRIBUTARY_TASK_QUEUE: 'nobody-polls-this' })).items).toContainEqual(
    expect.objectContaining({ check: 'workers', state: 'warn' }),
  );
});

test('a Postgres that may lose commits in a crash is a failure', async () => {
  const off = (await database.pool.query<{ fsync: string }>('show fsync')).rows[0]!.fsync === 'off';
  const asked = await doctor(ownServers());
  expect(finding(asked, 'durability')?.['state']).toBe(off ? 'fail' : 'ok');
  expect(asked.code).toBe(off ? 1 : 0);
});

test('an empty database waits for a worker; one of another version is a failure', async () => {
  const empty = await openDatabase('template0');
  try {
    expect(finding(await doctor({ ...ownServers(), DATABASE_URL: empty.url }), 'migrations')).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('0001_store.sql') as string,
    });
    await empty.pool.query(
      `create table schema_migrations (version integer, name text, sha256 text); insert into schema_migrations values (9999, '9999_later.sql', 'x')`,
    );
    expect(finding(await doctor({ ...ownServers(), DATABASE_URL: empty.url }), 'migrations')).toMatchObject({
      state: 'fail',
      found: '9999_later.sql not as in this version',
    });
  } finally {
    await empty.drop();
  }
});

test('servers that do not answer are failures, and no password is shown', async () => {
  const asked = await doctor({
    DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:9/none',
    TEMPORAL_ADDRESS: '127.0.0.1:9',
  });
  expect(finding(asked, 'postgres')).toMatchObject({ state: 'fail' });
  expect(finding(asked, 'temporal')).toMatchObject({ state: 'fail' });
  expect(asked.code).toBe(1);
  expect(asked.out + asked.err).not.toContain('hunter2');
});

test('a git that is too old or missing, and a program that is not Temporal, are failures', async () => {
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  const fake = (name: string, says: string): string => {
    writeFileSync(join(bin, name), `#!/bin/sh\necho '${says}'\n`);
    chmodSync(join(bin, name), 0o755);
    return join(bin, name);
  };
  fake('git', 'git version 2.30.9');
  const asked = await doctor({ PATH: bin, TRIBUTARY_TEMPORAL_CLI: fake('temporal', 'something else') });
  expect(finding(asked, 'git')).toMatchObject({ state: 'fail', found: `git 2.30.9 (${join(bin, 'git')})` });
  expect(finding(asked, 'temporal program')).toMatchObject({
    state: 'fail',
    found: expect.stringContaining('is another program') as string,
  });
  expect(asked.code).toBe(1);
  rmSync(join(bin, 'git'));
  expect(finding(await doctor({ PATH: bin }), 'git')).toMatchObject({ state: 'fail', found: 'no git on PATH' });
});

test('a home that cannot be written to is a failure', async () => {
  // Root may write anywhere; below a file nobody may.
  const file = join(directory, 'file');
  writeFileSync(file, '');
  const asked = await doctor({ TRIBUTARY_HOME: join(file, 'home') });
  expect(finding(asked, 'home')).toMatchObject({
    state: 'fail',
    advice: expect.stringContaining('TRIBUTARY_HOME') as string,
  });
});

test('a supervisor that was killed is told, with what to do', async () => {
  const crashed = join(directory, 'crashed');
  mkdirSync(crashed);
  const pid = Number(execFileSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }));
  const record = {
    state: 'ready',
    supervisor: { pid, startedAt: 'before' },
    progress: [],
    failure: null,
    processes: {},
    stack: null,
  };
  writeFileSync(join(crashed, 'stack.json'), JSON.stringify(record));
  expect(finding(await doctor({ TRIBUTARY_HOME: crashed }), 'stack')).toMatchObject({
    state: 'warn',
    advice: expect.stringContaining('tributary up') as string,
  });
});
