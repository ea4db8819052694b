import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../../src/local/free-port.js';
import { findTemporalCli } from '../../src/local/temporal-cli.js';
import { servesNamespace } from '../../src/local/temporal-health.js';
import { startTemporal } from '../../src/local/temporal-server.js';
import type { TemporalServer } from '../../src/local/temporal-server.js';

// Real servers start and stop here; two cores shared with the other test files.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const servers: TemporalServer[] = [];
const directories: string[] = [];
let cli = '';

beforeAll(async () => {
  cli = await findTemporalCli({ temporalCli: undefined }, () => undefined);
}, 20 * 60_000);

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-temporal-'));
  directories.push(directory);
  return directory;
}

async function start(directory: string, port?: number): Promise<TemporalServer> {
  const server = await startTemporal({
    cli,
    databaseFile: join(directory, 'temporal.db'),
    port: port ?? (await freePort(0)),
    uiPort: await freePort(0),
    logFile: join(directory, 'temporal.log'),
  });
  servers.push(server);
  return server;
}

function operate(server: TemporalServer, ...command: string[]): string {
  return execFileSync(cli, ['operator', ...command, '--address', server.address], { encoding: 'utf8' });
}

test('it serves the default namespace, the search attributes and the user interface', async () => {
  const server = await start(newDirectory());
  const attributes = operate(server, 'search-attribute', 'list', '--namespace', 'default');
  for (const line of [
    /TributarySource\s+Keyword/,
    /TributarySourceType\s+Keyword/,
    /TributaryState\s+Keyword/,
    /TributaryEvents\s+Int/,
  ])
    expect(attributes).toMatch(line);
  expect((await fetch(server.uiUrl as string)).status).toBe(200);
});

test('a namespace survives a kill and a start on the same file and port', async () => {
  const directory = newDirectory();
  const first = await start(directory);
  operate(first, 'namespace', 'create', '--namespace', 'kept');
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const second = await start(directory, Number(first.address.split(':')[1]));
  expect(await servesNamespace(second.address, 'kept')).toBe(true);
});

test('another server on the port is not taken for ours', async () => {
  const first = await start(newDirectory());
  await expect(start(newDirectory(), Number(first.address.split(':')[1]))).rejects.toThrow(/did not start on port/);
});

test('the health question is answered no by an unknown namespace, a closed port and a server of another kind', async () => {
  const server = await start(newDirectory());
  expect(await servesNamespace(server.address, 'nobody-made-this')).toBe(false);
  expect(await servesNamespace(`127.0.0.1:${await freePort(0)}`, 'default')).toBe(false);
  const other = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  expect(await servesNamespace(`127.0.0.1:${(other.address() as { port: number }).port}`, 'default')).toBe(false);
  other.close();
});
