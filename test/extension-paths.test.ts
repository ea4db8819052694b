// The words of TRIBUTARY_EXTENSIONS: paths from where the command is run, and packages that are installed there or in the home.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { extensionList, extensionPaths } from '../src/extension-paths.js';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'tributary-paths-')));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const [here, home] = [join(root, 'here'), join(root, 'home')];

function installed(directory: string, name: string, exports: unknown): string {
  const place = join(directory, 'node_modules', name);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), JSON.stringify({ name, version: '1.0.0', type: 'module', exports }));
  writeFileSync(join(place, 'main.js'), 'export const sources = [];');
  return join(place, 'main.js');
}

test('a path is one from where the command is run, also without a dot when the file is there', () => {
  mkdirSync(here, { recursive: true });
  writeFileSync(join(here, 'own.mjs'), '');
  expect(extensionPaths('./a.mjs, own.mjs ,/b/c.mjs,', here, home)).toEqual([
    join(here, 'a.mjs'),
    join(here, 'own.mjs'),
    '/b/c.mjs',
  ]);
});

test('a package is found here first, then in the home, by its exports for imports', () => {
  const [near, scoped] = [
    installed(here, 'acme-notes', { '.': { import: './main.js' } }),
    installed(home, '@acme/wiki', './main.js'),
  ];
  installed(home, 'acme-notes', './main.js');
  expect(extensionPaths('acme-notes,@acme/wiki', here, home)).toEqual([near, scoped]);
});

test('a word that leads nowhere stays as it is', () => {
  expect(extensionPaths('acme-gone', here, home)).toEqual(['acme-gone']);
});

test('what is handed on to a worker is read as the same paths, also with commas in them', () => {
  for (const paths of [['/a/b.mjs'], ['/a/b.mjs', '/c.mjs'], ['/with,comma.mjs', '/c.mjs']])
    expect(extensionPaths(extensionList(paths)!, here, home)).toEqual(paths);
  expect(extensionList([])).toBeUndefined();
});
