// A private repository is read with a token that a reference names. The token goes to the host of the url and nowhere else:
// not to where a redirect points, not into argv or the environment of a process, a row, a history, a log or a file.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { asPassword, forward, repositoryServer, wants } from '../support/git-server.js';
import { ended, testWorker, uniqueSource, type Ended, type TestWorker } from '../support/temporal.js';

const canary = 'ghp_canary0123456789';
/** As it stands, and as the header has it. */
const traces = [
  canary,
  ...['x-access-token', 'x-token-auth'].map((user) => asPassword(user, canary).slice('Basic '.length)),
];

const database = testDatabase();
const secretsDirectory = mkdtempSync(join(tmpdir(), 'tributary-secrets-'));
let worker: TestWorker;

beforeAll(async () => {
  writeFileSync(join(secretsDirectory, 'git-token'), `${canary}\n`);
  writeFileSync(join(secretsDirectory, 'wrong'), 'ghp_other\n');
  worker = await testWorker(database, { secretsDirectory });
});
afterAll(async () => {
  await worker.stop();
  rmSync(secretsDirectory, { recursive: true, force: true });
});

function synced(options: Record<string, unknown>, id = uniqueSource('private')): Promise<Ended> {
  return ended(worker.sync({ source: { type: 'git', id, options } }));
}

function clean(text: string): string[] {
  return traces.filter((trace) => text.includes(trace));
}

test.each([
  ['a password for any user', {}, asPassword('x-access-token', canary)],
  ['a password of the user that the server wants', { tokenUser: 'x-token-auth' }, asPassword('x-token-auth', canary)],
  ['a bearer token', { tokenScheme: 'bearer' }, `Bearer ${canary}`],
])('%s is found in a file, and lets in', async (_what, options, header) => {
  await using server = await repositoryServer(wants(header));
  expect(await synced({ url: server.url, token: 'file:git-token', ...options })).toMatchObject({ outcome: 'done' });
  expect(await synced({ url: server.url })).toMatchObject({
    outcome: 'InvalidInput',
    message: expect.stringMatching(/^url: no permission .* name a token/),
  });
});

test('the token of a variable lets in, too; other variables and files are not to be named', async () => {
  await using server = await repositoryServer(wants(asPassword('x-access-token', canary)));
  vi.stubEnv('TRIBUTARY_SECRET_TEST', canary);
  expect(await synced({ url: server.url, token: 'env:TRIBUTARY_SECRET_TEST' })).toMatchObject({ outcome: 'done' });
  vi.unstubAllEnvs();
  for (const token of [
    'env:DATABASE_URL',
    'env:TRIBUTARY_EMBED_KEY',
    'file:../postgres/postgresql.conf',
    'file:/etc/passwd',
    'file:.',
    canary,
  ]) {
    const refused = await synced({ url: server.url, token });
    expect(refused).toMatchObject({
      outcome: 'InvalidInput',
      message: expect.stringMatching(/^source\.options\.token: expected env:TRIBUTARY_SECRET_NAME/),
    });
    expect(clean(refused.message)).toEqual([]);
  }
  expect(await synced({ url: server.url, token: 'file:nowhere' })).toMatchObject({
    outcome: 'NeedsAttention',
    message: expect.stringMatching(/^file:nowhere .* has no secret/),
  });
});

test('the token is in no row, no history, no log, no file, no process list and no environment, whether it lets in or not', async () => {
  let waiting = 0;
  const open: (() => void)[] = [];
  // The fetch is kept waiting while we look at the processes.
  await using server = await repositoryServer((request, response) => {
    if (wants(asPassword('x-access-token', canary))(request, response)) return true;
    if (request.method !== 'POST' || ++waiting !== 2) return false;
    open.push(() => forward(`${server.address}${request.url}`, request, response));
    return true;
  });
  const [id, refused] = [uniqueSource('canary'), uniqueSource('refused')];
  const running = synced({ url: server.url, token: 'file:git-token' }, id);
  await eventually('git is at work', async () => open.length > 0);
  const processes = execFileSync('ps', ['auxeww'], { maxBuffer: 1e8 }).toString();
  expect(processes).toContain('git-remote-http');
  expect(clean(processes)).toEqual([]);
  for (const go of open) go();
  expect(await running).toMatchObject({ outcome: 'done' });
  expect(await synced({ url: server.url, token: 'file:wrong' }, refused)).toMatchObject({ outcome: 'InvalidInput' });
  server.answer = wants('nobody');
  const later = await synced({ url: server.url, token: 'file:git-token' }, id);
  expect(later).toMatchObject({ outcome: 'NeedsAttention' });
  expect(clean(later.message)).toEqual([]);
  for (const source of [id, refused]) expect(clean(await historiesOf(source))).toEqual([]);
  expect(clean(await everyRow())).toEqual([]);
  expect(clean(everyFile(worker.home))).toEqual([]);
});

async function historiesOf(source: string): Promise<string> {
  const parts: string[] = [];
  for await (const { runId } of worker.client.workflow.list({ query: `WorkflowId = 'sync/${source}'` })) {
    const { events } = await worker.client.workflow.getHandle(`sync/${source}`, runId).fetchHistory();
    parts.push(
      JSON.stringify(events, (_key, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
      ),
    );
  }
  expect(parts).not.toHaveLength(0);
  return parts.join('\n');
}

async function everyRow(): Promise<string> {
  const { rows } = await database.pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const parts = await Promise.all(
    rows.map(async ({ name }) =>
      (await database.pool.query<{ row: string }>(`select t::text as row from "${name}" t`)).rows.map(({ row }) => row),
    ),
  );
  const text = parts.flat().join('\n');
  expect(text).toContain('file:git-token');
  return text;
}

function everyFile(directory: string): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toContain('config');
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('\n');
}

test.each([301, 302, 307, 308])(
  'a redirect (%i) is not followed with a token, not even to the same host; without one it is',
  async (status) => {
    await using other = await repositoryServer(() => false);
    const seen: string[] = [];
    await using server = await repositoryServer((request, response) => {
      response.writeHead(status, { location: `${other.address}${request.url}` }).end();
      return true;
    });
    other.answer = ({ headers }) => {
      seen.push(headers.authorization ?? 'none');
      return false;
    };
    expect(await synced({ url: server.url, token: 'file:git-token' })).toMatchObject({
      outcome: 'InvalidInput',
      message: expect.stringMatching(/^url: .* answers with a redirect, which is not followed with a token/),
    });
    expect(seen).toEqual([]);
    // Its own name differs in the path only.
    await synced({ url: server.url });
    expect(new Set(seen)).toEqual(new Set(['none']));
  },
);
