// Patches are those of git, byte for byte, up to their caps; and reading them changes nothing else.
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/domain/event.js';
import { limits } from '../../../src/limits.js';
import { gitLimits } from '../../../src/sources/git/limits.js';
import { commitsOf, contentsOf, eventsOf, filesOf, Reading, recordBytes, shasOf, text } from './reading.js';
import { gitBytes, Repository, type Tree } from './repository.js';

const lines = (count: number, word = 'line'): string =>
  Array.from({ length: count }, (_, at) => `${word} ${at}\n`).join('');

/** What a patch may hold that could be taken for git's own. */
const likePatches = `diff --git a/x b/x\n@@ -1 +1 @@\n--- a/x\n+++ b/x\n=\nindex 0000000..1111111\n${'1'.repeat(40)}\n\\ No newline at end of file\nBinary files differ\n`;

function history(): Repository {
  const repository = Repository.create();
  let files: Tree = {
    'a.md': lines(40), 'no end': 'x', 'crlf': 'a\r\nb\r\n', 'latin1.c': Buffer.from('caf\xe9\n', 'latin1'), 'late nul': Buffer.concat([Buffer.from(lines(1_500)), Buffer.from([0, 10])]),
    'binary': Buffer.from([0, 1]), 'run': 'x\n', 'link': { mode: '120000', content: 'a.md' }, 'turns': 'text\n', 'like': likePatches, 'empty': '', 'new\nline"': 'x\n', 'long': lines(40, 'l'), '\xff': 'y\n',
  }; // prettier-ignore
  const ids: string[] = [];
  const commit = (change: Tree, without: string[] = [], parents = ids.slice(-1)): string => {
    files = Object.fromEntries(Object.entries({ ...files, ...change }).filter(([path]) => !without.includes(path)));
    ids.push(repository.commit(files, { parents }));
    return ids.at(-1)!;
  };
  const root = commit({});
  commit({
    like: `first\n${likePatches}last\n`,
    'a.md': lines(40).replace('line 20', 'line twenty'),
    'no end': 'x\ny',
    crlf: 'a\r\nc\r\n',
  });
  commit({
    'latin1.c': Buffer.from('caf\xe9s\n', 'latin1'),
    'late nul': Buffer.concat([Buffer.from(lines(1_501)), Buffer.from([0, 10])]),
    binary: Buffer.from([0, 2]),
  });
  commit({
    run: { mode: '100755', content: 'x\n' },
    link: { mode: '120000', content: 'elsewhere' },
    empty: 'no more\n',
    'new\nline"': 'y\n',
    '\xff': 'z\n',
  });
  commit(
    {
      turns: { mode: '120000', content: 'text\n' },
      lib: { mode: '160000', content: root },
      moved: lines(40, 'l'),
      'moved too.md': `${lines(40)}more\n`,
    },
    ['long', 'a.md'],
  );
  commit({ lib: { mode: '160000', content: ids.at(-1)! }, turns: { mode: '160000', content: root } });
  commit({}, ['lib', 'turns', 'run', 'empty']);
  commit({});
  const base = ids.at(-1)!;
  const left = commit({ both: 'left\n', left: 'l\n' });
  files = Object.fromEntries(Object.entries(files).filter(([path]) => !['both', 'left'].includes(path)));
  const right = commit({ both: 'right\n', right: 'r\n' }, [], [base]);
  commit({ both: 'merged\n', left: 'l\n' }, [], [left, right]);
  repository.point(ids.at(-1)!);
  return repository;
}

const bytesOf = ({ patch, patchBytes }: JsonObject): Buffer =>
  patchBytes === undefined ? Buffer.from(text(patch)) : Buffer.from(text(patchBytes), 'base64');

/** git's own patch, of a commit or of one path of it; whole, without its binary files. */
function gitPatch(repository: Repository, id: string, ...path: string[]): Buffer {
  const all = gitBytes(repository.path, [
    '-c',
    'diff.renameLimit=1000',
    'diff-tree',
    '-r',
    '--root',
    '--no-commit-id',
    '-p',
    '--full-index',
    '-M50%',
    '--diff-merges=first-parent',
    id,
    '--',
    ...path,
  ]);
  return Buffer.from(
    all
      .toString('latin1')
      .replaceAll(/diff --git [^\n]*\n(?:(?:old|new|index|similarity|rename)[^\n]*\n)*Binary files [^\n]*\n/g, ''),
    'latin1',
  );
}

describe('patches', () => {
  test('are those of git, whatever the bytes of files and paths', async () => {
    const repository = history();
    const events = await new Reading({ url: repository.path, diff: 'patch' }).run();
    for (const { sha, parents } of commitsOf(events)) {
      const merge = (parents as string[]).length > 1;
      const patches = filesOf(events, text(sha))
        .filter(({ patch }) => patch !== undefined)
        .map(bytesOf);
      expect(Buffer.concat(patches).toString('latin1')).toBe(
        gitPatch(repository, text(sha), ...(merge ? ['both'] : [])).toString('latin1'),
      );
    }
    const files = events.filter(({ type }) => type === 'git.file_change').map(({ data }) => data);
    expect(files.filter(({ patch }) => patch === undefined).map(({ path, binary }) => [path, binary])).toEqual([['binary', true], ['binary', true]]); // prettier-ignore
    expect(files.filter(({ merge }) => merge === true).map(({ path }) => path)).toEqual(['both']);
  });

  test('that are no UTF-8 stand in base64 beside the text', async () => {
    const events = await new Reading({ url: history().path, diff: 'patch', include: ['latin1.c'] }).run();
    const [added, modified] = events.filter(({ type }) => type === 'git.file_change');
    expect(added).toMatchObject({
      flags: ['not_utf8'],
      data: { patch: expect.stringContaining('+caf\ufffd\n') as string },
    });
    expect(bytesOf(modified!.data).toString('latin1')).toContain('-caf\xe9\n+caf\xe9s\n');
  });

  test.each([
    { diff: 'patch' },
    { symbols: true },
    { diff: 'patch', symbols: false, renames: false },
    { diff: 'patch', copies: true },
  ] as const)('change nothing of the other fields, with %j', async (options) => {
    const repository = history();
    const { diff: _, symbols: __, ...others } = options as { diff?: 'patch'; symbols?: boolean };
    const readWith = async (given: object) => contentsOf(await new Reading({ url: repository.path, ...given }).run());
    const [plain, read] = [await readWith(others), await readWith(options)];
    const stripped = read.map(
      ({ data: { patch: _patch, patchBytes: _bytes, symbols: _symbols, ...data }, ...event }) => ({ ...event, data }),
    );
    const unflagged = stripped.map((event) =>
      event.data['path'] === 'latin1.c' ? { ...event, flags: undefined } : event,
    );
    expect(unflagged).toEqual(
      plain.map((event) => (event.data['path'] === 'latin1.c' ? { ...event, flags: undefined } : event)),
    );
  });

  test('of a link and of a submodule say where they pointed', async () => {
    const events = await new Reading({ url: history().path, diff: 'patch', include: ['link', 'lib', 'turns'] }).run();
    const changes = events.filter(({ type }) => type === 'git.file_change').map(({ data }) => data);
    const [root] = shasOf(events) as [string];
    expect(changes.map(({ path, change, submodule, mode }) => [path, change, mode, submodule])).toEqual([
      ['link', 'added', '120000', undefined],
      ['turns', 'added', '100644', undefined],
      ['link', 'modified', '120000', undefined],
      ['lib', 'added', '160000', { old: null, new: root }],
      ['turns', 'type_changed', '120000', undefined],
      ['lib', 'modified', '160000', { old: root, new: shasOf(events)[4] }],
      ['turns', 'type_changed', '160000', { old: null, new: root }],
      ['lib', 'deleted', '160000', { old: shasOf(events)[4], new: null }],
      ['turns', 'deleted', '160000', { old: root, new: null }],
    ]);
    expect(text(changes[2]!['patch'])).toMatch(/\n-a\.md\n.*\n\+elsewhere\n/);
    expect(text(changes[5]!['patch'])).toContain(`-Subproject commit ${root}`);
  });
});

describe('the caps', () => {
  test('of one file: whole lines of the beginning, and the size and sha256 of all of it', async () => {
    const repository = Repository.create();
    const id = repository.commit({
      big: lines(50_000, 'größe'),
      small: 'x\n',
      wide: `short\n${'w'.repeat(2_000_000)}\n`,
    });
    repository.point(id);
    const reading = new Reading({ url: repository.path, diff: 'patch' });
    const chunks = await reading.chunks((await reading.prepare()).cursor);
    const [big, small, wide] = filesOf(chunks.flatMap(eventsOf), id) as [JsonObject, JsonObject, JsonObject];
    for (const [file, name] of [
      [big, 'big'],
      [wide, 'wide'],
    ] as const) {
      const whole = gitPatch(repository, id, name);
      expect(file).toMatchObject({
        patchTruncated: true,
        patchSize: whole.length,
        patchSha256: createHash('sha256').update(whole).digest('hex'),
      });
      const kept = Buffer.from(text(file['patch']));
      expect(kept.length).toBeLessThanOrEqual(gitLimits.patchFileBytesMax);
      expect(whole.subarray(0, kept.length).equals(kept) && kept.at(-1) === 10).toBe(true);
    }
    expect(text(big['patch']).length).toBeGreaterThan(50_000);
    expect(wide).toMatchObject({ additions: 2, patch: expect.stringMatching(/\n\+short\n$/) as string });
    expect(small['patchTruncated']).toBeUndefined();
    for (const { records } of chunks)
      for (const record of records) expect(record.length).toBeLessThan(limits.recordBytesMax);
  });

  test('of one commit: the files that come later are cut', async () => {
    const repository = Repository.create();
    const names = Array.from({ length: 30 }, (_, at) => `f${String(at).padStart(2, '0')}`);
    const id = repository.commit(Object.fromEntries(names.map((name) => [name, lines(5_000, name)])));
    repository.point(id);
    const files = filesOf(await new Reading({ url: repository.path, diff: 'patch' }).run(), id);
    const kept = files.reduce((total, { patch }) => total + text(patch).length, 0);
    expect(kept).toBeLessThanOrEqual(gitLimits.patchCommitBytesMax);
    expect(kept).toBeGreaterThan(gitLimits.patchCommitBytesMax - 100);
    const last = files.at(-1)!;
    const whole = gitPatch(repository, id, 'f29');
    expect(last).toMatchObject({
      patch: '',
      patchTruncated: true,
      patchSize: whole.length,
      patchSha256: createHash('sha256').update(whole).digest('hex'),
      additions: 5_000,
    });
    expect(files.filter(({ patchTruncated }) => patchTruncated === undefined).length).toBeGreaterThan(10);
  });

  test('hold over the parts of a commit with very many files, and the parts come out the same each time', async () => {
    const repository = Repository.create();
    const files = Array.from(
      { length: 20_000 },
      (_, at) => `M 644 inline directory/of/some/length/${at}.py\ndata 9\ndef f():\n\n`,
    );
    repository.git(
      ['fast-import', '--quiet'],
      `commit refs/heads/main\ncommitter C <c@x> 1 +0000\ndata 5\nlarge\n${files.join('')}\n`,
    );
    const reading = new Reading({ url: repository.path, diff: 'patch' });
    const chunks = await reading.chunks((await reading.prepare()).cursor);
    const changes = chunks.flatMap(eventsOf).filter(({ type }) => type === 'git.file_change').map(({ data }) => data); // prettier-ignore
    expect(changes).toHaveLength(20_000);
    expect(
      changes.every(
        ({ additions, symbols }) => additions === 1 && JSON.stringify(symbols) === '[{"name":"f","type":"function"}]',
      ),
    ).toBe(true);
    expect(changes.reduce((total, { patch }) => total + text(patch).length, 0)).toBeLessThanOrEqual(
      gitLimits.patchCommitBytesMax,
    );
    expect(changes.at(-1)).toMatchObject({ patch: '', patchTruncated: true });
    for (const { records } of chunks)
      for (const record of records) expect(record.length).toBeLessThan(limits.recordBytesMax);
    for (const [at, { cursor }] of chunks.entries())
      expect(recordBytes(await reading.chunks(cursor)).equals(recordBytes(chunks.slice(at + 1)))).toBe(true);
  });
});

test('diff none: the files that changed, and nothing of what is in them', async () => {
  const repository = history();
  const [none, stats] = [
    contentsOf(await new Reading({ url: repository.path, diff: 'none' }).run()),
    contentsOf(await new Reading({ url: repository.path }).run()),
  ];
  const uncounted = stats.map((event) => {
    const { data } = event;
    if (event.type === 'git.commit')
      return {
        ...event,
        data: { ...data, stats: { ...(data['stats'] as JsonObject), additions: null, deletions: null } },
      };
    return { ...event, data: { ...data, additions: null, deletions: null, binary: null } };
  });
  expect(none).toEqual(uncounted);
});

test('an LFS pointer is named as such, and not fetched', async () => {
  const repository = Repository.create();
  const pointer = (oid: string, size: number): string =>
    `version https://git-lfs.github.com/spec/v1\noid sha256:${oid.repeat(64)}\nsize ${size}\n`;
  const files = {
    '.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n',
    'was.psd': lines(50),
    'not.md': `About pointers:\n${pointer('c', 3)}`,
  };
  const first = repository.commit({ ...files, 'a.psd': pointer('a', 12345) });
  const second = repository.commit(
    { ...files, 'a.psd': pointer('b', 67), 'was.psd': pointer('d', 1) },
    { parents: [first] },
  );
  repository.point(second);
  for (const options of [{ diff: 'patch' }, { symbols: true }] as const) {
    const events = await new Reading({ url: repository.path, ...options }).run();
    const of = (id: string): unknown[] =>
      filesOf(events, id).flatMap(({ path, lfs }) => (lfs === undefined ? [] : [[path, lfs]]));
    expect(of(first)).toEqual([['a.psd', { oid: 'a'.repeat(64), size: 12345 }]]);
    expect(of(second)).toEqual([['a.psd', { oid: 'b'.repeat(64), size: 67 }], ['was.psd', { oid: 'd'.repeat(64), size: 1 }]]); // prettier-ignore
  }
});
