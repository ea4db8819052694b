// Repositories made to run something, read a file of ours, or take all there is. With every option on, and by default:
// no canary appears, and what can be stored is.
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../src/domain/errors.js';
import { gitLimits } from '../../../src/sources/git/limits.js';
import { eventOf, eventsOf, filesOf, Reading, shasOf, text } from './reading.js';
import { gitBytes, Repository, temporaryDirectory, type Tree } from './repository.js';
import { everything, ways } from './ways.js';

interface Trap {
  readonly program: string;
  readonly sprung: () => boolean;
}

/** A program that leaves a canary whenever anybody runs it, with any arguments. */
function trap(): Trap {
  const directory = temporaryDirectory();
  const [program, canary] = [join(directory, 'evil'), join(directory, 'canary')];
  writeFileSync(program, `#!/bin/sh\ntouch ${canary}\nexec cat\n`);
  chmodSync(program, 0o755);
  return { program, sprung: () => existsSync(canary) };
}

const programs = [
  'core.fsmonitor', 'core.sshCommand', 'core.pager', 'core.editor', 'core.askPass', 'core.gitProxy', 'core.alternateRefsCommand', 'gpg.program', 'uploadpack.packObjectsHook', 'diff.external', 'diff.evil.command',
  'diff.evil.textconv', 'diff.cpp.textconv', 'diff.cpp.command', 'diff.tributary.textconv', 'diff.tributary.command', 'filter.evil.clean', 'filter.evil.smudge', 'filter.evil.process', 'filter.lfs.process',
  'filter.lfs.smudge', 'merge.evil.driver', 'interactive.diffFilter', 'credential.helper', 'remote.origin.uploadpack', 'receive.procReceiveRefs', 'pager.diff-tree', 'trailer.x.command', 'alias.diff-tree',
]; // prettier-ignore

/** Everything a repository's own settings can name, and attributes that ask for it in the tree and beside it. */
function armed(repository: Repository, { program }: Trap): void {
  for (const key of programs) repository.git(['config', key, key.startsWith('alias.') ? `!${program}` : program]);
  for (const key of [
    'log.showSignature',
    'filter.evil.required',
    'diff.evil.cachetextconv',
    'core.symlinks',
    'transfer.bundleURI',
    'fetch.recurseSubmodules',
    'submodule.recurse',
  ])
    repository.git(['config', key, 'true']);
  repository.git(['config', 'fetch.bundleURI', `file://${program}`]);
  const directory = join(repository.path, '.git');
  mkdirSync(join(directory, 'info'), { recursive: true });
  writeFileSync(join(directory, 'info', 'attributes'), attributes);
  writeFileSync(join(directory, 'attributes'), attributes);
  repository.git(['config', 'core.attributesFile', join(directory, 'attributes')]);
  const hooks = join(directory, 'hooks');
  mkdirSync(hooks, { recursive: true });
  for (const hook of [
    'post-checkout',
    'reference-transaction',
    'post-index-change',
    'pre-auto-gc',
    'fsmonitor-watchman',
    'update',
    'pre-receive',
  ])
    if (!existsSync(join(hooks, hook))) symlinkSync(program, join(hooks, hook));
  repository.git(['config', 'core.hooksPath', hooks]);
}

const attributes =
  '* filter=evil diff=evil merge=evil working-tree-encoding=UTF-16\n*.c diff=cpp\n*.ts diff=tributary\n*.psd filter=lfs diff=lfs\n';

describe.each(ways)('read %s', (_, options) => {
  test('settings, hooks and attributes run nothing', async () => {
    const [repository, evil] = [Repository.create(), trap()];
    const files: Tree = {
      '.gitattributes': attributes,
      'a.c': 'int f(void)\n{\n\treturn 1;\n}\n',
      'a.ts': 'function f() {\n}\n',
      'a.psd': Buffer.from([0, 1]),
      'sub/.gitattributes': attributes,
    };
    const first = repository.commit(files);
    const second = repository.commit(
      {
        ...files,
        'a.c': 'int f(void)\n{\n\treturn 2;\n}\n',
        'a.ts': 'function g() {\n}\n',
        'a.psd': Buffer.from([0, 2]),
      },
      { parents: [first], headers: 'gpgsig -----BEGIN PGP SIGNATURE-----\n x\n' },
    );
    repository.point(second);
    armed(repository, evil);
    const events = await new Reading({ url: repository.path, ...options }).run();
    expect(shasOf(events)).toEqual([first, second]);
    expect(filesOf(events, second).map(({ path, additions, binary }) => [path, additions, binary])).toEqual([['a.c', 1, false], ['a.psd', null, true], ['a.ts', 1, false]]); // prettier-ignore
    expect(evil.sprung()).toBe(false);
  });

  test("settings that someone put into our mirror's attributes find no program either", async () => {
    const [repository, evil] = [Repository.create(), trap()];
    const ids = repository.line(2);
    const reading = new Reading({ url: repository.path, ...options });
    const { cursor } = await reading.prepare();
    const mirror = join(reading.directory, 'mirror.git');
    mkdirSync(join(mirror, 'info'), { recursive: true });
    writeFileSync(join(mirror, 'info', 'attributes'), attributes);
    expect(shasOf((await reading.chunks(cursor)).flatMap(eventsOf))).toEqual(ids);
    expect(evil.sprung()).toBe(false);
  });

  test('submodules are named and never entered, whatever they are called or point to', async () => {
    const [repository, evil] = [Repository.create(), trap()];
    const modules = [
      `[submodule "a"]\n\tpath = a\n\turl = -u${evil.program}\n`,
      `[submodule "../../hooks"]\n\tpath = b\n\turl = ext::sh -c ${evil.program}\n`,
      `[submodule "c"]\n\tpath = c\r\n\turl = ${evil.program}\n\tupdate = !${evil.program}\n`,
    ];
    const id = repository.commit({
      '.gitmodules': modules.join(''),
      a: { mode: '160000', content: '1'.repeat(40) },
      'c\r': { mode: '160000', content: '2'.repeat(40) },
      b: { mode: '120000', content: '.git/modules' },
      B: 'twin\n',
    });
    repository.point(id);
    const files = filesOf(await new Reading({ url: repository.path, ...options }).run(), id);
    expect(files.map(({ path, mode, submodule }) => [path, mode, submodule])).toEqual([
      ['.gitmodules', '100644', undefined],
      ['B', '100644', undefined],
      ['a', '160000', { old: null, new: '1'.repeat(40) }],
      ['b', '120000', undefined],
      ['c\r', '160000', { old: null, new: '2'.repeat(40) }],
    ]);
    expect(evil.sprung()).toBe(false);
  });

  test('paths that lead out of a tree, and into a .git, are names and nothing else', async () => {
    const repository = Repository.create();
    const secret = join(temporaryDirectory(), 'secret');
    writeFileSync(secret, 'a secret of ours\n');
    const link = { mode: '120000', content: secret };
    // One tree inside itself is no file; each of these is.
    const names: Tree = {
      '..': 'x\n',
      '.': 'x\n',
      '.git': 'gitdir: /nowhere\n',
      '.GIT': 'x\n',
      'git~1': 'x\n',
      link: link,
      'a\\..\\b': 'x\n',
      'C:': 'x\n',
      con: 'x\n',
      '\u202etxt.exe': 'x\n',
    };
    const hooks = repository.git(
      ['mktree', '-z'],
      Buffer.from(`100755 blob ${repository.blob('#!/bin/sh\n')}\tpost-checkout\0`),
    );
    const tree = repository.git(['mktree', '-z'], Buffer.from(`040000 tree ${hooks}\thooks\0`));
    const lines = repository.git([
      'ls-tree',
      '-z',
      repository.tree(
        Object.fromEntries(Object.entries(names).map(([name, file]) => [Buffer.from(name).toString('latin1'), file])),
      ),
    ]);
    const whole = repository.git(
      ['mktree', '-z'],
      Buffer.concat([
        Buffer.from(lines.endsWith('\0') ? lines : `${lines}\0`),
        Buffer.from(`040000 tree ${tree}\t.git.d\0`),
      ]),
    );
    const id = repository.object(`tree ${whole}\nauthor A <a@x> 1 +0000\ncommitter C <c@x> 1 +0000\n\nm\n`);
    repository.point(id);
    const reading = new Reading({ url: repository.path, ...options });
    const events = await reading.run();
    expect(
      filesOf(events, id)
        .map(({ path }) => text(path))
        .sort(),
    ).toEqual([...Object.keys(names), '.git.d/hooks/post-checkout'].sort());
    expect(JSON.stringify(events)).not.toContain('a secret of ours');
    expect(readdirSync(reading.directory).sort()).toEqual(['mirror.git', 'walks']);
    expect(existsSync(join(reading.directory, 'mirror.git', 'hooks'))).toBe(false);
  });

  test('a link is stored as a link: what it points to is never read', async () => {
    const repository = Repository.create();
    const first = repository.commit({
      link: { mode: '120000', content: '/etc/passwd' },
      up: { mode: '120000', content: '../../../../../../etc/passwd' },
    });
    const second = repository.commit(
      { link: { mode: '120000', content: '/proc/self/environ' }, up: 'a file now\n' },
      { parents: [first] },
    );
    repository.point(second);
    const events = await new Reading({ url: repository.path, ...options }).run();
    expect(filesOf(events, second).map(({ path, change, mode }) => [path, change, mode])).toEqual([['link', 'modified', '120000'], ['up', 'type_changed', '100644']]); // prettier-ignore
    expect(JSON.stringify(events)).not.toMatch(/root:|PATH=/);
  });
});

describe('origins', () => {
  test('whose objects are links to elsewhere give away nothing', async () => {
    const [repository, outside] = [Repository.create(), temporaryDirectory()];
    const ids = repository.line(2);
    writeFileSync(join(outside, 'secret'), 'a secret of ours\n');
    symlinkSync(join(outside, 'secret'), join(repository.path, '.git', 'objects', 'aa'));
    symlinkSync(outside, join(repository.path, '.git', 'objects', 'info', 'linked'));
    const reading = new Reading({ url: repository.path, diff: 'patch' });
    expect(shasOf(await reading.run())).toEqual(ids);
    const names = readdirSync(join(reading.directory, 'mirror.git'), { recursive: true, withFileTypes: true });
    expect(names.filter((name) => name.isSymbolicLink() || name.name === 'secret')).toEqual([]);
  });

  test('whose .git is a file that points to another repository are that repository', async () => {
    const [inner, evil] = [Repository.create(), trap()];
    const ids = inner.line(2);
    armed(inner, evil);
    const outer = temporaryDirectory();
    writeFileSync(join(outer, '.git'), `gitdir: ${join(inner.path, '.git')}\n`);
    expect(shasOf(await new Reading({ url: outer, diff: 'patch' }).run())).toEqual(ids);
    expect(evil.sprung()).toBe(false);
  });

  test('that graft or replace history are read as their objects say', async () => {
    const repository = Repository.create();
    const ids = repository.line(3);
    const other = repository.commit({ invented: 'x\n' });
    repository.git(['replace', ids[2]!, other]);
    const events = await new Reading({ url: repository.path, ...everything }).run();
    expect(eventOf(events, ids[2]!).data['parents']).toEqual([ids[1]]);
    expect(filesOf(events, ids[2]!)).toMatchObject([{ path: 'file' }]);
  });

  test('with more refs than can be followed are refused by name of the option, and nothing is fetched', async () => {
    const repository = Repository.create();
    const [id] = repository.line(1) as [string];
    const refs = Array.from(
      { length: gitLimits.refsMax + 1 },
      (_, at) => `${id} refs/heads/x${String(at).padStart(6, '0')}\n`,
    );
    writeFileSync(
      join(repository.path, '.git', 'packed-refs'),
      `# pack-refs with: peeled fully-peeled sorted \n${refs.join('')}`,
    );
    const reading = new Reading({ url: repository.path });
    const error = await reading.run().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InvalidInput);
    expect((error as Error).message).toMatch(/^refs: match 10000\d refs, at most 100000 can be followed/);
    expect(existsSync(join(reading.directory, 'mirror.git'))).toBe(false);
    expect(shasOf(await new Reading({ url: repository.path, refs: ['refs/heads/main'] }).run())).toEqual([id]);
  });

  test("whose text turns the reader's eye are stored as they are", async () => {
    const repository = Repository.create();
    const message = '\u001b]0;title\u0007\u001b[31mred\u202e txet\n\nbody\u0085\u2028\n';
    const id = repository.commit({ 'a.py': 'def \u202ef():\n' }, { message });
    repository.point(id);
    expect(eventOf(await new Reading({ url: repository.path, ...everything }).run(), id).data['message']).toBe(message);
  });
});

test('the patch of git itself is no different when the origin is armed', async () => {
  const [repository, evil] = [Repository.create(), trap()];
  const first = repository.commit({ '.gitattributes': attributes, 'a.c': 'int f(void)\n{\n\treturn 1;\n}\n' });
  const second = repository.commit(
    { '.gitattributes': attributes, 'a.c': 'int f(void)\n{\n\treturn 2;\n}\n' },
    { parents: [first] },
  );
  repository.point(second);
  const plain = gitBytes(repository.path, [
    'diff-tree',
    '-p',
    '--full-index',
    '--no-commit-id',
    '-r',
    second,
    '--',
    'a.c',
  ]).toString();
  armed(repository, evil);
  const [file] = filesOf(await new Reading({ url: repository.path, ...everything }).run(), second);
  expect(text(file!['patch'])).toBe(plain);
  expect(evil.sprung()).toBe(false);
});
