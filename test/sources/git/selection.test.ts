// Which commits and which of their changes become events: include, exclude, since, and options that change between runs.
import { describe, expect, test } from 'vitest';
import { commitsOf, contentsOf, eventOf, eventsOf, filesOf, Reading, shasOf } from './reading.js';
import { Repository, type Tree } from './repository.js';

const lines = (count: number, word = 'line'): string =>
  Array.from({ length: count }, (_, at) => `${word} ${at}\n`).join('');

describe('include and exclude', () => {
  /** A root, a move out of src, a move into it, a commit with nothing in src, and a merge with a change of its own. */
  function history(): { repository: Repository; ids: Record<'root' | 'out' | 'into' | 'none' | 'merge', string> } {
    const repository = Repository.create();
    const files: Tree = {
      'src/a.ts': lines(30),
      'src/b.ts': lines(30, 'b'),
      'docs/x.md': lines(30, 'x'),
      'src/\xff.ts': 'odd\n',
    };
    const { 'src/a.ts': a, 'docs/x.md': x, ...rest } = files;
    const root = repository.commit(files);
    const out = repository.commit({ ...rest, 'docs/x.md': x!, 'old/a.ts': a! }, { parents: [root] });
    const into = repository.commit({ ...rest, 'src/x.md': x!, 'old/a.ts': a! }, { parents: [out] });
    const none = repository.commit(
      { ...rest, 'src/x.md': x!, 'old/a.ts': a!, 'docs/y.md': 'y\n' },
      { parents: [into] },
    );
    const side = repository.commit(
      { ...rest, 'src/x.md': x!, 'old/a.ts': a!, 'src/side.ts': 's\n' },
      { parents: [into] },
    );
    const merge = repository.commit(
      {
        ...rest,
        'src/x.md': x!,
        'old/a.ts': a!,
        'docs/y.md': 'y\n',
        'src/side.ts': 's\n',
        'src/own.ts': 'o\n',
        'docs/own.md': 'o\n',
      },
      { parents: [none, side] },
    );
    repository.point(merge);
    return { repository, ids: { root, out, into, none, merge } };
  }

  test('a change is an event when its path is wanted; a move also by where it came from', async () => {
    const { repository, ids } = history();
    const events = await new Reading({ url: repository.path, include: ['src'] }).run();
    const of = (id: string): unknown[] =>
      filesOf(events, id).map(({ change, path, oldPath }) => [change, path, oldPath]);
    expect(of(ids.root)).toEqual([['added', 'src/a.ts', undefined], ['added', 'src/b.ts', undefined], ['added', 'src/\ufffd.ts', undefined]]); // prettier-ignore
    expect(of(ids.out)).toEqual([['renamed', 'old/a.ts', 'src/a.ts']]);
    expect(of(ids.into)).toEqual([['renamed', 'src/x.md', 'docs/x.md']]);
    expect(of(ids.none)).toEqual([]);
    expect(of(ids.merge)).toEqual([['added', 'src/own.ts', undefined]]);
  });

  test('bytes that are no text are matched like any', async () => {
    const { repository, ids } = history();
    const paths = async (exclude: string[]): Promise<unknown> =>
      filesOf(await new Reading({ url: repository.path, include: ['src/*.ts'], exclude }).run(), ids.root).map(
        ({ path }) => path,
      );
    expect(await paths([])).toEqual(['src/a.ts', 'src/b.ts', 'src/\ufffd.ts']);
    expect(await paths(['src/?.ts'])).toEqual([]);
    expect(await paths(['src/[!a-z].ts'])).toEqual(['src/a.ts', 'src/b.ts']);
  });

  test.each(['stats', 'patch', 'none'] as const)(
    'all commits are stored, with the stats git has of all their files (diff %s)',
    async (diff) => {
      const { repository } = history();
      const [all, some] = await Promise.all([
        new Reading({ url: repository.path, diff }).run(),
        new Reading({ url: repository.path, diff, include: ['docs/**'], exclude: ['docs/own*'] }).run(),
      ]);
      expect(commitsOf(some)).toEqual(commitsOf(all));
      const wanted = all.filter(({ data }) =>
        [data['path'], data['oldPath']].some((path) => typeof path === 'string' && /^docs\/[^o]/.test(path)),
      );
      expect(some.filter(({ type }) => type === 'git.file_change')).toEqual(wanted);
      expect(wanted).toHaveLength(3);
    },
  );

  test('a copy is wanted by its own path alone', async () => {
    const repository = Repository.create();
    const root = repository.commit({ 'src/a': lines(30) });
    const copy = repository.commit({ 'src/a': `${lines(30)}more\n`, 'lib/b': lines(30) }, { parents: [root] });
    repository.point(copy);
    const paths = async (include: string[]): Promise<unknown> =>
      filesOf(await new Reading({ url: repository.path, copies: true, include }).run(), copy).map(
        ({ path, oldPath }) => [path, oldPath],
      );
    expect(await paths(['src'])).toEqual([['src/a', undefined]]);
    expect(await paths(['lib'])).toEqual([['lib/b', 'src/a']]);
  });

  test('a commit too large for one record gives the wanted changes in parts, and its whole stats', async () => {
    const repository = Repository.create();
    const files = Array.from(
      { length: 30_000 },
      (_, at) => `M 644 inline ${at % 2 === 0 ? 'src' : 'directory/of/some/length'}/${at}\ndata 2\nx\n`,
    );
    repository.git(
      ['fast-import', '--quiet'],
      `commit refs/heads/main\ncommitter C <c@x> 1 +0000\ndata 5\nlarge\n${files.join('')}\n`,
    );
    for (const diff of ['none', 'stats', 'patch'] as const) {
      const reading = new Reading({ url: repository.path, include: ['src'], diff });
      const chunks = await reading.chunks((await reading.prepare()).cursor);
      const events = chunks.flatMap(eventsOf);
      const counted = diff === 'none' ? null : 30_000;
      expect(commitsOf(events)).toMatchObject([
        { stats: { files: 30_000, additions: counted, deletions: counted === null ? null : 0 } },
      ]);
      expect(filesOf(events, commitsOf(events)[0]!['sha'] as string)).toHaveLength(15_000);
      expect(events.filter(({ data }) => data['patch'] !== undefined)).toHaveLength(diff === 'patch' ? 15_000 : 0);
    }
  });
});

describe('since', () => {
  const at = (seconds: number | string): string => `C <c@x> ${seconds} +0000`;

  test('older commits are passed over by committer date, and the newer ones behind them are found', async () => {
    const repository = Repository.create();
    const newer = repository.commit({ a: '1' }, { committer: at(2_000) });
    const older = repository.commit({ a: '2' }, { parents: [newer], committer: at(999), author: 'A <a@x> 5000 +0000' });
    const same = repository.commit({ a: '3' }, { parents: [older], committer: at(1_000), author: 'A <a@x> 1 +0000' });
    repository.point(same);
    const reading = new Reading({ url: repository.path, since: '1970-01-01T00:16:40Z' });
    // And a record each for main and HEAD.
    expect((await reading.prepare()).recordsExpected).toBe(2 + 2);
    const events = await reading.run();
    expect(shasOf(events)).toEqual([newer, same]);
    expect(filesOf(events, older)).toEqual([]);
    expect(eventOf(events, same).data['stats']).toEqual({ files: 1, additions: 1, deletions: 1 });
    expect(contentsOf(await reading.run())).toEqual([]);
  });

  test('a commit whose date is none is not known to be old', async () => {
    const repository = Repository.create();
    const dates = [
      '-1 +0000',
      '9223372036854775807 +0000',
      '99999999999 +0000',
      '99999999999999999999 +0000',
      'yesterday',
      '0 +0000',
      '1 +9999',
    ];
    const ids: string[] = [];
    for (const date of dates)
      ids.push(repository.commit({ a: date }, { parents: ids.slice(-1), committer: `C <c@x> ${date}` }));
    repository.point(ids.at(-1)!);
    const stored = shasOf(await new Reading({ url: repository.path, since: '2000-01-01' }).run());
    expect(dates.filter((_, place) => stored.includes(ids[place]!))).toEqual([
      '9223372036854775807 +0000',
      '99999999999 +0000',
      '99999999999999999999 +0000',
      'yesterday',
    ]);
  });

  test('when all are older the tips are known all the same, and the next commit is found', async () => {
    const repository = Repository.create();
    const [id] = repository.line(1) as [string];
    const reading = new Reading({ url: repository.path, since: '2100-01-01' });
    expect(contentsOf(await reading.run())).toEqual([]);
    expect([...reading.rows.keys()]).toContain('ref refs/heads/main');
    const next = repository.commit({ a: 'x' }, { parents: [id], committer: at(99_999_999_999) });
    repository.point(next);
    expect(shasOf(await reading.run())).toEqual([next]);
  });
});

describe('options that change between runs', () => {
  test('hold for what is read from then on; what the tips reached before is not read again', async () => {
    const repository = Repository.create();
    const ids = repository.line(2);
    const reading = new Reading({ url: repository.path, since: '2100-01-01' });
    expect(contentsOf(await reading.run())).toEqual([]);
    reading.options = new Reading({ url: repository.path, include: ['other'] }).options;
    expect(contentsOf(await reading.run())).toEqual([]);
    const [next] = repository.line(1, { from: ids[1]!, name: 'other' }) as [string];
    reading.options = new Reading({ url: repository.path, include: ['other'], diff: 'patch' }).options;
    const events = await reading.run();
    expect(filesOf(events, next)).toMatchObject([
      { path: 'other', patch: expect.stringContaining('rename to other') as string },
    ]);
    expect(shasOf(events)).toEqual([next]);
  });

  test('an event has the same name whatever the options, so that it is known again', async () => {
    const repository = Repository.create();
    repository.line(3);
    const keys = async (options: object): Promise<unknown> =>
      (await new Reading({ url: repository.path, ...options }).run()).map(({ identity }) => identity);
    expect(await keys({ diff: 'patch', copies: true })).toEqual(await keys({ diff: 'none' }));
  });

  test('a walk that was begun goes on with the commits it has', async () => {
    const repository = Repository.create();
    const ids = repository.line(4);
    const reading = new Reading({ url: repository.path, maxCommits: 2 });
    expect(shasOf(await reading.run())).toEqual(ids.slice(0, 2));
    reading.options = new Reading({ url: repository.path, since: '2100-01-01' }).options;
    expect(shasOf(await reading.run())).toEqual(ids.slice(2));
  });
});
