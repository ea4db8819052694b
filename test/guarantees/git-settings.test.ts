// Settings of git that matter are options of the source; nothing that a user configured for git itself is read.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { testDatabase } from '../support/database.js';
import { asPassword, forward, repositoryServer, wants } from '../support/git-server.js';
import { ended, testWorker, uniqueSource, type Ended, type TestWorker } from '../support/temporal.js';

const secret = 'ghp_0123456789';
const database = testDatabase();
const secretsDirectory = mkdtempSync(join(tmpdir(), 'tributary-secrets-'));
let worker: TestWorker;

beforeAll(async () => {
  writeFileSync(join(secretsDirectory, 'git-token'), `${secret}\n`);
  writeFileSync(join(secretsDirectory, 'proxy'), `ana:${secret}`);
  worker = await testWorker(database, { secretsDirectory });
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await worker.stop();
  rmSync(secretsDirectory, { recursive: true, force: true });
});

function synced(options: Record<string, unknown>): Promise<Ended> {
  return ended(worker.sync({ source: { type: 'git', id: uniqueSource('settings'), options } }));
}

interface Proxy extends AsyncDisposable {
  readonly address: string;
  readonly asked: string[];
}

/** Forwards plain requests, and lets in who brings the credentials, if it has any. */
async function proxyWith(credentials?: string): Promise<Proxy> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    if (credentials !== undefined && request.headers['proxy-authorization'] !== credentials) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end();
      return;
    }
    asked.push(request.url!);
    delete request.headers['proxy-authorization'];
    forward(request.url!, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('the option proxy is the way of every request, also where the environment would go straight', async () => {
  await using server = await repositoryServer(() => false);
  await using proxy = await proxyWith();
  vi.stubEnv('no_proxy', '127.0.0.1');
  expect(await synced({ url: server.url, proxy: proxy.address })).toMatchObject({ outcome: 'done' });
  vi.unstubAllEnvs();
  expect(proxy.asked).toHaveLength(server.requests.length);
});

test('the proxy of the environment is used where there is no option', async () => {
  await using server = await repositoryServer(() => false);
  await using proxy = await proxyWith();
  vi.stubEnv('http_proxy', proxy.address);
  vi.stubEnv('no_proxy', '');
  vi.stubEnv('NO_PROXY', '');
  expect(await synced({ url: server.url })).toMatchObject({ outcome: 'done' });
  vi.unstubAllEnvs();
  expect(proxy.asked).toHaveLength(server.requests.length);
});

test('the credentials of a proxy are named by a reference, too', async () => {
  await using server = await repositoryServer(() => false);
  await using proxy = await proxyWith(asPassword('ana', secret));
  expect(await synced({ url: server.url, proxy: proxy.address })).toMatchObject({
    outcome: 'InvalidInput',
    message: expect.stringMatching(/wants credentials; name them in the option proxyCredentials/),
  });
  expect(server.requests).toEqual([]);
  expect(await synced({ url: server.url, proxy: proxy.address, proxyCredentials: 'file:proxy' })).toMatchObject({
    outcome: 'done',
  });
});

test('an https server is trusted by the certificates of caFile, and without them refused', async () => {
  await using server = await repositoryServer(wants(asPassword('x-access-token', secret)));
  const [key, caFile] = [join(secretsDirectory, 'key.pem'), join(secretsDirectory, 'cert.pem')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      key,
      '-out',
      caFile,
    ],
    { stdio: 'ignore' },
  );
  const tls = createTlsServer({ key: readFileSync(key), cert: readFileSync(caFile) }, (request, response) => {
    forward(`${server.address}${request.url}`, request, response);
  });
  await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('GIT_SSL_CAINFO', '/etc/ssl/certs/ca-certificates.crt');
  const url = server.url.replace(
    /^http:\/\/127\.0\.0\.1:\d+/,
    `https://127.0.0.1:${(tls.address() as AddressInfo).port}`,
  );
  expect(await synced({ url, token: 'file:git-token' })).toMatchObject({
    outcome: 'InvalidInput',
    message: expect.stringMatching(/certificate/),
  });
  expect(await synced({ url, token: 'file:git-token', caFile })).toMatchObject({ outcome: 'done' });
  tls.closeAllConnections();
  await new Promise((resolve) => tls.close(resolve));
});

test("nothing of the user's own configuration is read: no helper or ssh command runs, no url is rewritten", async () => {
  await using server = await repositoryServer(wants(asPassword('x-access-token', secret)));
  const home = join(secretsDirectory, 'user');
  const marker = join(home, 'ran');
  mkdirSync(home);
  const runs = `!touch ${marker}`;
  writeFileSync(
    join(home, '.gitconfig'),
    `[credential]\n\thelper = "${runs}"\n[core]\n\tsshCommand = "touch ${marker};"\n\taskPass = "touch ${marker};"\n[url "http://127.0.0.1:9/"]\n\tinsteadOf = http://127.0.0.1\n[http]\n\tproxy = http://127.0.0.1:9\n`,
  );
  vi.stubEnv('HOME', home);
  vi.stubEnv('GIT_SSH_COMMAND', `touch ${marker};`);
  vi.stubEnv('GIT_ASKPASS', `touch ${marker};`);
  vi.stubEnv('GIT_CONFIG_COUNT', '1');
  vi.stubEnv('GIT_CONFIG_KEY_0', 'credential.helper');
  vi.stubEnv('GIT_CONFIG_VALUE_0', runs);
  expect(await synced({ url: server.url })).toMatchObject({
    outcome: 'InvalidInput',
    message: expect.stringMatching(/no permission/),
  });
  expect(await synced({ url: server.url, token: 'file:git-token' })).toMatchObject({ outcome: 'done' });
  await synced({ url: 'ssh://127.0.0.1:9/x' });
  vi.unstubAllEnvs();
  expect(readdirSync(home)).toEqual(['.gitconfig']);
});
