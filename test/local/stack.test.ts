import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { loadConfig } from '../../src/config.js';
import type { Config } from '../../src/config.js';
import { exitCodeOf, exitCodes } from '../../src/domain/exit-codes.js';
import { builtFile } from '../../src/local/built.js';
import { freePort } from '../../src/local/free-port.js';
import { lockHome } from '../../src/local/home-lock.js';
import { isRunning } from '../../src/local/process-identity.js';
import type { ProcessIdentity } from '../../src/local/process-identity.js';
import { ensureStack, stackStatus, stopStack } from '../../src/local/stack.js';
import type { Stack, StackOptions } from '../../src/local/stack.js';
import { readRecord } from '../../src/local/stack-record.js';
import type { PartName, StackRecord } from '../../src/local/stack-record.js';
import { servesNamespace } from '../../src/local/temporal-health.js';
import { until } from '../../src/local/until.js';

// Real servers start and stop here; two cores shared with the other test files.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const BOUND_MS = 30_000;
const workerStub = fileURLToPath(new URL('./worker-stub.mjs', import.meta.url));
const doorStub = fileURLToPath(new URL('./door-stub.mjs', import.meta.url));
const configs: Config[] = [];

afterEach(async () => {
  for (const config of configs.splice(0)) {
    await stopStack(config);
    const pointer = join(config.home, 'postgres', 'data.path');
    if (existsSync(pointer)) rmSync(readFileSync(pointer, 'utf8').trim(), { recursive: true, force: true });
    rmSync(dirname(config.home), { recursive: true, force: true });
  }
});

function newConfig(environment: Record<string, string> = {}, mode = 0o711): Config {
  const parent = mkdtempSync(join(tmpdir(), 'tributary-stack-'));
  chmodSync(parent, mode);
  const config = loadConfig({ ...environment, TRIBUTARY_HOME: join(parent, '.tributary') });
  configs.push(config);
  return config;
}

async function ensure(config: Config, own: Partial<StackOptions> = {}): Promise<Stack> {
  const ports = {
    postgres: await freePort(0),
    temporal: await freePort(0),
    temporalUi: await freePort(0),
    door: await freePort(0),
  };
  return ensureStack(config, {
    onProgress: () => undefined,
    workerEntry: workerStub,
    doorEntry: doorStub,
    ports,
    ...own,
  });
}

function recordOf(config: Config): StackRecord {
  const record = readRecord(config.home);
  if (record === null) throw new Error('no stack.json');
  return record;
}

function processOf(config: Config, name: PartName): ProcessIdentity {
  const found = recordOf(config).processes[name];
  if (found === undefined) throw new Error(`no ${name} in stack.json`);
  return found;
}

function allProcesses(config: Config): ProcessIdentity[] {
  const record = recordOf(config);
  return [record.supervisor, ...Object.values(record.processes)];
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function eventually<T>(what: string, check: () => T | Promise<T>): Promise<void> {
  const found = await until(
    async () =>
      (await Promise.resolve()
        .then(check)
        .catch(() => false))
        ? true
        : null,
    BOUND_MS,
  );
  if (found === null) throw new Error(`not within ${BOUND_MS} ms: ${what}`);
}

function kill(victim: ProcessIdentity): Promise<void> {
  process.kill(victim.pid, 'SIGKILL');
  return eventually(`end of ${victim.pid}`, () => !isRunning(victim));
}

async function createKept(stack: Stack): Promise<void> {
  await ask(stack.databaseUrl, 'create table kept as select 42 as answer');
}

async function expectKept(stack: Stack): Promise<void> {
  expect(await ask(stack.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
}

test('the first call starts everything and says so, the next ones find it', async () => {
  const config = newConfig();
  const lines: string[] = [];
  const stack = await ensure(config, { onProgress: (line) => lines.push(line) });
  expect(stack).toMatchObject({ managed: 'all', temporalNamespace: 'default' });
  expect(lines.join('\n')).toContain('PostgreSQL');
  expect(await ask(stack.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(await servesNamespace(stack.temporalAddress, 'default')).toBe(true);
  expect(JSON.parse(readFileSync(join(config.home, 'worker.json'), 'utf8'))).toEqual({
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: stack.temporalAddress,
    TEMPORAL_NAMESPACE: 'default',
  });
  expect(await ensure(config)).toEqual(stack);
  // The README tells people to export it for Temporal's own program: it means no other Temporal.
  const exported = { ...config, temporalConfigured: true, temporalAddress: stack.temporalAddress };
  expect(await ensure(exported)).toEqual(stack);
  await expect(ensure({ ...exported, temporalAddress: '127.0.0.1:1' })).rejects.toThrow('DATABASE_URL: is not set');
  expect(await stackStatus(config)).toMatchObject({
    state: 'ready',
    stack,
    supervisorPid: recordOf(config).supervisor.pid,
  });
});

test('what is in the home is private and not for git', async () => {
  const config = newConfig();
  await ensure(config);
  expect(statSync(config.home).mode & 0o066).toBe(0);
  for (const file of ['stack.json', 'temporal.db', 'supervisor.log', 'postgres.log', 'worker.json']) {
    expect([file, statSync(join(config.home, file)).mode & 0o077]).toEqual([file, 0]);
  }
  expect(readFileSync(join(config.home, '.gitignore'), 'utf8')).toBe('*\n');
});

test('calls at the same time, also from other processes, share one stack', async () => {
  const config = newConfig();
  const script = `import(${JSON.stringify(builtFile('local/stack.js'))}).then(async ({ ensureStack }) => {
    const stack = await ensureStack(${JSON.stringify(config)}, { onProgress() {}, workerEntry: ${JSON.stringify(workerStub)} });
    console.log(JSON.stringify(stack));
  })`;
  const others = [0, 1].map(() => spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] }));
  const told = others.map((other) => once(other.stdout, 'data').then(([text]) => JSON.parse(String(text)) as Stack));
  const stacks = await Promise.all([ensure(config), ensure(config), ...told]);
  for (const stack of stacks) expect(stack).toEqual(stacks[0]);
  expect(recordOf(config).stack).toEqual(stacks[0]);
  // The record is there before the log says so.
  const started = () => readFileSync(join(config.home, 'supervisor.log'), 'utf8').match(/ready$/gm);
  await eventually('the log tells of the start', () => started() !== null);
  expect(started()).toHaveLength(1);
});

test('killed PostgreSQL is back on the same port with its rows', async () => {
  const config = newConfig();
  const stack = await ensure(config);
  await createKept(stack);
  const before = processOf(config, 'postgres');
  await kill(before);
  await eventually('PostgreSQL answers again', async () => (await ask(stack.databaseUrl, 'select 1')).length === 1);
  await expectKept(stack);
  expect(processOf(config, 'postgres').pid).not.toBe(before.pid);
  expect(await ensure(config)).toEqual(stack);
});

test('killed Temporal is back on the same port with its namespace, a killed worker is back', async () => {
  const config = newConfig();
  const stack = await ensure(config);
  const temporal = processOf(config, 'temporal');
  await kill(temporal);
  await eventually('Temporal answers again', () => servesNamespace(stack.temporalAddress, 'default'));
  expect(processOf(config, 'temporal').pid).not.toBe(temporal.pid);
  const worker = processOf(config, 'worker');
  await kill(worker);
  await eventually(
    'a new worker',
    () => processOf(config, 'worker').pid !== worker.pid && isRunning(processOf(config, 'worker')),
  );
});

test('after a kill of the supervisor the next call starts anew with the data and leaves no orphan', async () => {
  const config = newConfig();
  const stack = await ensure(config);
  await createKept(stack);
  const before = allProcesses(config);
  await kill(recordOf(config).supervisor);
  expect(await stackStatus(config)).toMatchObject({ state: 'crashed', stack: null });
  await expectKept(await ensure(config));
  expect(before.filter(isRunning)).toEqual([]);
});

test('after a kill of the supervisor everything it started ends by itself, and the data is there at the next start', async () => {
  const config = newConfig();
  await createKept(await ensure(config));
  const before = allProcesses(config);
  await kill(recordOf(config).supervisor);
  await eventually('end of worker, Temporal and PostgreSQL', () => before.filter(isRunning).length === 0);
  await expectKept(await ensure(config));
});

test('stopStack cleans up after a killed supervisor too', async () => {
  const config = newConfig();
  await ensure(config);
  const before = allProcesses(config);
  await kill(recordOf(config).supervisor);
  expect(await stopStack(config)).toBe(true);
  expect(before.filter(isRunning)).toEqual([]);
});

test('stopStack leaves no process, no record and no lock; the data is there at the next start', async () => {
  const config = newConfig();
  const stack = await ensure(config);
  await createKept(stack);
  const before = allProcesses(config);
  expect(await stopStack(config)).toBe(true);
  expect(before.filter(isRunning)).toEqual([]);
  expect(readRecord(config.home)).toBeNull();
  const lock = await lockHome(config.home);
  expect(lock).not.toBeNull();
  await lock?.release();
  expect(await stopStack(config)).toBe(false);
  expect(await stackStatus(config)).toMatchObject({ state: 'stopped' });
  await expectKept(await ensure(config));
});

test('a call while the stack stops waits and starts it again', async () => {
  const config = newConfig();
  await ensure(config);
  const first = recordOf(config).supervisor;
  process.kill(first.pid, 'SIGTERM');
  await eventually('it stops', () => readRecord(config.home)?.state !== 'ready');
  await ensure(config);
  expect(recordOf(config).supervisor.pid).not.toBe(first.pid);
});

test('taken ports are left alone', async () => {
  const taken = await Promise.all([0, 1, 2].map(() => listening()));
  const [postgres, temporal, temporalUi] = taken.map((server) => (server.address() as AddressInfo).port) as [
    number,
    number,
    number,
  ];
  const stack = await ensure(newConfig(), { ports: { postgres, temporal, temporalUi, door: await freePort(0) } });
  expect(await ask(stack.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(Number(new URL(stack.databaseUrl).port)).not.toBe(postgres);
  expect(stack.temporalAddress).not.toBe(`127.0.0.1:${temporal}`);
  expect((await fetch(stack.temporalUi as string)).status).toBe(200);
  for (const server of taken) server.close();
});

async function listening(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => undefined).destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test.runIf(process.getuid?.() === 0)('as root, a home only root can reach works', async () => {
  const config = newConfig({}, 0o700);
  const stack = await ensure(config);
  await createKept(stack);
  await stopStack(config);
  await expectKept(await ensure(config));
});

test('TRIBUTARY_TEMPORAL_CLI that leads nowhere is refused before anything starts', async () => {
  const config = newConfig({ TRIBUTARY_TEMPORAL_CLI: '/nowhere/temporal' });
  await expect(ensure(config)).rejects.toThrow('TRIBUTARY_TEMPORAL_CLI: /nowhere/temporal does not exist');
  expect(existsSync(config.home)).toBe(false);
});

test('a worker that cannot start fails the call with its words and leaves nothing running; the next call tries again', async () => {
  const config = newConfig();
  const broken = join(dirname(config.home), 'broken.mjs');
  writeFileSync(broken, "throw new Error('the worker is broken');");
  const failed = await ensure(config, { workerEntry: broken }).catch((error: unknown) => error);
  expect(failed).toMatchObject({ message: expect.stringMatching(/the worker did not start.*the worker is broken/s) });
  expect(exitCodeOf(failed)).toBe(exitCodes.failed);
  expect(await stackStatus(config)).toMatchObject({
    state: 'failed',
    stack: null,
    problem: expect.stringContaining('broken'),
  });
  await eventually('the supervisor ends', () => !isRunning(recordOf(config).supervisor));
  // What a worker refuses in its environment is wrong use for whoever wanted the stack.
  writeFileSync(broken, "console.error('error: TRIBUTARY_X: is no number'); process.exit(2);");
  const refused = await ensure(config, { workerEntry: broken }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ message: expect.stringMatching(/^environment: .*: TRIBUTARY_X: is no number$/) });
  expect(exitCodeOf(refused)).toBe(exitCodes.wrongUse);
  await eventually('the supervisor ends', () => !isRunning(recordOf(config).supervisor));
  await ensure(config);
});

test('a stop during the start ends what was started', async () => {
  const config = newConfig();
  const never = join(dirname(config.home), 'never.mjs');
  writeFileSync(never, "process.on('disconnect', () => process.exit()); setInterval(() => {}, 1000);");
  const started = ensure(config, { workerEntry: never }).catch((error: Error) => error);
  await eventually('the worker is being started', () => processOf(config, 'worker').pid > 0);
  const before = allProcesses(config);
  expect(await stopStack(config)).toBe(true);
  expect(before.filter(isRunning)).toEqual([]);
  expect(await started).toMatchObject({ code: 'stack_stopped' });
});

test('a deleted home ends its processes', async () => {
  const config = newConfig();
  await ensure(config);
  const before = allProcesses(config);
  rmSync(config.home, { recursive: true, force: true });
  await eventually('everything ends', () => before.filter(isRunning).length === 0);
});

test('with a database and a Temporal given nothing is embedded, and with one of them nothing is started or shown', async () => {
  const url = 'postgres://somebody@127.0.0.1:1/somewhere';
  for (const [half, missing] of [
    [{ DATABASE_URL: url }, 'TEMPORAL_ADDRESS'],
    [{ TEMPORAL_ADDRESS: '127.0.0.1:1' }, 'DATABASE_URL'],
  ] as const) {
    const config = newConfig(half);
    await expect(ensure(config)).rejects.toThrow(new RegExp(`^${missing}: is not set, and .* is: .* or unset`));
    await expect(stackStatus(config)).rejects.toThrow(`${missing}: is not set`);
    expect(existsSync(config.home)).toBe(false);
  }
  const external = newConfig({ DATABASE_URL: url, TEMPORAL_ADDRESS: '127.0.0.1:1', TEMPORAL_NAMESPACE: 'theirs' });
  expect(await ensure(external)).toEqual({
    databaseUrl: url,
    temporalAddress: '127.0.0.1:1',
    temporalNamespace: 'theirs',
    temporalUi: null,
    temporalCli: null,
    frontDoor: null,
    managed: 'none',
  });
  expect(existsSync(external.home)).toBe(false);
  expect(await stackStatus(external)).toMatchObject({ state: 'external' });
});
