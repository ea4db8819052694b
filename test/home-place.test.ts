// Which directory is the home: named, found upwards as git finds its own, or the user's; and never another one by accident.
import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { placeOfHome } from '../src/home-place.js';
import { tributary } from './clients/command.js';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-place-')));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function made(...way: string[]): string {
  const path = join(directory, ...way);
  mkdirSync(path, { recursive: true });
  return path;
}

const user = made('user');
const environment = { HOME: user };
const conventional = process.platform === 'darwin' ? 'Library/Application Support' : '.local/share';
const usersHome = join(user, conventional, 'tributary');

test('without one here or above it is the one of the user, the same from every folder', () => {
  for (const folder of [made('a'), made('a', 'src', 'deep'), user, '/'])
    expect(placeOfHome(environment, folder)).toEqual({ path: usersHome, why: 'user', others: [] });
  expect(placeOfHome({ ...environment, XDG_DATA_HOME: '/data' }, '/').path).toBe('/data/tributary');
  // The base directory specification: a relative path is invalid and ignored.
  expect(placeOfHome({ ...environment, XDG_DATA_HOME: 'data' }, '/').path).toBe(usersHome);
});

test('a .tributary of a folder serves all below it, the nearest first; what it hides is named', () => {
  const outer = made('outer', '.tributary');
  const deep = made('outer', 'inner', 'src');
  expect(placeOfHome(environment, deep)).toEqual({ path: outer, why: 'found', others: [] });
  const inner = made('outer', 'inner', '.tributary');
  expect(placeOfHome(environment, deep)).toEqual({ path: inner, why: 'found', others: [outer] });
  const usual = made('user', conventional, 'tributary');
  expect(placeOfHome(environment, deep).others).toEqual([outer, usual]);
  rmSync(usual, { recursive: true });
});

test('TRIBUTARY_HOME wins, from wherever it is said; the others are named still', () => {
  const found = made('named', '.tributary');
  const given = { ...environment, TRIBUTARY_HOME: 'elsewhere' };
  expect(placeOfHome(given, made('named'))).toEqual({
    path: join(directory, 'named', 'elsewhere'),
    why: 'given',
    others: [found],
  });
});

test('the way up ends at the directory of the user, and a file of that name is no home', () => {
  made('.tributary');
  expect(placeOfHome(environment, made('user', 'project')).why).toBe('user');
  expect(placeOfHome(environment, made('elsewhere')).path).toBe(join(directory, '.tributary'));
  rmSync(join(directory, '.tributary'), { recursive: true });
  writeFileSync(join(made('file'), '.tributary'), '');
  expect(placeOfHome(environment, made('file')).why).toBe('user');
});

test('a link to a directory is that home; one that leads nowhere may be a disk that is not there, and is no reason for a second', () => {
  const elsewhere = made('disk', 'data');
  symlinkSync(elsewhere, join(made('linked'), '.tributary'));
  expect(placeOfHome(environment, made('linked')).path).toBe(join(directory, 'linked', '.tributary'));
  rmSync(elsewhere, { recursive: true });
  expect(() => placeOfHome(environment, made('linked', 'src'))).toThrow(/^TRIBUTARY_HOME: is not set, and ".*linked/);
});

test.runIf(process.geteuid?.() === 0)(
  "another user's is refused and not passed over, unless it is that of who called sudo",
  () => {
    const foreign = made('foreign', '.tributary');
    chownSync(foreign, 4_711, 4_711);
    const below = made('foreign', 'src');
    expect(() => placeOfHome(environment, below)).toThrow(
      /^TRIBUTARY_HOME: is not set, and ".*foreign\/\.tributary".* another user \(uid 4711\); set TRIBUTARY_HOME/,
    );
    expect(placeOfHome({ ...environment, SUDO_UID: '4711' }, below).path).toBe(foreign);
    expect(placeOfHome({ ...environment, TRIBUTARY_HOME: foreign }, below).path).toBe(foreign);
  },
);

test('without HOME the list of users says where the user is', () => {
  for (const HOME of [undefined, '', 'relative'])
    expect(placeOfHome({ HOME }, '/').path).toBe(join(userInfo().homedir, conventional, 'tributary'));
});

test('status says which home, why, and which other is not used; the same below it', async () => {
  const folder = made('told', 'src');
  const home = made('told', '.tributary');
  const other = made('user', conventional, 'tributary');
  const said = await tributary(['status'], environment, folder);
  expect(said).toMatchObject({ code: 0, err: '' });
  expect(said.out).toContain(`nothing runs in ${home};`);
  expect(said.out).toContain(`home          ${home} (found from here upwards)`);
  expect(said.out).toContain(`${other} is another, not used here`);
  const { items } = await tributary(['status', '--json'], environment, folder);
  expect(items).toMatchObject([{ stack: 'stopped', home, homeWhy: 'found', otherHomes: [other] }]);
  const here = await tributary(['status', '--json'], { ...environment, TRIBUTARY_HOME: other }, folder);
  expect(here.items).toMatchObject([{ home: other, homeWhy: 'given', otherHomes: [home] }]);
});
