// The machine around us: a proxy for everything outside, and a home with a name that programs take for more than a name.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { share } from '../support/share.js';
import { tributary } from '../clients/command.js';

const homes: string[] = [];
const asked: string[] = [];
let directory: string;
let repository: string;
let proxy: Server;
let proxied: Record<string, string>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tributary-machine-'));
  // The account that runs Postgres must be able to pass through.
  chmodSync(directory, 0o711);
  repository = join(directory, 'repository');
  git('init', '-q', repository);
  commit('first');
  proxy = createServer((socket) => socket.on('error', () => undefined).once('data', (line) => {
    asked.push(line.toString('latin1').split('\r\n')[0]!);
    socket.end('HTTP/1.1 503 not here\r\n\r\n');
  })); // prettier-ignore
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  // A stray '%' in the password: gRPC throws at it where it looks.
  const url = `http://user:50%off@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const names = ['http_proxy', 'https_proxy', 'all_proxy', 'grpc_proxy'].flatMap((name) => [name, name.toUpperCase()]);
  proxied = Object.fromEntries([
    ...names.map((name) => [name, url] as const),
    ['no_proxy', 'example.org, '],
    ['NO_PROXY', ''],
  ]);
});

afterAll(async () => {
  for (const home of homes) {
    await tributary(['down'], { TRIBUTARY_HOME: home });
    const pointer = join(home, 'postgres', 'data.path');
    if (existsSync(pointer)) rmSync(readFileSync(pointer, 'utf8').trim(), { recursive: true, force: true });
  }
  proxy.close();
  rmSync(directory, { recursive: true, force: true });
});

function git(...words: string[]): void {
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', ...words], {
    stdio: 'ignore',
    env: { ...process.env, ...proxied },
  });
}

function commit(message: string): void {
  git('-C', repository, 'commit', '-q', '--allow-empty', '-m', message);
}

function newHome(...way: string[]): string {
  const home = join(mkdtempSync(join(directory, 'h-')), ...way, '.tributary');
  chmodSync(join(directory, home.slice(directory.length + 1).split('/')[0]!), 0o711);
  for (let at = 0; at < way.length; at++) {
    const parent = join(home, ...Array.from({ length: way.length - at }, () => '..'));
    mkdirSync(parent, { recursive: true });
    chmodSync(parent, 0o711);
  }
  homes.push(home);
  return home;
}

test('with a proxy in every variable, nothing of ours asks it: stack, sync, commit hook, restart', async () => {
  const environment = { ...proxied, TRIBUTARY_HOME: newHome('plain') };
  expect(await tributary(['up', '--json'], environment)).toMatchObject({ code: 0, items: [{ stack: 'ready' }] });
  expect(await tributary(['sync', 'git', repository, '--id', 'proxied', '--json'], environment)).toMatchObject({
    code: 0,
    items: [{ outcome: 'done' }],
  });
  expect(await tributary(['doctor', '--json'], environment)).toMatchObject({ code: 0 });
  expect(await tributary(['hook', 'install', repository, '--id', 'proxied'], environment)).toMatchObject({ code: 0 });
  commit('told by the hook');
  await eventually('the commit is stored', async () => {
    const { items } = await tributary(['events', 'proxied', '--type', 'git.commit', '--json'], environment);
    return items.length === 2;
  });
  expect(await tributary(['hook', 'remove', repository], environment)).toMatchObject({ code: 0 });
  expect(await tributary(['down'], environment)).toMatchObject({ code: 0 });
  expect(asked).toEqual([]);
}, 120_000);

const piece = fc.constantFrom(
  '#',
  '?',
  '?mode=memory',
  '%41',
  '%',
  '%zz',
  '%00',
  '"',
  "'",
  '`id`',
  '$HOME',
  '\\',
  ' ',
  ';',
  '&',
  '|',
  '*',
  '~',
  '@source@',
  ':',
  ',',
  '=',
  '<',
  'é',
  '漢',
  '🙂',
  '-D',
  '--',
  'a',
);
const name = fc
  .array(piece, { minLength: 3, maxLength: 12 })
  .map((pieces) => pieces.join(''))
  .filter((text) => text.trim() !== '');
const seed = Number(process.env['MACHINE_SEED'] ?? Date.now() % 1_000_000_007);

const named = ['C#', '-D#', '?a=b&%41\'"`$x \\;é漢 -', ...fc.sample(name, { numRuns: 1, seed })];

test.each(share(named, 1))(
  `a home in %j: what was stored is there after down and up (seed ${seed})`,
  async (named) => {
    const environment = { TRIBUTARY_HOME: newHome(named) };
    const sync = (): ReturnType<typeof tributary> =>
      tributary(['sync', 'git', repository, '--id', 'kept', '--json'], environment);
    expect(await tributary(['up'], environment)).toMatchObject({ code: 0 });
    expect(await sync()).toMatchObject({ code: 0, items: [{ outcome: 'done' }] });
    expect(await tributary(['down'], environment)).toMatchObject({ code: 0 });
    expect(readdirSync(environment.TRIBUTARY_HOME)).toContain('temporal.db');
    // No file of ours is beside it.
    expect(readdirSync(join(environment.TRIBUTARY_HOME, '..'))).toEqual(['.tributary']);
    expect(readdirSync(join(environment.TRIBUTARY_HOME, '..', '..'))).toEqual([named]);
    expect(await tributary(['up'], environment)).toMatchObject({ code: 0 });
    expect(await sync()).toMatchObject({ code: 0, items: [{ outcome: 'done_empty', inserted: 0 }] });
    expect((await tributary(['verify', '--json'], environment)).items.at(-1)).toMatchObject({ ok: true, lost: 0 });
    expect(await tributary(['down'], environment)).toMatchObject({ code: 0 });
  },
  120_000,
);
