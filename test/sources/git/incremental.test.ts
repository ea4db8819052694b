import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commitsOf, eventsOf, Reading, recordBytes, shasOf } from './reading.js';
import { Repository } from './repository.js';

describe('incremental reading', () => {
  test('five commits give five events with their counts, and nothing new gives nothing', async () => {
    const repository = Repository.create();
    const ids = repository.line(5);
    const reading = new Reading({ url: repository.path });
    const commits = commitsOf(await reading.run());
    expect(commits.map(({ sha }) => sha)).toEqual(ids);
    expect(commits.map(({ stats }) => stats)).toEqual(ids.map(() => ({ files: 1, additions: 1, deletions: 0 })));
    const before = reading.cursor;
    const { cursor, recordsExpected } = await reading.prepare();
    expect(cursor).toEqual(before);
    expect(recordsExpected).toBe(0);
    expect(await reading.chunks(cursor)).toEqual([]);
  });

  test('a new commit is exactly what the next run gives', async () => {
    const repository = Repository.create();
    const ids = repository.line(3);
    const reading = new Reading({ url: repository.path });
    await reading.run();
    const more = repository.line(1, { from: ids.at(-1)!, name: 'other' });
    expect(shasOf(await reading.run())).toEqual(more);
    expect(await reading.run()).toEqual([]);
  });

  test('a commit dated long ago and pushed late is found', async () => {
    const repository = Repository.create();
    const [first] = repository.line(3) as [string];
    const reading = new Reading({ url: repository.path });
    await reading.run();
    const late = repository.commit({ old: 'x' }, { parents: [first], committer: 'C <c@x> 100000000 +0000' });
    repository.point(late, 'refs/heads/late');
    expect(shasOf(await reading.run())).toEqual([late]);
  });

  test('after a force-push the new commits come, and the old ones are not read again when they return', async () => {
    const repository = Repository.create();
    const ids = repository.line(3);
    const reading = new Reading({ url: repository.path });
    await reading.run();
    const other = repository.line(2, { from: ids[0]!, name: 'other' });
    expect(shasOf(await reading.run())).toEqual(other);
    expect(reading.rows.get(`kept ${ids[2]!}`)).toBeDefined();
    repository.point(ids[2]!, 'refs/heads/back');
    expect(shasOf(await reading.run())).toEqual([]);
    expect(reading.rows.get('ref refs/heads/back')).toMatchObject({ value: { sha: ids[2] } });
  });

  test('a deleted branch takes its row with it and leaves its tip known', async () => {
    const repository = Repository.create();
    const ids = repository.line(1);
    const [side] = repository.line(1, { from: ids[0]!, ref: 'refs/heads/side', name: 'side' }) as [string];
    const reading = new Reading({ url: repository.path });
    await reading.run();
    repository.git(['update-ref', '-d', 'refs/heads/side']);
    expect(shasOf(await reading.run())).toEqual([]);
    expect([...reading.rows.keys()].sort()).toEqual(['kept ' + side, 'ref HEAD', 'ref refs/heads/main'].sort());
  });

  test('a second branch brings only what it does not share', async () => {
    const repository = Repository.create();
    const ids = repository.line(4);
    const reading = new Reading({ url: repository.path });
    await reading.run();
    const side = repository.line(2, { from: ids[1]!, ref: 'refs/heads/side', name: 'side' });
    repository.git(['tag', '-a', '-m', 'one', 'v1', ids[2]!]);
    expect(shasOf(await reading.run())).toEqual(side);
  });

  test('refs outside the globs are not read', async () => {
    const repository = Repository.create();
    const ids = repository.line(1);
    repository.line(1, { from: ids[0]!, ref: 'refs/pull/1/head', name: 'pull' });
    const reading = new Reading({ url: repository.path, refs: ['refs/heads/*'] });
    expect(shasOf(await reading.run())).toEqual(ids);
    expect([...reading.rows.keys()]).toEqual(['ref refs/heads/main']);
  });

  test('maxCommits bounds a run, and the next run goes on', async () => {
    const repository = Repository.create();
    const ids = repository.line(5);
    const reading = new Reading({ url: repository.path, maxCommits: 2 });
    expect(shasOf(await reading.run())).toEqual(ids.slice(0, 2));
    expect(reading.rows.size).toBe(0);
    expect(shasOf(await reading.run())).toEqual(ids.slice(2, 4));
    expect(shasOf(await reading.run())).toEqual(ids.slice(4));
    expect(await reading.run()).toEqual([]);
  });

  test('a directory that was lost costs a clone and no event', async () => {
    const repository = Repository.create();
    const ids = repository.line(3);
    const reading = new Reading({ url: repository.path });
    await reading.run();
    rmSync(reading.directory, { recursive: true });
    expect(await reading.run()).toEqual([]);
    const more = repository.line(1, { from: ids.at(-1)!, name: 'other' });
    expect(shasOf(await reading.run())).toEqual(more);
  });

  test('a damaged mirror is made anew', async () => {
    const repository = Repository.create();
    const ids = repository.line(3);
    const reading = new Reading({ url: repository.path });
    await reading.run();
    rmSync(join(reading.directory, 'mirror.git', 'objects', 'pack'), { recursive: true });
    const more = repository.line(1, { from: ids.at(-1)!, name: 'other' });
    expect(shasOf(await reading.run())).toEqual(more);
  });
});

describe('resuming', () => {
  async function interrupted(): Promise<{ repository: Repository; ids: string[]; reading: Reading }> {
    const repository = Repository.create();
    const stream = Array.from(
      { length: 700 },
      (_, at) =>
        `commit refs/heads/main\ncommitter C <c@x> ${1_700_000_000 + at} +0000\ndata 2\nc\nM 644 inline f${at % 40}\ndata 4\n${String(at).padStart(4)}\n`,
    );
    repository.git(['fast-import', '--quiet'], stream.join(''));
    const ids = repository.git(['rev-list', '--topo-order', '--reverse', 'main']).split('\n');
    return { repository, ids, reading: new Reading({ url: repository.path }) };
  }

  test('from every cursor the rest is the same, byte for byte', async () => {
    const { reading } = await interrupted();
    const { cursor } = await reading.prepare();
    const all = await reading.chunks(cursor);
    expect(all.length).toBeGreaterThan(2);
    for (const [at, chunk] of all.entries()) {
      expect(recordBytes(await reading.chunks(chunk.cursor)).equals(recordBytes(all.slice(at + 1)))).toBe(true);
    }
  });

  test('a run that was killed goes on, and brings what was pushed meanwhile', async () => {
    const { repository, ids, reading } = await interrupted();
    const first = (await reading.chunks((await reading.prepare()).cursor))[0]!;
    reading.commit(first);
    expect((await reading.prepare()).cursor).toEqual(first.cursor);
    const more = repository.line(1, { from: ids.at(-1)!, name: 'other' });
    expect(shasOf([...eventsOf(first), ...(await reading.run())])).toEqual([...ids, ...more]);
    expect(await reading.run()).toEqual([]);
  });

  test('with the directory lost in the middle, the same walk is found again', async () => {
    const { ids, reading } = await interrupted();
    const first = (await reading.chunks((await reading.prepare()).cursor))[0]!;
    reading.commit(first);
    rmSync(reading.directory, { recursive: true });
    expect(shasOf((await reading.chunks(first.cursor)).flatMap(eventsOf))).toEqual(ids.slice(first.records.length));
    rmSync(reading.directory, { recursive: true });
    expect(shasOf(await reading.run())).toEqual(ids.slice(first.records.length));
  });

  test('with the directory lost and the origin moved on, nothing is missed', async () => {
    const { repository, ids, reading } = await interrupted();
    const first = (await reading.chunks((await reading.prepare()).cursor))[0]!;
    reading.commit(first);
    rmSync(reading.directory, { recursive: true });
    const more = repository.line(1, { from: ids.at(-1)!, name: 'other' });
    const read = new Set(shasOf(await reading.run()));
    for (const id of [...ids.slice(first.records.length), ...more]) expect(read).toContain(id);
  });

  test('an abort ends the git processes and is no end of the history', async () => {
    const { reading } = await interrupted();
    const { cursor } = await reading.prepare();
    const chunks = (await import('../../../src/sources/git/index.js')).git.read(reading.context, cursor);
    await chunks.next();
    reading.stopping.abort();
    await expect(async () => { for await (const _ of chunks); }).rejects.toThrow('stopped'); // prettier-ignore
  });
});
