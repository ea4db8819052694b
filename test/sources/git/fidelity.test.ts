// What the events say, against what git itself says of the same history.
import { describe, expect, test } from 'vitest';
import { commitsOf, eventOf, filesOf, Reading, shasOf, text } from './reading.js';
import { gitBytes, Repository, type Tree } from './repository.js';

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => `line ${from + at}\n`).join('');

/** A history with one of each: what changes about a file, and how commits can meet. */
function history(): { repository: Repository; ids: Record<string, string> } {
  const repository = Repository.create();
  const ids: Record<string, string> = {};
  let files: Tree = {
    'a.ts': lines(0, 40),
    'b/c.py': lines(0, 9),
    run: '#!/bin/sh\n',
    'logo.png': Buffer.from([0, 1, 2, 3]),
  };
  const add = (name: string, change: Tree, parents: string[], without: string[] = []): string => {
    files = Object.fromEntries(Object.entries({ ...files, ...change }).filter(([path]) => !without.includes(path)));
    ids[name] = repository.commit(files, {
      parents,
      message: `${name}: a | b\n\n| col | col |\n|-----|-----|\n\nAcked-by: X <x@y>\n`,
    });
    return ids[name];
  };
  const root = add('root', {}, []);
  const rename = add('rename', { 'src/a.ts': lines(1, 40) }, [root], ['a.ts']);
  const modes = add(
    'modes',
    { run: { mode: '100755', content: '#!/bin/sh\n' }, link: { mode: '120000', content: 'a.ts' } },
    [rename],
  );
  const binary = add(
    'binary',
    { 'logo.png': Buffer.from([0, 9, 9]), 'a\nb\t': 'x\n', 'ends in tab\t': 'y\n', 'tab\tname': 'z\n' },
    [modes],
  );
  const sub = add(
    'sub',
    { lib: { mode: '160000', content: root }, link: 'now a file\n', 'a|b \xe2\x86\x92 c.md': '# x\n' },
    [binary],
    ['b/c.py'],
  );
  const base = files;
  const left = add('left', { left: lines(0, 3), 'src/a.ts': lines(1, 41) }, [sub]);
  files = base;
  const right = add('right', { right: lines(0, 5) }, [sub]);
  const merge = add('merge', { left: lines(0, 3), 'src/a.ts': lines(1, 41), right: lines(0, 5) }, [left, right]);
  const merged = files;
  files = base;
  const third = add('third', { third: 'x\n' }, [sub]);
  files = merged;
  const evil = add('evil', { third: 'changed in the merge\n', invented: 'by the merge\n' }, [merge, third], ['run']);
  const branches = Array.from({ length: 9 }, (_, at) => {
    files = merged;
    return add(`arm${at}`, { [`arm${at}`]: 'x\n' }, [evil]);
  });
  files = merged;
  add('octopus', Object.fromEntries(branches.map((_, at) => [`arm${at}`, 'x\n'])), [evil, ...branches]);
  repository.point(ids['octopus']!);
  const orphan = repository.commit({ 'other.root': 'x' });
  repository.point(orphan, 'refs/heads/orphan');
  return { repository, ids };
}

function show(repository: Repository, format: string, id: string): string {
  return gitBytes(repository.path, ['log', '-1', '--encoding=UTF-8', `--format=${format}`, id])
    .toString()
    .replace(/\n$/, '');
}

describe('a history with one of each', () => {
  test('every commit has the fields git shows', async () => {
    const { repository } = history();
    const events = await new Reading({ url: repository.path }).run();
    const all = repository.git(['rev-list', '--all']).split('\n');
    expect(shasOf(events).sort()).toEqual(all.sort());
    for (const commit of commitsOf(events)) {
      const [tree, parents, an, ae, at, cn, ce, ct, subject] = show(
        repository,
        '%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%s',
        text(commit['sha']),
      ).split('\0');
      expect(commit).toMatchObject({
        tree,
        parents: parents === '' ? [] : parents!.split(' '),
        author: { name: an, email: ae, time: at },
        committer: { name: cn, email: ce, time: ct },
        subject,
        message: gitBytes(repository.path, ['cat-file', 'commit', text(commit['sha'])])
          .toString()
          .split('\n\n')
          .slice(1)
          .join('\n\n'),
      });
    }
  });

  test('stats are those of git against the first parent', async () => {
    const { repository } = history();
    for (const commit of commitsOf(await new Reading({ url: repository.path }).run())) {
      const args = [
        'log',
        '-1',
        '--format=',
        '--shortstat',
        '-M50%',
        '--diff-merges=first-parent',
        text(commit['sha']),
      ];
      const said = repository.git(args);
      const count = (word: RegExp): number => Number(word.exec(said)?.[1] ?? 0);
      expect(commit['stats']).toEqual({
        files: count(/(\d+) file/),
        additions: count(/(\d+) ins/),
        deletions: count(/(\d+) del/),
      });
    }
  });

  test('file changes of plain commits are those of git', async () => {
    const { repository, ids } = history();
    const events = await new Reading({ url: repository.path }).run();
    const of = (name: string): unknown[] =>
      filesOf(events, ids[name]!).map(({ commit, ...rest }) => (commit === ids[name] ? rest : undefined));
    const added = { change: 'added', deletions: 0, binary: false, mode: '100644', language: null };
    expect(of('root')).toEqual([
      { ...added, path: 'a.ts', additions: 40, language: 'TypeScript' },
      { ...added, path: 'b/c.py', additions: 9, language: 'Python' },
      { ...added, path: 'logo.png', additions: null, deletions: null, binary: true },
      { ...added, path: 'run', additions: 1 },
    ]);
    expect(of('rename')).toEqual([
      {
        path: 'src/a.ts',
        oldPath: 'a.ts',
        change: 'renamed',
        additions: 0,
        deletions: 1,
        binary: false,
        mode: '100644',
        language: 'TypeScript',
      },
    ]);
    expect(of('modes')).toEqual([
      { ...added, path: 'link', additions: 1, mode: '120000' },
      { ...added, path: 'run', change: 'modified', additions: 0, mode: '100755' },
    ]);
    expect(of('binary').map((file) => (file as { path: string }).path)).toEqual([
      'a\nb\t',
      'ends in tab\t',
      'logo.png',
      'tab\tname',
    ]);
    expect(of('sub')).toEqual([
      { ...added, path: 'a|b → c.md', additions: 1, language: 'Markdown' },
      { ...added, path: 'b/c.py', change: 'deleted', additions: 0, deletions: 9, language: 'Python' },
      { ...added, path: 'lib', additions: 1, mode: '160000', submodule: { old: null, new: ids['root'] } },
      { ...added, path: 'link', change: 'type_changed', additions: 1, deletions: 1 },
    ]);
  });

  test('a merge changes the files that differ from every parent, and no others', async () => {
    const { repository, ids } = history();
    const events = await new Reading({ url: repository.path }).run();
    expect(filesOf(events, ids['merge']!)).toEqual([]);
    expect(filesOf(events, ids['octopus']!)).toEqual([]);
    const own = filesOf(events, ids['evil']!);
    const combined = gitBytes(repository.path, ['diff-tree', '-r', '-c', '-z', '--name-only', '--no-commit-id', ids['evil']!]).toString().split('\0').filter(Boolean); // prettier-ignore
    expect(own.map(({ path }) => path)).toEqual(combined);
    expect(combined).toEqual(['invented', 'run', 'third']);
    expect(own.map(({ merge }) => merge)).toEqual([true, true, true]);
    expect(commitsOf(events).find(({ sha }) => sha === ids['octopus'])!['parents']).toHaveLength(10);
  });

  test('without renames a moved file is a deletion and an addition', async () => {
    const { repository, ids } = history();
    const events = await new Reading({ url: repository.path, renames: false }).run();
    expect(filesOf(events, ids['rename']!).map(({ change, path }) => [change, path])).toEqual([['deleted', 'a.ts'], ['added', 'src/a.ts']]); // prettier-ignore
  });
});

describe('attributes of the events', () => {
  test('time, subject, identity', async () => {
    const repository = Repository.create();
    const [id] = repository.line(1) as [string];
    const events = await new Reading({ url: repository.path }).run();
    expect(eventOf(events, id)).toMatchObject({ type: 'git.commit', subject: id, time: '2023-11-14T18:45:00-03:30' });
    expect(eventOf(events, `${id}:file`)).toMatchObject({
      type: 'git.file_change',
      subject: 'file',
      time: '2023-11-14T18:45:00-03:30',
    });
    expect(eventOf(events, id).flags).toBeUndefined();
  });

  test('trailers are those of git', async () => {
    const repository = Repository.create();
    const bodies = [
      'fix: no trailer\n',
      'x\n\nSigned-off-by: A <a@x>\nCo-authored-by: B <b@x>\n',
      'x\n\nSome text\nSigned-off-by: A <a@x>\n',
      'x\n\none\ntwo\nthree\nfour\nSigned-off-by: A <a@x>\n',
      'x\n\nNote: this\nis text\n',
      'x\n\nReviewed-by: long\n  folded value\n(cherry picked from commit 1234)\n',
      'x\n\nKey : spaced\nAcked-by:none\n',
      'x\n\nA: b\n\nlast paragraph\n',
      'x\n\nA: b\n# a comment\nC: d\n\n\n',
    ];
    const parents: string[] = [];
    for (const message of bodies)
      parents.unshift(repository.commit({ a: message }, { message, parents: parents.slice(0, 1) }));
    repository.point(parents[0]!);
    for (const commit of commitsOf(await new Reading({ url: repository.path }).run())) {
      const said = show(
        repository,
        '%(trailers:only,unfold,key_value_separator=%x00,separator=%x01)',
        text(commit['sha']),
      );
      const expected = said === '' ? undefined : said.split('\u0001').map((line) => ({ key: line.split('\0')[0], value: line.split('\0')[1] })); // prettier-ignore
      expect([commit['message'], commit['trailers']]).toEqual([commit['message'], expected]);
    }
  });
});
