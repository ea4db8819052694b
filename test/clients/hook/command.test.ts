// tributary hook, as people type it, in repositories of every kind. No stack runs, so the source is named.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { hookNames } from '../../../src/clients/hook/script.js';
import { eventually } from '../../support/eventually.js';
import { tributary, type Outcome } from '../command.js';
import { gitEnvironment, HookedRepository, temporaryDirectory } from './hooked-repository.js';

function hook(
  repository: HookedRepository,
  words: readonly string[],
  directory = repository.path,
  more: Record<string, string> = {},
): Promise<Outcome> {
  return tributary(
    ['hook', ...words],
    { TRIBUTARY_HOME: repository.home, GIT_CONFIG_GLOBAL: '/dev/null', ...more },
    directory,
  );
}

const install = ['install', '--id', 'acme/api', '--json'];

function filesOf(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}

test('install, status and remove tell each hook on a line; the second install and the second remove change nothing', async () => {
  const repository = new HookedRepository();
  rmSync(join(repository.home, 'stack.json'));
  repository.existing('post-merge', 'echo mine');
  const before = readFileSync(join(repository.hooks, 'post-merge'));
  const first = await hook(repository, install);
  expect(first).toMatchObject({
    code: 0,
    err: 'no stack runs, so it was not checked that acme/api reads this repository\n',
  });
  const path = (name: string): string => join(repository.hooks, name);
  expect(first.items).toEqual(
    hookNames.map((name) => ({
      hook: name,
      path: path(name),
      change: name === 'post-merge' ? 'chained' : 'installed',
      source: 'acme/api',
    })),
  );
  const status = await hook(repository, ['status', '--json']);
  expect(status).toMatchObject({ code: 0, err: '' });
  expect(status.items).toEqual(
    hookNames.map((name) => ({
      hook: name,
      path: path(name),
      state: 'installed',
      version: 1,
      source: 'acme/api',
      home: repository.home,
      kept: name === 'post-merge',
    })),
  );
  expect((await hook(repository, install)).items.map(({ change }) => change)).toEqual(hookNames.map(() => 'unchanged'));
  const removed = await hook(repository, ['remove', '--json']);
  expect(removed.items).toEqual(
    hookNames.map((name) => ({ hook: name, path: path(name), change: name === 'post-merge' ? 'restored' : 'removed' })),
  );
  expect(readFileSync(path('post-merge'))).toEqual(before);
  expect(filesOf(repository.hooks)).toEqual(['post-merge']);
  expect(await hook(repository, ['remove'])).toMatchObject({
    code: 0,
    out: `no hook of ours is in ${repository.path}\n`,
  });
  expect(existsSync(join(repository.home, 'hooks'))).toBe(false);
});

test('a linked worktree shares the hooks, and its commits are told', async () => {
  const repository = new HookedRepository();
  repository.commit();
  const worktree = join(repository.home, 'work tree');
  repository.git(['worktree', 'add', '-q', '--detach', worktree]);
  rmSync(join(repository.home, 'stack.json'));
  expect((await hook(repository, install, worktree)).items).toMatchObject(
    hookNames.map((name) => ({ path: join(repository.hooks, name), change: 'installed' })),
  );
  repository.install();
  writeFileSync(join(repository.home, 'stack.json'), '{}');
  repository.git(['-C', worktree, 'commit', '-q', '--allow-empty', '-m', 'there']);
  await eventually('it is told', () => repository.nudges().length > 0);
  await repository.settled();
});

test('a relative core.hooksPath that leads nowhere in a linked worktree is called so, not a missing repository', async () => {
  const repository = new HookedRepository();
  repository.commit();
  const worktree = join(repository.home, 'work tree');
  repository.git(['worktree', 'add', '-q', '--detach', worktree]);
  repository.git(['config', 'core.hooksPath', '.git/hooks']);
  for (const words of [install, ['remove'], ['status']]) {
    const { code, err } = await hook(repository, words, worktree);
    expect({ code, err }).toMatchObject({
      code: 2,
      err: expect.stringMatching(
        /^error: core\.hooksPath: is "\.git\/hooks", which leads nowhere in ".*work tree", so git runs no hook there/,
      ),
    });
  }
});

test('a submodule has hooks of its own', async () => {
  const repository = new HookedRepository();
  rmSync(join(repository.home, 'stack.json'));
  const inner = new HookedRepository();
  inner.commit();
  execFileSync('git', ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.path, 'inner'], {
    cwd: repository.path,
    env: gitEnvironment(),
  });
  const { items } = await hook(repository, install, join(repository.path, 'inner'));
  expect(items[0]).toMatchObject({ path: join(repository.path, '.git', 'modules', 'inner', 'hooks', 'post-commit') });
  expect(filesOf(repository.hooks)).toEqual([]);
});

test('a relative core.hooksPath under the git directory is followed, from a subdirectory, too; after it was unset, remove finds ours in the usual place', async () => {
  const repository = new HookedRepository();
  rmSync(join(repository.home, 'stack.json'));
  await hook(repository, install);
  repository.git(['config', 'core.hooksPath', '.git/my hooks']);
  const below = join(repository.path, 'below');
  mkdirSync(below);
  expect((await hook(repository, install, below)).items).toMatchObject([
    { path: join(repository.path, '.git', 'my hooks', 'post-commit') },
    {},
    {},
    {},
  ]);
  expect((await hook(repository, ['remove', '--json'])).items).toHaveLength(8);
  expect([filesOf(repository.hooks), filesOf(join(repository.path, '.git', 'my hooks'))]).toEqual([[], []]);
});

test('variables of a hook or an alias do not lead to another repository', async () => {
  const repository = new HookedRepository();
  rmSync(join(repository.home, 'stack.json'));
  const other = new HookedRepository();
  const { code } = await hook(repository, install, repository.path, {
    GIT_DIR: join(other.path, '.git'),
    GIT_WORK_TREE: other.path,
  });
  expect({ code, here: filesOf(repository.hooks).length, there: filesOf(other.hooks) }).toEqual({
    code: 0,
    here: 4,
    there: [],
  });
});

describe('refused in one line, with nothing written', () => {
  async function refused(
    repository: HookedRepository,
    words: readonly string[],
    says: RegExp,
    directory = repository.path,
  ): Promise<void> {
    const before = filesOf(repository.hooks);
    const { code, out, err } = await hook(repository, words, directory);
    expect(err).toMatch(says);
    expect({ code, out, lines: err.trimEnd().split('\n').length, hooks: filesOf(repository.hooks) }).toEqual({
      code: 2,
      out: '',
      lines: 1,
      hooks: before,
    });
    expect(existsSync(join(repository.path, '.git', 'tributary'))).toBe(false);
  }

  test('no repository, and a bare one', async () => {
    const repository = new HookedRepository();
    const directory = temporaryDirectory();
    await refused(
      repository,
      [...install, directory],
      /^error: path: found no git repository at .*; git said: fatal: not a git repository/,
    );
    execFileSync('git', ['init', '-q', '--bare', directory], { env: gitEnvironment() });
    await refused(repository, [...install, directory], /^error: path: .* is a bare repository: nobody commits in it/);
  });

  test('an id that is none, and --start with a password to keep', async () => {
    const repository = new HookedRepository();
    await refused(repository, ['install', '--id', '$(touch canary)'], /^error: id: expected segments/);
    const { code, err } = await hook(repository, [...install, '--start'], repository.path, {
      DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/db',
    });
    expect({ code, err }).toMatchObject({
      code: 2,
      err: 'error: start: cannot be used with DATABASE_URL, which the hook would have to hold; start the stack with `tributary up`\n',
    });
    expect(existsSync(join(repository.path, 'canary'))).toBe(false);
  });

  test('hooks that others share, or husky, lefthook or overcommit write: it says what to do instead', async () => {
    const repository = new HookedRepository();
    const shared = temporaryDirectory();
    repository.git(['config', 'core.hooksPath', shared]);
    await refused(
      repository,
      install,
      /which is not this repository's alone.*; run `tributary hook install --script-only`/,
    );
    repository.git(['config', 'core.hooksPath', '.githooks']);
    await refused(repository, install, /\.githooks", which is not this repository's alone/);
    repository.git(['config', 'core.hooksPath', '.husky/_']);
    await refused(repository, install, /which husky writes anew/);
    repository.git(['config', '--unset', 'core.hooksPath']);
    repository.existing('post-commit', 'call_lefthook run "post-commit" "$@"');
    await refused(repository, install, /are written by lefthook/);
    expect(filesOf(shared)).toEqual([]);
  });

  test('a hooks directory that is a link out of the repository', async () => {
    const repository = new HookedRepository();
    const outside = temporaryDirectory();
    rmSync(repository.hooks, { recursive: true });
    symlinkSync(outside, repository.hooks);
    await refused(repository, install, /which is not this repository's alone \(core.hooksPath, or a link\)/);
    await hook(repository, ['remove']);
    expect(filesOf(outside)).toEqual([]);
  });

  test('one hook that stands in the way stops all', async () => {
    const repository = new HookedRepository();
    mkdirSync(join(repository.hooks, 'post-rewrite'));
    await refused(repository, install, /post-rewrite" is a directory/);
  });
});

test('with husky, the script beside and its line do the same; people without Tributary notice nothing', async () => {
  const repository = new HookedRepository();
  repository.git(['config', 'core.hooksPath', '.husky']);
  const installed = await hook(repository, ['install', '--script-only', '--id', 'acme/api'], repository.path, {
    TRIBUTARY_HOME: join(repository.home, 'nowhere'),
  });
  const line = installed.out.trimEnd().split('\n').at(-1)!.trim();
  const script = join(repository.path, '.git', 'tributary', 'post-commit');
  expect(installed.out).toContain(script);
  mkdirSync(join(repository.path, '.husky'));
  writeFileSync(join(repository.path, '.husky', 'post-commit'), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  repository.git(['config', '--unset', 'core.hooksPath']);
  repository.install();
  writeFileSync(script, readFileSync(join(repository.hooks, 'post-commit')));
  repository.git(['config', 'core.hooksPath', '.husky']);
  repository.commit();
  await repository.settled();
  expect(repository.nudges()).toMatchObject([{ head: repository.head() }]);
  rmSync(script);
  expect(repository.git(['commit', '-q', '--allow-empty', '-m', 'without'])).toEqual({ code: 0, out: '', err: '' });
  expect((await hook(repository, ['remove', '--json'])).items).toHaveLength(4);
  expect(existsSync(script)).toBe(false);
});

test('help shows an example of each', async () => {
  const repository = new HookedRepository();
  for (const words of ['install', 'remove', 'status'])
    expect((await hook(repository, [words, '--help'])).out).toContain(`$ tributary hook ${words}`);
});
