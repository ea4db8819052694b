// A hook that was there before: it runs first, as it did, and comes back as it was.
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkInstall, inspectHook, removeHook } from '../../../src/clients/hook/hook-file.js';
import { hookNames, keptSuffix } from '../../../src/clients/hook/script.js';
import { eventually } from '../../support/eventually.js';
import { gitEnvironment, HookedRepository, temporaryDirectory } from './hooked-repository.js';

function removeAll({ hooks }: HookedRepository): void {
  for (const name of hookNames) removeHook(inspectHook(hooks, name));
}

test('the hook that was there runs first, with its words, its input and its exit code', async () => {
  const repository = new HookedRepository();
  repository.existing('post-rewrite', 'echo "$#:$1:$(cat)"; echo "${0##*/} in ${0%/*}" >&2; exit 7');
  repository.install();
  const { code, out } = repository.runHook('post-rewrite', ['amend'], 'old new\nolder newer\n');
  expect({ code, lines: out.split('\n') }).toEqual({
    code: 7,
    lines: ['1:amend:old new', 'older newer', `post-rewrite${keptSuffix} in .git/hooks`, ''],
  });
  await repository.settled(0);
});

test('git amend reaches it with its input, and what it says is shown', async () => {
  const repository = new HookedRepository();
  repository.existing('post-rewrite', 'read -r old new; echo "$1 $old $new"');
  repository.install();
  const before = repository.commit();
  const { code, err } = repository.git(['commit', '-q', '--amend', '--allow-empty', '-m', 'amended']);
  expect({ code, err }).toEqual({ code: 0, err: `amend ${before} ${repository.head()}\n` });
  await eventually('the amended commit is seen', () => repository.nudges().at(-1)?.head === repository.head());
  await repository.settled();
});

test.each([
  ['a merge', ['merge', '-q', '--no-edit', 'other']],
  ['a cherry-pick', ['cherry-pick', '--allow-empty', '--keep-redundant-commits', 'other']],
  ['a rebase', ['rebase', '-q', '--keep-empty', 'other']],
  ['a pull', ['pull', '-q', '--no-edit', '--no-rebase', '.', 'other']],
])('%s is told, too', async (_, words) => {
  const repository = new HookedRepository();
  repository.commit('root');
  repository.git(['branch', 'other']);
  repository.commit('here');
  repository.git(['checkout', '-q', 'other']);
  repository.commit('there');
  repository.git(['checkout', '-q', 'main']);
  repository.install();
  const { code, err } = repository.git(words);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  await eventually('it is seen', () => repository.nudges().at(-1)?.head === repository.head());
  await repository.settled();
});

test('so is a patch from a mail', async () => {
  const repository = new HookedRepository();
  repository.commit('root');
  writeFileSync(join(repository.path, 'file'), 'text\n');
  repository.git(['add', 'file']);
  repository.commit('patch');
  const mail = join(repository.home, 'mail');
  writeFileSync(mail, repository.git(['format-patch', '--stdout', '-1']).out);
  repository.git(['reset', '-q', '--hard', 'HEAD~1']);
  repository.install();
  expect(repository.git(['am', '-q', mail])).toMatchObject({ code: 0, err: '' });
  await eventually('it is seen', () => repository.nudges().at(-1)?.head === repository.head());
  await repository.settled();
});

describe('removed, what was there is back as it was', () => {
  const contents: Record<string, { readonly bytes: Buffer; readonly mode: number }> = {
    'a script': { bytes: Buffer.from('#!/bin/sh\r\nexit 0\r\n'), mode: 0o751 },
    'bytes that are no text': { bytes: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe]), mode: 0o700 },
    'an empty file that may not be run': { bytes: Buffer.alloc(0), mode: 0o644 },
  };

  test.each(Object.entries(contents))('%s', (_, { bytes, mode }) => {
    const repository = new HookedRepository();
    const path = join(repository.hooks, 'post-commit');
    writeFileSync(path, bytes);
    chmodSync(path, mode);
    utimesSync(path, 1_000_000, 1_000_000);
    const { ino } = statSync(path);
    repository.install();
    expect(statSync(path).ino).not.toBe(ino);
    removeAll(repository);
    expect({ bytes: readFileSync(path), mode: statSync(path).mode & 0o777, mtime: statSync(path).mtimeMs }).toEqual({
      bytes,
      mode,
      mtime: 1_000_000_000,
    });
    for (const name of hookNames.slice(1)) expect(existsSync(join(repository.hooks, name))).toBe(false);
  });

  test('a link to elsewhere, which runs, and whose target is not touched', async () => {
    const repository = new HookedRepository();
    const target = join(repository.path, 'shared-hook');
    writeFileSync(target, '#!/bin/sh\necho shared >&2\n', { mode: 0o755 });
    const path = join(repository.hooks, 'post-commit');
    symlinkSync('../../shared-hook', path);
    repository.install();
    expect(lstatSync(path).isFile()).toBe(true);
    expect(repository.git(['commit', '-q', '--allow-empty', '-m', 'one'])).toEqual({
      code: 0,
      out: '',
      err: 'shared\n',
    });
    await repository.settled();
    removeAll(repository);
    expect(readlinkSync(path)).toBe('../../shared-hook');
    expect(readFileSync(target, 'utf8')).toBe('#!/bin/sh\necho shared >&2\n');
  });
});

test('a link that leads nowhere, or in a circle, is kept and never followed', async () => {
  const repository = new HookedRepository();
  const outside = join(temporaryDirectory(), 'outside');
  symlinkSync(outside, join(repository.hooks, 'post-commit'));
  symlinkSync('post-merge', join(repository.hooks, 'post-merge'));
  repository.install();
  repository.commit();
  await repository.settled();
  removeAll(repository);
  expect(existsSync(outside)).toBe(false);
  expect(['post-commit', 'post-merge'].map((name) => readlinkSync(join(repository.hooks, name)))).toEqual([
    outside,
    'post-merge',
  ]);
});

test('a hook that may not be run is kept, and not run, as git would not', async () => {
  const repository = new HookedRepository();
  repository.existing('post-commit', 'echo never', 0o644);
  repository.install();
  expect(repository.git(['commit', '-q', '--allow-empty', '-m', 'one'])).toEqual({ code: 0, out: '', err: '' });
  await repository.settled();
});

test('installed twice, nothing changes; with other settings ours is replaced and what it keeps stays', () => {
  const repository = new HookedRepository();
  const path = repository.existing('post-commit', 'echo mine');
  repository.install();
  const { ino, mtimeMs } = statSync(path);
  repository.install();
  expect(statSync(path)).toMatchObject({ ino, mtimeMs });
  repository.install({}, { source: 'acme/other' });
  expect(inspectHook(repository.hooks, 'post-commit')).toMatchObject({
    state: 'installed',
    kept: true,
    ours: { version: 1, source: 'acme/other', home: repository.home },
  });
  removeAll(repository);
  expect(readFileSync(path, 'utf8')).toBe('#!/bin/sh\necho mine\n');
});

test('ours that lost its permission gets it back', () => {
  const repository = new HookedRepository();
  repository.install();
  const path = join(repository.hooks, 'post-commit');
  chmodSync(path, 0o644);
  expect(repository.git(['commit', '-q', '--allow-empty', '-m', 'one']).code).toBe(0);
  repository.install();
  // By the umask, as git makes its own hooks.
  expect((statSync(path).mode & 0o777).toString(8)).toBe((0o755 & ~process.umask()).toString(8));
});

test('what is not ours is not removed, nor ours with lines of somebody else', () => {
  const repository = new HookedRepository();
  const other = repository.existing('post-merge', 'echo mine # tributary-hook 1');
  repository.install();
  removeAll(repository);
  expect(readFileSync(other, 'utf8')).toContain('echo mine');
  repository.install();
  const path = join(repository.hooks, 'post-commit');
  appendFileSync(path, 'echo mine, too\n');
  removeAll(repository);
  expect(readFileSync(path, 'utf8')).toContain('echo mine, too');
  expect(() => checkInstall(inspectHook(repository.hooks, 'post-commit'))).toThrow(
    /is ours, but was edited; move your lines/,
  );
});

test('where ours was replaced by another, both hooks are left alone', () => {
  const repository = new HookedRepository();
  repository.existing('post-commit', 'echo first');
  repository.install();
  repository.existing('post-commit', 'echo second');
  const file = inspectHook(repository.hooks, 'post-commit');
  expect(removeHook(file)).toBeNull();
  expect(() => checkInstall(file)).toThrow(/is not ours, and .* keeps an earlier hook/);
});

test('where ours was deleted by hand, remove still brings back what it kept', () => {
  const repository = new HookedRepository();
  const path = repository.existing('post-commit', 'echo first');
  repository.install();
  renameSync(path, join(repository.hooks, 'elsewhere'));
  expect(removeHook(inspectHook(repository.hooks, 'post-commit'))).toBe('restored');
  expect(readFileSync(path, 'utf8')).toBe('#!/bin/sh\necho first\n');
});

test('a directory where the hook belongs is refused', () => {
  const repository = new HookedRepository();
  mkdirSync(join(repository.hooks, 'post-commit'));
  expect(() => checkInstall(inspectHook(repository.hooks, 'post-commit'))).toThrow(/is a directory, expected a hook/);
});

test('a manager that moves ours away and runs it, and is itself what ours keeps, does not run in a circle', async () => {
  const repository = new HookedRepository();
  const manager = 'echo manager >&2; [ ! -x "${0%/*}/post-commit.legacy" ] || exec "${0%/*}/post-commit.legacy" "$@"';
  repository.existing('post-commit', manager);
  repository.install();
  renameSync(join(repository.hooks, 'post-commit'), join(repository.hooks, 'post-commit.legacy'));
  repository.existing('post-commit', manager);
  expect(repository.git(['commit', '-q', '--allow-empty', '-m', 'one'], gitEnvironment())).toEqual({
    code: 0,
    out: '',
    err: 'manager\nmanager\n',
  });
  await repository.settled();
});
