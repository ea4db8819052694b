import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withInferredType } from '../../../src/clients/sync/inferred-type.js';
import type { Source } from '../../../src/domain/source.js';
import { builtInSources, createRegistry } from '../../../src/sources/index.js';

const root = mkdtempSync(join(tmpdir(), 'tributary-inferred-'));
afterAll(() => rmSync(root, { recursive: true }));
const [repository, bare, linked, folder] = ['work', 'bare.git', 'linked', 'folder'].map((name) => join(root, name));
execFileSync('git', ['init', '--quiet', repository!]);
execFileSync('git', ['init', '--quiet', '--bare', bare!]);
const author = ['-c', 'user.name=a', '-c', 'user.email=a@example.org'];
execFileSync('git', ['-C', repository!, ...author, 'commit', '--quiet', '--allow-empty', '--message', 'one']);
execFileSync('git', ['-C', repository!, 'worktree', 'add', '--quiet', '--detach', linked!]);
mkdirSync(folder!);

const registry = createRegistry();
const words = (type: string, argument?: string) => ({ type, argument, id: undefined, set: [] });

test.each([
  repository!,
  bare!,
  linked!,
  'https://example.org/acme/api.git',
  'ssh://git@example.org/acme/api',
  'git@example.org:acme/api',
])('%s is a git repository without a word', (place) =>
  expect(withInferredType(registry, words(place))).toEqual({ ...words('git', place) }),
);

const placed = builtInSources.filter(({ argument }) => argument !== undefined).map(({ type }) => type);

test.each([
  ['a folder', folder!, ''],
  ['a path that is not there', join(root, 'nowhere'), ', which does not exist'],
  ['a path from here that is not there', './nowhere', ', which does not exist'],
  ['a url', 'https://example.org/acme/api', ''],
])('%s that no type recognises is refused with the types that take one', (_what, place, missing) => {
  expect(() => withInferredType(registry, words(place))).toThrow(
    `type or id: is left out, and no type of source recognises "${place}"${missing}; expected the type before it, one of ${placed.join(', ')}`,
  );
});

test('a place two types recognise is refused with both', () => {
  const other = { ...builtInSources[1], type: 'tree', events: [], argument: 'path', recognises: () => true } as Source;
  expect(() => withInferredType(createRegistry([...builtInSources, other]), words(repository!))).toThrow(
    'git and tree both recognise',
  );
});

test('a type, an id, and a place whose type is said are left as they are', () => {
  for (const typed of [words('git'), words('acme/api'), words('work'), words('git', repository), words('acme', '.')])
    expect(withInferredType(registry, typed)).toBe(typed);
});
