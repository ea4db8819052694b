// What is told of branches, tags and HEAD, from one look at the origin to the next.
import { describe, expect, test } from 'vitest';
import { refEventsOf, keysOf, Reading, shasOf, storyOf } from './reading.js';
import { gitBytes, Repository } from './repository.js';

function following(options: { refs?: string[] } = {}): { repository: Repository; reading: Reading } {
  const repository = Repository.create();
  return { repository, reading: new Reading({ url: repository.path, ...options }) };
}

describe('branches', () => {
  test('seen first, they are told as created, first seen, after all the commits they point to', async () => {
    const { repository, reading } = following();
    const ids = repository.line(3);
    repository.point(ids[0]!, 'refs/heads/old');
    const events = await reading.run();
    expect(storyOf(events)).toEqual([
      'ref_created refs/heads/main',
      'ref_created refs/heads/old',
      'default_branch_changed HEAD',
    ]);
    expect(refEventsOf(events)[0]).toMatchObject({
      type: 'git.ref_created',
      subject: 'refs/heads/main',
      identity: { kind: 'immutable', key: `ref:1:refs/heads/main:..${ids[2]!}` },
      data: { ref: 'refs/heads/main', sequence: 1, from: null, to: ids[2], commit: ids[2], first: true },
    });
    expect(events.findIndex(({ type }) => type === 'git.ref_created')).toBeGreaterThan(
      events.findLastIndex(({ type }) => type === 'git.commit'),
    );
  });

  test('the time is that of the look at the origin, and never goes back', async () => {
    const { repository, reading } = following();
    const [first] = repository.line(2) as [string];
    const before = new Date().toISOString();
    const [told] = refEventsOf(await reading.run());
    expect(told!.time! >= before && told!.time! <= new Date().toISOString()).toBe(true);
    reading.cursor = { ...reading.cursor, seen: '2999-01-01T00:00:00.000Z' };
    repository.point(first, 'refs/heads/later');
    expect(refEventsOf(await reading.run())).toMatchObject([{ time: '2999-01-01T00:00:00.000Z' }]);
  });

  test('one that goes forward has moved, by so many commits', async () => {
    const { repository, reading } = following();
    const ids = repository.line(2);
    await reading.run();
    const more = repository.line(3, { from: ids[1]!, name: 'more' });
    const events = await reading.run();
    expect(refEventsOf(events)).toMatchObject([
      { type: 'git.ref_moved', data: { ref: 'refs/heads/main', from: ids[1], to: more[2], commits: 3 } },
    ]);
    expect(shasOf(events)).toEqual(more);
  });

  test('one on a commit that is known is told without a commit to read', async () => {
    const { repository, reading } = following();
    const ids = repository.line(2);
    await reading.run();
    repository.point(ids[0]!, 'refs/heads/side');
    const events = await reading.run();
    expect(events).toHaveLength(1);
    expect(events).toMatchObject([
      { type: 'git.ref_created', data: { ref: 'refs/heads/side', to: ids[0], first: false } },
    ]);
  });

  test('deleted and made again, at the same commit, each is an event of its own', async () => {
    const { repository, reading } = following();
    const [id] = repository.line(1) as [string];
    const keys: string[] = [];
    for (let round = 0; round < 3; round++) {
      repository.point(id, 'refs/heads/side');
      const made = await reading.run();
      repository.git(['update-ref', '-d', 'refs/heads/side']);
      const gone = await reading.run();
      expect(storyOf(gone)).toEqual(['ref_deleted refs/heads/side']);
      expect(refEventsOf(gone)).toMatchObject([{ data: { from: id, to: null, commit: null } }]);
      keys.push(...keysOf(refEventsOf([...made, ...gone])));
    }
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).toHaveLength(2 + 3 + 3);
  });

  test('going back and forth, every move is an event of its own', async () => {
    const { repository, reading } = following();
    const ids = repository.line(2);
    const told = await reading.run();
    for (const id of [ids[0]!, ids[1]!, ids[0]!, ids[1]!]) {
      repository.point(id);
      told.push(...(await reading.run()));
    }
    expect(storyOf(told).slice(2)).toEqual(
      ['ref_rewritten', 'ref_moved', 'ref_rewritten', 'ref_moved'].map((word) => `${word} refs/heads/main`),
    );
    expect(new Set(keysOf(told)).size).toBe(told.length);
  });

  test('replaced by one below it, or above it', async () => {
    const { repository, reading } = following();
    const [id] = repository.line(1) as [string];
    repository.point(id, 'refs/heads/a');
    await reading.run();
    repository.git(['update-ref', '-d', 'refs/heads/a']);
    repository.point(id, 'refs/heads/a/b');
    expect(storyOf(await reading.run())).toEqual(['ref_deleted refs/heads/a', 'ref_created refs/heads/a/b']);
    repository.git(['update-ref', '-d', 'refs/heads/a/b']);
    repository.point(id, 'refs/heads/a');
    expect(storyOf(await reading.run())).toEqual(['ref_deleted refs/heads/a/b', 'ref_created refs/heads/a']);
  });

  test('followed by their whole names, they are deleted and replaced as well', async () => {
    const { repository, reading } = following({ refs: ['refs/heads/a', 'refs/heads/a/b', 'refs/heads/c'] });
    const [id] = repository.line(1) as [string];
    for (const name of ['a', 'c']) repository.point(id, `refs/heads/${name}`);
    await reading.run();
    repository.git(['update-ref', '-d', 'refs/heads/a']);
    repository.point(id, 'refs/heads/a/b');
    expect(storyOf(await reading.run())).toEqual(['ref_deleted refs/heads/a', 'ref_created refs/heads/a/b']);
    for (const name of ['a/b', 'c']) repository.git(['update-ref', '-d', `refs/heads/${name}`]);
    expect(storyOf(await reading.run())).toEqual(['ref_deleted refs/heads/a/b', 'ref_deleted refs/heads/c']);
    expect(await reading.run()).toEqual([]);
  });

  test('that differ only in case are two', async () => {
    const { repository, reading } = following();
    const ids = repository.line(2);
    repository.git(['pack-refs', '--all']);
    repository.point(ids[0]!, 'refs/heads/MAIN');
    expect(storyOf(await reading.run())).toEqual([
      'ref_created refs/heads/MAIN',
      'ref_created refs/heads/main',
      'default_branch_changed HEAD',
    ]);
  });

  test('whose names are no UTF-8 are told apart, with their bytes, and change nothing for the others', async () => {
    const { repository, reading } = following();
    const [id] = repository.line(1) as [string];
    repository.git(['update-ref', 'refs/heads/caf\u00e9', id]);
    await reading.run();
    const names = [Buffer.from('refs/heads/caf\xe9', 'latin1'), Buffer.from('refs/heads/caf\xff', 'latin1')];
    for (const name of names)
      gitBytes(
        repository.path,
        ['update-ref', '--stdin'],
        Buffer.concat([Buffer.from('create '), name, Buffer.from(` ${id}\n`)]),
      );
    const events = refEventsOf(await reading.run());
    expect(events.map(({ data, flags }) => [data['ref'], data['refBytes'], flags])).toEqual([
      ['refs/heads/caf\\xe9', names[0]!.toString('base64'), ['not_utf8']],
      ['refs/heads/caf\\xff', names[1]!.toString('base64'), ['not_utf8']],
    ]);
    expect(await reading.run()).toEqual([]);
  });

  test('whose names hold what ends a line elsewhere than in git, also where HEAD stands for one', async () => {
    const { repository, reading } = following();
    const [id] = repository.line(1) as [string];
    const names = ['\u2028', '\u2029', '\u0085', '\ufeff', '\u{e0020}'].map((sign) => `refs/heads/a${sign}b`);
    for (const name of names) repository.point(id, name);
    repository.git(['symbolic-ref', 'HEAD', names[0]!]);
    const events = refEventsOf(await reading.run());
    expect(events.filter(({ data }) => data['ref'] !== 'HEAD').map(({ subject }) => subject)).toEqual(
      ['refs/heads/main', ...names].toSorted(),
    );
    expect(events.find(({ data }) => data['ref'] === 'HEAD')).toMatchObject({ data: { to: names[0] } });
    expect(await reading.run()).toEqual([]);
  });

  test('whose names are longer than a key may be are told apart', async () => {
    const { repository, reading } = following();
    const [id] = repository.line(1) as [string];
    const long = ['x', 'y'].map((end) => `refs/heads/${`${'n'.repeat(200)}/`.repeat(6)}${end}`);
    for (const ref of long) repository.point(id, ref);
    const events = refEventsOf(await reading.run());
    expect(events.map(({ data }) => data['ref'])).toEqual(expect.arrayContaining(long));
    for (const key of keysOf(events)) expect(key.length).toBeLessThanOrEqual(1_024);
    for (const key of reading.rows.keys()) expect(key.length).toBeLessThanOrEqual(800);
    for (const ref of long) repository.git(['update-ref', '-d', ref]);
    expect(storyOf(await reading.run())).toEqual(long.map((ref) => `ref_deleted ${ref}`));
  });

  test('all gone, the repository is empty, and what comes later is new', async () => {
    const { repository, reading } = following();
    const ids = repository.line(2);
    await reading.run();
    repository.git(['update-ref', '-d', 'refs/heads/main']);
    expect(storyOf(await reading.run())).toEqual(['default_branch_changed HEAD', 'ref_deleted refs/heads/main']);
    expect(await reading.run()).toEqual([]);
    repository.point(ids[1]!);
    const back = await reading.run();
    expect(storyOf(back)).toEqual(['ref_created refs/heads/main', 'default_branch_changed HEAD']);
    expect(refEventsOf(back)[0]!.data['first']).toBe(false);
  });
});

describe('tags', () => {
  test('annotated, light, on a tag, on a file: each says what it stands for', async () => {
    const { repository, reading } = following();
    const [id] = repository.line(1) as [string];
    repository.git(['tag', 'light']);
    repository.git(['tag', '-a', '-m', 'The first\n\nand more', 'v1']);
    repository.git(['tag', '-a', '-m', 'outer', 'outer', 'v1']);
    const file = repository.blob('x');
    repository.git(['tag', '-a', '-m', 'file', 'file', file]);
    const tags = new Map(refEventsOf(await reading.run()).map(({ data, type }) => [data['tag'], { type, ...data }]));
    const object = (name: string): string => repository.git(['rev-parse', `refs/tags/${name}`]);
    expect(tags.get('light')).toMatchObject({
      type: 'git.tag_created',
      annotated: false,
      to: id,
      commit: id,
      target: id,
      targetType: 'commit',
      tagger: null,
      message: null,
      first: true,
    });
    expect(tags.get('v1')).toMatchObject({
      annotated: true,
      to: object('v1'),
      commit: id,
      target: id,
      message: 'The first\n\nand more\n',
      tagger: { name: 'Charles', email: 'charles@example.org', time: '2023-11-14T18:45:00-03:30' },
    });
    expect(tags.get('outer')).toMatchObject({
      annotated: true,
      to: object('outer'),
      commit: id,
      target: id,
      message: 'outer\n',
    });
    expect(tags.get('file')).toMatchObject({ annotated: true, commit: null, target: file, targetType: 'blob' });
  });

  test('moved, retagged and deleted', async () => {
    const { repository, reading } = following();
    const ids = repository.line(2);
    repository.git(['tag', '-a', '-m', 'one', 'v1', ids[0]!]);
    const one = repository.git(['rev-parse', 'v1']);
    await reading.run();
    repository.git(['tag', '-f', '-a', '-m', 'two', 'v1', ids[1]!]);
    const two = repository.git(['rev-parse', 'v1']);
    expect(refEventsOf(await reading.run())).toMatchObject([
      { type: 'git.tag_moved', data: { tag: 'v1', from: one, to: two, commit: ids[1], message: 'two\n' } },
    ]);
    repository.git(['tag', '-d', 'v1']);
    expect(refEventsOf(await reading.run())).toMatchObject([
      {
        type: 'git.tag_deleted',
        data: {
          tag: 'v1',
          from: two,
          to: null,
          commit: null,
          annotated: true,
          message: 'two\n',
          tagger: { name: 'Charles' },
        },
      },
    ]);
  });

  test('a tag that becomes a branch is deleted as the one and created as the other', async () => {
    const { repository, reading } = following();
    const [id] = repository.line(1) as [string];
    repository.git(['tag', 'v1']);
    await reading.run();
    repository.git(['tag', '-d', 'v1']);
    repository.point(id, 'refs/heads/v1');
    expect(storyOf(await reading.run())).toEqual(['tag_deleted refs/tags/v1', 'ref_created refs/heads/v1']);
  });

  test('what a tag says in bytes that are no UTF-8 is kept, and a date that is none is flagged', async () => {
    const { repository, reading } = following();
    const [id] = repository.line(1) as [string];
    const bytes = Buffer.from(
      `object ${id}\ntype commit\ntag odd\ntagger J\xf6rg <j@x> 9223372036854775807 +0000\n\ncaf\xe9\n`,
      'latin1',
    );
    const tag = repository.git(['hash-object', '-t', 'tag', '--literally', '-w', '--stdin'], bytes);
    repository.point(tag, 'refs/tags/odd');
    const [event] = refEventsOf(await reading.run()).filter(({ type }) => type === 'git.tag_created');
    expect(event).toMatchObject({
      flags: ['not_utf8', 'time_out_of_range'],
      data: {
        message: 'caf\ufffd\n',
        messageBytes: Buffer.from('caf\xe9\n', 'latin1').toString('base64'),
        tagger: { name: 'J\ufffdrg', time: null },
      },
    });
  });
});

describe('HEAD', () => {
  test('that stands for a branch tells only when it stands for another', async () => {
    const { repository, reading } = following();
    const ids = repository.line(2);
    repository.point(ids[0]!, 'refs/heads/next');
    await reading.run();
    repository.line(1, { from: ids[1]!, name: 'more' });
    expect(storyOf(await reading.run())).toEqual(['ref_moved refs/heads/main']);
    repository.git(['symbolic-ref', 'HEAD', 'refs/heads/next']);
    expect(refEventsOf(await reading.run())).toMatchObject([
      {
        type: 'git.default_branch_changed',
        data: { ref: 'HEAD', from: 'refs/heads/main', to: 'refs/heads/next', commit: ids[0], first: false },
      },
    ]);
    expect(await reading.run()).toEqual([]);
  });

  test('detached, it is a ref like others', async () => {
    const { repository, reading } = following();
    const ids = repository.line(3);
    await reading.run();
    repository.git(['checkout', '-q', '--detach', ids[1]!]);
    expect(refEventsOf(await reading.run())).toMatchObject([
      { type: 'git.default_branch_changed', data: { from: 'refs/heads/main', to: null, commit: ids[1] } },
    ]);
    repository.git(['update-ref', '--no-deref', 'HEAD', ids[2]!]);
    expect(refEventsOf(await reading.run())).toMatchObject([
      { type: 'git.ref_moved', data: { ref: 'HEAD', from: ids[1], to: ids[2], commits: 1 } },
    ]);
  });

  test('that stands for a branch nobody follows tells its moves itself', async () => {
    const { repository, reading } = following({ refs: ['HEAD'] });
    const ids = repository.line(1);
    await reading.run();
    const [next] = repository.line(1, { from: ids[0]!, name: 'next' }) as [string];
    expect(refEventsOf(await reading.run())).toMatchObject([
      { type: 'git.ref_moved', data: { ref: 'HEAD', from: ids[0], to: next, branch: 'refs/heads/main' } },
    ]);
  });
});
