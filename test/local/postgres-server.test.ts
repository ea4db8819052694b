import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, expect, test, vi } from 'vitest';
import { freePort } from '../../src/local/free-port.js';
import { startPostgres } from '../../src/local/postgres-server.js';
import type { PostgresServer } from '../../src/local/postgres-server.js';

// Real servers start and stop here; two cores shared with the other test files.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const directories: string[] = [];
const servers: PostgresServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    await server.stop();
    rmSync(server.dataDirectory, { recursive: true, force: true });
  }
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function newDirectory(mode = 0o711): string {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-postgres-'));
  chmodSync(directory, mode);
  directories.push(directory);
  return directory;
}

async function start(parent: string): Promise<PostgresServer> {
  const server = await startPostgres({
    directory: join(parent, 'postgres'),
    port: await freePort(0),
    logFile: join(parent, 'postgres.log'),
  });
  servers.push(server);
  return server;
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('the first start makes a cluster with our settings, and it answers', async () => {
  const { url } = await start(newDirectory());
  const settings = await ask(
    url,
    "select name, setting from pg_settings where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'wal_compression', 'max_wal_size', 'listen_addresses', 'unix_socket_directories', 'server_encoding') order by name",
  );
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'on',
    full_page_writes: 'on',
    synchronous_commit: 'on',
    wal_compression: 'off',
    max_wal_size: '1024',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    server_encoding: 'UTF8',
  });
});

test('nobody gets in without the password, and its file is private', async () => {
  const parent = newDirectory();
  const { url } = await start(parent);
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(ask(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  expect(statSync(join(parent, 'postgres', 'password')).mode & 0o777).toBe(0o600);
});

test('data survives a stop and a start', async () => {
  const parent = newDirectory();
  const first = await start(parent);
  await ask(first.url, 'create table kept as select 42 as answer');
  await first.stop();
  const second = await start(parent);
  expect(await ask(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
});

test('a killed server starts again, past its own surviving backends', async () => {
  const parent = newDirectory();
  const first = await start(parent);
  await ask(first.url, 'create table kept as select 42 as answer');
  const busy = new pg.Client({ connectionString: first.url });
  busy.on('error', () => undefined);
  await busy.connect();
  const query = busy.query('select count(*) from generate_series(1, 20000000)').catch(() => undefined);
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const second = await start(parent);
  expect(await ask(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  await query;
  await busy.end().catch(() => undefined);
});

test('a stale lock whose pid belongs to another process by now does not keep it from starting', async () => {
  const parent = newDirectory();
  const first = await start(parent);
  const lock = join(first.dataDirectory, 'postmaster.pid');
  const lines = readFileSync(lock, 'utf8').split('\n');
  await first.stop();
  const { uid, gid } = statSync(first.dataDirectory);
  const other = spawn('sleep', ['60'], { uid, gid });
  try {
    writeFileSync(lock, [String(other.pid), ...lines.slice(1)].join('\n'));
    expect(await ask((await start(parent)).url, 'select 1 as one')).toEqual([{ one: 1 }]);
  } finally {
    other.kill();
  }
});

test('a second server on the same directory is refused while the first runs', async () => {
  const parent = newDirectory();
  const first = await start(parent);
  await expect(start(parent)).rejects.toThrow(`pid ${first.pid}`);
});

test('two servers may not share a port: the second says so and ends', async () => {
  const first = await start(newDirectory());
  const parent = newDirectory();
  await expect(
    startPostgres({ directory: join(parent, 'postgres'), port: first.port, logFile: join(parent, 'log') }),
  ).rejects.toThrow(/did not start on port .*in use/s);
});

test.runIf(process.getuid?.() === 0)(
  'as root, a directory only root can enter works: the data goes where the account gets',
  async () => {
    const parent = newDirectory(0o700);
    const first = await start(parent);
    expect(first.dataDirectory.startsWith(parent)).toBe(false);
    await ask(first.url, 'create table kept as select 42 as answer');
    await first.stop();
    const second = await start(parent);
    expect(await ask(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    await second.stop();
    rmSync(second.dataDirectory, { recursive: true });
    await expect(start(parent)).rejects.toThrow(/data\.path/);
  },
);
