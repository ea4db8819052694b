// The commands with nothing configured: the first that needs a stack starts it, a killed server is waited for, and `down`
// ends it with everything kept.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRecord } from '../../src/local/stack-record.js';
import { eventually } from '../support/eventually.js';
import { startTributary, tributary } from './command.js';
import { share } from '../support/share.js';
import { builtInSources } from '../../src/sources/index.js';

let directory: string;
let environment: Record<string, string>;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tributary-cli-stack-'));
  // The account that runs Postgres must be able to pass through.
  chmodSync(directory, 0o711);
  environment = { TRIBUTARY_HOME: join(directory, 'home') };
  const repository = join(directory, 'repository');
  mkdirSync(repository);
  writeFileSync(join(repository, 'file.txt'), 'text\n');
  const git = (...words: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...words], {
      cwd: repository,
      stdio: 'ignore',
    });
  git('init');
  git('add', 'file.txt');
  git('commit', '-m', 'First \u001b[31mred\u001b[0m');
});

afterAll(async () => {
  await tributary(['down'], environment);
  const pointer = join(environment['TRIBUTARY_HOME']!, 'postgres', 'data.path');
  if (existsSync(pointer)) rmSync(readFileSync(pointer, 'utf8').trim(), { recursive: true, force: true });
  rmSync(directory, { recursive: true, force: true });
});

test('Ctrl-C while a stack starts ends the command and says what goes on; `down` ends that, too', async () => {
  const up = startTributary(['up'], environment);
  let said = '';
  up.child.stderr!.on('data', (text: string) => (said += text));
  await eventually('it starts', () => said.includes('starting'));
  up.child.kill('SIGINT');
  expect(await up.ended).toMatchObject({
    code: 130,
    out: '',
    err: expect.stringContaining(
      'goes on starting in the background: `tributary status` tells when it is ready',
    ) as string,
  });
  expect(await tributary(['down', '--json'], environment)).toMatchObject({ code: 0, items: [{ stopped: true }] });
});

test('sync starts what it needs, reads the repository it stands in, and tells where things are', async () => {
  const { code, out, err } = await tributary(['sync', 'git', '.'], environment, join(directory, 'repository'));
  expect({ code, err: err.includes('starting') }).toEqual({ code: 0, err: true });
  expect(out).toContain('repository: done in');
  expect(out).toMatch(/git\.commit .*First {1,2}\[31mred/);
  expect(out).not.toContain('\u001b');
  expect(out).toMatch(/Temporal UI +http:\/\/127\.0\.0\.1:\d+/);
  expect(out).toMatch(/database +psql 'postgresql:\/\/[^*]+@127\.0\.0\.1:\d+\/tributary'/);
  const again = await tributary(['sync', 'git', '.', '--json'], environment, join(directory, 'repository'));
  expect(again).toMatchObject({ code: 0, err: '', items: [{ outcome: 'done_empty', inserted: 0 }] });
});

test('up finds it, status tells it', async () => {
  const up = await tributary(['up', '--json'], environment);
  expect(up).toMatchObject({ code: 0, items: [{ stack: 'ready' }] });
  const status = await tributary(['status', '--json'], environment);
  expect(status.items).toMatchObject([
    { host: expect.any(String) as string, sources: builtInSources.map(({ type }) => type).sort() },
    { source: 'repository', state: 'idle' },
    { ...up.items[0], processes: [{ running: true }, { running: true }, { running: true }, { running: true }] },
  ]);
});

test('its front door takes events, and comes back on its port when it is killed', async () => {
  const { frontDoor } = (await tributary(['status', '--json'], environment)).items.at(-1) as { frontDoor: string };
  const give = (id: string) =>
    fetch(`${frontDoor}/v1/events?source=pushed`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'told', id }),
    }).then(
      ({ ok }) => ok || null,
      () => null,
    );
  expect(await give('1')).toBe(true);
  process.kill(readRecord(environment['TRIBUTARY_HOME']!)!.processes.door!.pid, 'SIGKILL');
  await eventually('it is given again', () => give('2'));
  const { items } = await tributary(['events', 'pushed', '--json'], environment);
  expect(new Set(items.map(({ id }) => id))).toEqual(new Set(['1', '2']));
  expect((await tributary(['sources', 'remove', 'pushed', '--delete-events', '--yes'], environment)).code).toBe(0);
});

test('logs shows the last lines of each part, and goes on with what is written', async () => {
  const all = await tributary(['logs', '--lines', '2', '--json'], environment);
  expect(all.code).toBe(0);
  expect([...new Set(all.items.map(({ part }) => part))]).toEqual(
    expect.arrayContaining(['supervisor', 'postgres', 'temporal', 'worker', 'door']),
  );
  expect((await tributary(['logs', 'supervisor', '--lines', '1'], environment)).out.trim().split('\n')).toHaveLength(1);
  const following = startTributary(['logs', 'supervisor', '--follow', '--lines', '0'], environment);
  const log = join(environment['TRIBUTARY_HOME']!, 'supervisor.log');
  let seen = '';
  following.child.stdout!.on('data', (text: string) => (seen += text));
  await eventually('a line that is new is shown', () => {
    appendFileSync(log, 'written by a test\n');
    return seen.includes('written by a test');
  });
  following.child.kill('SIGINT');
  expect(await following.ended).toMatchObject({ code: 130 });
});

test.each(share(['Temporal, worker and Postgres'], 0))(
  'a sync outlives kills of %s, and its command waits for them',
  async () => {
    const sync = startTributary(['sync', 'synthetic', '--set', 'events=200000', '--json'], environment);
    for (const name of ['temporal', 'worker', 'postgres'] as const) {
      const before = await committed();
      await eventually('pages are committed', async () => (await committed()) > before, 60_000);
      process.kill(readRecord(environment['TRIBUTARY_HOME']!)!.processes[name]!.pid, 'SIGKILL');
    }
    const { code, items } = await sync.ended;
    // What was tried again meanwhile is told before it.
    expect({ code, last: items.at(-1) }).toMatchObject({ code: 0, last: { outcome: 'done', inserted: 200_000 } });
    expect((await tributary(['verify', '--json'], environment)).items.at(-1)).toMatchObject({
      ok: true,
      lost: 0,
      doubled: 0,
      invented: 0,
      altered: 0,
    });
  },
  180_000,
);

async function committed(): Promise<number> {
  const { items } = await tributary(['status', '--json'], environment);
  return Number(items.find(({ source }) => source === 'synthetic/1')?.['inserted'] ?? 0);
}

test('down stops it and keeps what is stored', async () => {
  expect(await tributary(['down', '--json'], environment)).toMatchObject({
    code: 0,
    items: [{ stack: 'stopped', stopped: true }],
  });
  expect((await tributary(['status'], environment)).out).toContain('nothing runs');
  const listed = await tributary(['events', '--type', 'git.commit', '--json'], environment);
  expect(listed.items).toMatchObject([{ type: 'git.commit', source: 'repository' }]);
});
