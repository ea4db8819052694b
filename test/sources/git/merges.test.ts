// A merge tells the files that differ from every parent, each once: those that `git diff-tree -c` names, whatever was moved,
// copied or deleted on either side.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tries } from '../../support/share.js';
import type { GitOptions } from '../../../src/sources/git/options.js';
import { filesOf, Reading, text } from './reading.js';
import { gitBytes, Repository, type Tree } from './repository.js';

const body = (name: string): string => Array.from({ length: 20 }, (_, line) => `${name} ${line}\n`).join('');
const [a, b] = [body('a'), body('b')];

const options: Partial<GitOptions>[] = [
  {},
  { copies: true },
  { renames: false },
  { diff: 'patch' },
  { diff: 'none', copies: true },
];

function mergeOf(repository: Repository, trees: readonly Tree[], merged: Tree): string {
  const [base, ...branches] = trees as [Tree, ...Tree[]];
  const root = repository.commit(base);
  const parents = branches.map((tree, at) => repository.commit(tree, { parents: [root], message: `branch ${at}\n` }));
  return repository.commit(merged, { parents, message: 'merge\n' });
}

/** Every path of a merge's events; a rename tells two, when its target is the merge's own. */
function pathsOf(events: Awaited<ReturnType<Reading['run']>>, id: string): string[] {
  return filesOf(events, id).flatMap(({ path, oldPath, change }) =>
    change === 'renamed' ? [text(path), text(oldPath)] : [text(path)],
  );
}

function gitsPaths(repository: Repository, id: string): string[] {
  return gitBytes(repository.path, ['diff-tree', '-c', '-r', '-z', '--name-only', '--no-commit-id', '--no-renames', id])
    .toString()
    .split('\0')
    .slice(0, -1);
}

async function read(repository: Repository, id: string, given: Partial<GitOptions>) {
  repository.point(id);
  return new Reading({ url: repository.path, ...given }).run();
}

describe('a merge that deletes a file', () => {
  const cases: [string, Tree[], Tree][] = [
    [
      'which its branch copied',
      [
        { a, k: 'k' },
        { a, k: 'k2' },
        { a, copy: a, k: 'k' },
      ],
      { copy: a, k: 'k2' },
    ],
    ['which its branch moved to two places', [{ a }, { a, x: 'x' }, { a, one: a, two: a }], { x: 'x', one: a, two: a }],
    [
      'which its branch copied and changed',
      [{ a }, { a, x: 'x' }, { a, copy: `${a}more\n` }],
      { x: 'x', copy: `${a}more\n` },
    ],
    [
      'which one of three branches copied',
      [{ a }, { a, x: 'x' }, { a, y: 'y' }, { a, copy: a }],
      { x: 'x', y: 'y', copy: a },
    ],
    [
      'and moves another itself',
      [
        { a, b },
        { a, b, x: 'x' },
        { a, b, copy: a },
      ],
      { x: 'x', copy: a, moved: b },
    ],
  ];
  const combinations = cases.flatMap(([name, trees, merged]) =>
    options.map((given) => [name, given, trees, merged] as const),
  );

  test.each(combinations)('%s: the deletion is told (%o)', async (_, given, trees, merged) => {
    const repository = Repository.create();
    const id = mergeOf(repository, trees, merged);
    const events = await read(repository, id, given);
    expect(filesOf(events, id)).toContainEqual(
      expect.objectContaining({ path: 'a', change: 'deleted', mode: '100644', merge: true }),
    );
    expect([...new Set(pathsOf(events, id))].toSorted()).toEqual(gitsPaths(repository, id).toSorted());
  });

  test("with its lines and its patch, and stats that are git's", async () => {
    const repository = Repository.create();
    const id = mergeOf(repository, cases[0]![1], cases[0]![2]);
    const events = await read(repository, id, { diff: 'patch' });
    const [file] = filesOf(events, id);
    expect(file).toMatchObject({ path: 'a', additions: 0, deletions: 20, binary: false });
    expect(text(file!['patch'])).toMatch(/^diff --git a\/a b\/a\ndeleted file mode 100644\n/);
    const commit = events.find(({ subject, type }) => subject === id && type === 'git.commit')!;
    // Against the first parent, where git sees `a` moved to `copy`.
    expect(commit.data['stats']).toEqual({ files: 1, additions: 0, deletions: 0 });
  });

  test('only where its path is wanted', async () => {
    const repository = Repository.create();
    const id = mergeOf(repository, cases[0]![1], cases[0]![2]);
    expect(filesOf(await read(repository, id, { include: ['a'] }), id)).toHaveLength(1);
    expect(filesOf(await read(repository, id, { exclude: ['a'] }), id)).toHaveLength(0);
  });

  test('among more files than a record holds', async () => {
    const repository = Repository.create();
    const tree = (files: Tree, deep: string): string =>
      repository.git(
        ['mktree', '-z'],
        Buffer.concat([Buffer.from(repository.git(['ls-tree', '-z', repository.tree(files)])), Buffer.from(deep)]),
      );
    const blob = repository.blob(a);
    let inner = repository.git(
      ['mktree', '-z'],
      Array.from({ length: 8_000 }, (_, at) => `100644 blob ${blob}\t${at}\0`).join(''),
    );
    inner = repository.git(['mktree', '-z'], `040000 tree ${inner}\t${'d'.repeat(250)}\0`);
    const deep = `040000 tree ${inner}\tdeep\0`;
    const commitOf = (root: string, parents: readonly string[]): string =>
      repository.git(['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-m', 'x', root]);
    const base = commitOf(tree({ a }, ''), []);
    const branches = [commitOf(tree({ a, x: 'x' }, ''), [base]), commitOf(tree({ a }, deep), [base])];
    const id = commitOf(tree({ x: 'x' }, deep), branches);
    for (const given of options.slice(3))
      expect(pathsOf(await read(repository, id, given), id), JSON.stringify(given)).toEqual(['a']);
  }, 60_000);
});

test('merges of any histories tell the paths that diff-tree -c names, each once', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const contents = [a, b, `${a}one more\n`, body('c')];
  const tree = fc.dictionary(fc.constantFrom(...names), fc.constantFrom(...contents), {
    minKeys: 1,
    noNullPrototype: true,
  });
  const merge = fc.tuple(fc.array(tree, { minLength: 3, maxLength: 4 }), tree);
  const repository = Repository.create();
  const ids = fc
    .sample(merge, { numRuns: tries(8, 25), seed: 8 })
    .map(([trees, merged]) => mergeOf(repository, trees, merged));
  const top = repository.commit({}, { parents: ids });
  for (const given of options.slice(0, 2)) {
    const events = await read(repository, top, given);
    for (const id of new Set(ids)) {
      const told = pathsOf(events, id);
      expect(new Set(gitsPaths(repository, id).filter((path) => !told.includes(path))), id).toEqual(new Set());
      expect(filesOf(events, id).map(({ path }) => path)).toHaveLength(
        new Set(filesOf(events, id).map(({ path }) => path)).size,
      );
    }
  }
}, 120_000);
