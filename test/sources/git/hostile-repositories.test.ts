// Repositories made to run something, read a file of ours, or take all there is: no canary appears, and what can be stored is.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../src/domain/errors.js';
import { limits } from '../../../src/limits.js';
import { commitsOf, eventOf, eventsOf, filesOf, Reading, shasOf, text } from './reading.js';
import { gitBytes, Repository, temporaryDirectory, type Tree } from './repository.js';
import { armed, attributes, trap } from './trap.js';

type Given = Omit<ConstructorParameters<typeof Reading>[0], 'url'>;
const everything = { diff: 'patch', symbols: true, copies: true, include: ['**'], exclude: ['no/such/path'], since: '0001-01-01' } satisfies Given;
const ways: [string, Given][] = [['by default', {}], ['with patches and all other options', everything], ['with symbols only', { symbols: true }]]; // prettier-ignore

/** Parents that differ in their messages alone; the merge itself adds a file. git's tools refuse so many, its objects do not. */
function octopusOf(count: number, entries: number): { repository: Repository; wide: string; parents: string[]; octopus: string } {
  const repository = Repository.create();
  const who = 'committer C <c@x> 1700000000 +0000\n';
  const names = Array.from({ length: entries }, (_, at) => `M 644 :1 ${at}\n`).join('');
  const children = Array.from({ length: count }, (_, at) => `commit refs/heads/main\nmark :${at + 10}\n${who}data 5\n${String(at).padStart(5, '0')}\nfrom :2\n\n`).join('');
  const marks = join(repository.path, 'marks');
  repository.git(['fast-import', '--quiet', '--force', `--export-marks=${marks}`], `blob\nmark :1\ndata 2\nx\n\ncommit refs/heads/main\nmark :2\n${who}data 4\nwide\n${names}\n${children}`);
  const marked = new Map(readFileSync(marks, 'utf8').trim().split('\n').map((line) => line.split(' ') as [string, string])); // prettier-ignore
  const [wide, parents] = [marked.get(':2')!, Array.from({ length: count }, (_, at) => marked.get(`:${at + 10}`)!)];
  const lines = `${gitBytes(repository.path, ['ls-tree', '-z', wide]).toString()}100644 blob ${repository.blob('own\n')}\town\0`;
  const tree = repository.git(['mktree', '-z'], lines);
  const octopus = repository.object(`tree ${tree}\n${parents.map((id) => `parent ${id}\n`).join('')}author A <a@x> 1 +0000\n${who}\nm\n`);
  repository.point(octopus);
  return { repository, wide, parents, octopus };
}

describe.each(ways)('read %s', (_, options) => {
  test('settings, hooks and attributes run nothing', async () => {
    const [repository, evil] = [Repository.create(), trap()];
    const files: Tree = { '.gitattributes': attributes, 'a.c': 'int f(void)\n{\n\treturn 1;\n}\n', 'a.ts': 'function f() {\n}\n', 'a.psd': Buffer.from([0, 1]), 'sub/.gitattributes': attributes };
    const first = repository.commit(files);
    const second = repository.commit({ ...files, 'a.c': 'int f(void)\n{\n\treturn 2;\n}\n', 'a.ts': 'function g() {\n}\n', 'a.psd': Buffer.from([0, 2]) }, { parents: [first], headers: 'gpgsig -----BEGIN PGP SIGNATURE-----\n x\n' });
    repository.point(second);
    armed(repository, evil);
    const events = await new Reading({ url: repository.path, ...options }).run();
    expect(shasOf(events)).toEqual([first, second]);
    expect(filesOf(events, second).map(({ path, additions, binary }) => [path, additions, binary])).toEqual([['a.c', 1, false], ['a.psd', null, true], ['a.ts', 1, false]]); // prettier-ignore
    expect(evil.sprung()).toBe(false);
  });

  test('settings that someone put into our mirror\'s attributes find no program either', async () => {
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
    const id = repository.commit({ '.gitmodules': modules.join(''), a: { mode: '160000', content: '1'.repeat(40) }, 'c\r': { mode: '160000', content: '2'.repeat(40) }, b: { mode: '120000', content: '.git/modules' }, B: 'twin\n' });
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
    const names: Tree = { '..': 'x\n', '.': 'x\n', '.git': 'gitdir: /nowhere\n', '.GIT': 'x\n', 'git~1': 'x\n', 'link': link, 'a\\..\\b': 'x\n', 'C:': 'x\n', 'con': 'x\n', '\u202etxt.exe': 'x\n' };
    const hooks = repository.git(['mktree', '-z'], Buffer.from(`100755 blob ${repository.blob('#!/bin/sh\n')}\tpost-checkout\0`));
    const tree = repository.git(['mktree', '-z'], Buffer.from(`040000 tree ${hooks}\thooks\0`));
    const lines = repository.git(['ls-tree', '-z', repository.tree(Object.fromEntries(Object.entries(names).map(([name, file]) => [Buffer.from(name).toString('latin1'), file])))]);
    const whole = repository.git(['mktree', '-z'], Buffer.concat([Buffer.from(lines.endsWith('\0') ? lines : `${lines}\0`), Buffer.from(`040000 tree ${tree}\t.git.d\0`)]));
    const id = repository.object(`tree ${whole}\nauthor A <a@x> 1 +0000\ncommitter C <c@x> 1 +0000\n\nm\n`);
    repository.point(id);
    const reading = new Reading({ url: repository.path, ...options });
    const events = await reading.run();
    expect(filesOf(events, id).map(({ path }) => text(path)).sort()).toEqual([...Object.keys(names), '.git.d/hooks/post-checkout'].sort());
    expect(JSON.stringify(events)).not.toContain('a secret of ours');
    expect(readdirSync(reading.directory).sort()).toEqual(['mirror.git', 'walks']);
    expect(existsSync(join(reading.directory, 'mirror.git', 'hooks'))).toBe(false);
  });

  test('a link is stored as a link: what it points to is never read', async () => {
    const repository = Repository.create();
    const first = repository.commit({ link: { mode: '120000', content: '/etc/passwd' }, up: { mode: '120000', content: '../../../../../../etc/passwd' } });
    const second = repository.commit({ link: { mode: '120000', content: '/proc/self/environ' }, up: 'a file now\n' }, { parents: [first] });
    repository.point(second);
    const events = await new Reading({ url: repository.path, ...options }).run();
    expect(filesOf(events, second).map(({ path, change, mode }) => [path, change, mode])).toEqual([['link', 'modified', '120000'], ['up', 'type_changed', '100644']]); // prettier-ignore
    expect(JSON.stringify(events)).not.toMatch(/root:|PATH=/);
  });

  test('an octopus of 10,000 parents: git is not made to hold the trees of all of them', async () => {
    const { repository, parents, octopus } = octopusOf(10_000, 10);
    const events = await new Reading({ url: repository.path, ...options }).run();
    expect(eventOf(events, octopus)).toMatchObject({ flags: ['files_truncated'], data: { parents, message: 'm\n', author: { name: 'A' }, stats: { files: 1 } } });
    expect(filesOf(events, octopus)).toEqual([]);
    expect(commitsOf(events)).toHaveLength(10_002);
  });

  test('a tree of very many entries', async () => {
    // A patch each costs a millisecond; more than one part of a record is enough then.
    const entries = 'symbols' in options ? limits.gitPartFiles + 2_000 : 100_000;
    const { repository, wide } = octopusOf(1, entries);
    const events = await new Reading({ url: repository.path, ...options }).run();
    expect(eventOf(events, wide).data['stats']).toEqual({ files: entries, additions: entries, deletions: 0 });
    expect(filesOf(events, wide)).toHaveLength(entries);
  });

  test('a file that unpacks to a thousand times its size costs no memory and no record', async () => {
    const repository = Repository.create();
    const id = repository.commit({ 'line.c': 'a'.repeat(60_000_000), 'lines.c': 'int a;\n'.repeat(5_000_000) });
    repository.point(id);
    const reading = new Reading({ url: repository.path, ...options });
    const chunks = await reading.chunks((await reading.prepare()).cursor);
    for (const { records } of chunks) for (const record of records) expect(record.length).toBeLessThan(limits.recordBytesMax);
    expect(filesOf(chunks.flatMap(eventsOf), id)).toMatchObject([{ path: 'line.c', additions: 1 }, { path: 'lines.c', additions: 5_000_000 }]); // prettier-ignore
  });

  test('damaged objects cost their own commit and no other', async () => {
    const repository = Repository.create();
    const ids = repository.line(5);
    const reading = new Reading({ url: repository.path, ...options });
    const { cursor } = await reading.prepare();
    const blob = repository.git(['rev-parse', `${ids[2]}:file`]);
    const mirror = Repository.at(join(reading.directory, 'mirror.git'));
    const aside = join(reading.directory, 'aside');
    renameSync(join(mirror.path, 'objects', 'pack'), aside);
    for (const name of readdirSync(aside).filter((file) => file.endsWith('.pack'))) mirror.git(['unpack-objects', '-q'], readFileSync(join(aside, name)));
    const damaged = join(mirror.path, 'objects', blob.slice(0, 2), blob.slice(2));
    chmodSync(damaged, 0o600);
    writeFileSync(damaged, 'not even deflated');
    const events = (await reading.chunks(cursor)).flatMap(eventsOf);
    expect(ids.map((id) => [eventOf(events, id).flags, filesOf(events, id).length])).toEqual([[undefined, 1], [undefined, 1], [['missing_object'], 1], [['missing_object'], 1], [undefined, 1]]); // prettier-ignore
    expect(filesOf(events, ids[2]!)).toMatchObject([{ path: 'file', additions: null, binary: null }]);
    expect(filesOf(events, ids[4]!)).toMatchObject([{ additions: 1 }]);
  });
});

test('an octopus of as many parents as are compared is read whole', async () => {
  const { repository, octopus } = octopusOf(limits.gitParentsMax, 10);
  const events = await new Reading({ url: repository.path, ...everything }).run();
  expect(eventOf(events, octopus).flags).toBeUndefined();
  expect(filesOf(events, octopus)).toMatchObject([{ path: 'own', merge: true, additions: 1, patch: expect.stringContaining('+own') as string }]);
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
    const refs = Array.from({ length: limits.gitRefsMax + 1 }, (_, at) => `${id} refs/heads/x${String(at).padStart(6, '0')}\n`);
    writeFileSync(join(repository.path, '.git', 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${refs.join('')}`);
    const reading = new Reading({ url: repository.path });
    const error = await reading.run().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InvalidInput);
    expect((error as Error).message).toMatch(/^refs: match 10000\d refs, at most 100000 can be followed/);
    expect(existsSync(join(reading.directory, 'mirror.git'))).toBe(false);
    expect(shasOf(await new Reading({ url: repository.path, refs: ['refs/heads/main'] }).run())).toEqual([id]);
  });
});

test('the patch of git itself is no different when the origin is armed', async () => {
  const [repository, evil] = [Repository.create(), trap()];
  const first = repository.commit({ '.gitattributes': attributes, 'a.c': 'int f(void)\n{\n\treturn 1;\n}\n' });
  const second = repository.commit({ '.gitattributes': attributes, 'a.c': 'int f(void)\n{\n\treturn 2;\n}\n' }, { parents: [first] });
  repository.point(second);
  const plain = gitBytes(repository.path, ['diff-tree', '-p', '--full-index', '--no-commit-id', '-r', second, '--', 'a.c']).toString();
  armed(repository, evil);
  const [file] = filesOf(await new Reading({ url: repository.path, ...everything }).run(), second);
  expect(text(file!['patch'])).toBe(plain);
  expect(evil.sprung()).toBe(false);
});
