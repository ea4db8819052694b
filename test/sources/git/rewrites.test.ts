// History that was rewritten: what is told of it, and of the commits that no ref reaches any more.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gitLimits } from '../../../src/sources/git/limits.js';
import { keysOf, markedOf, Reading, refEventsOf, shasOf, storyOf } from './reading.js';
import { Repository } from './repository.js';

function following(options: { refs?: string[] } = {}): { repository: Repository; reading: Reading } {
  const repository = Repository.create();
  return { repository, reading: new Reading({ url: repository.path, ...options }) };
}

/** Commits of the given names on each other, each adding a file of its name. */
function changes(
  repository: Repository,
  base: string,
  baseFiles: readonly string[],
  names: readonly string[],
  word = '',
): string[] {
  const ids: string[] = [];
  for (const at of names.keys()) {
    const files = Object.fromEntries([...baseFiles, ...names.slice(0, at + 1)].map((name) => [name, `${name}\n`]));
    ids.push(repository.commit(files, { parents: [ids.at(-1) ?? base], message: `${names[at]}${word}\n` }));
  }
  return ids;
}

describe('a force-push', () => {
  test('tells where the two part, what was lost and what came, and which of them are the same change', async () => {
    const { repository, reading } = following();
    const base = repository.commit({ base: 'base\n' });
    const old = changes(repository, base, ['base'], ['a', 'b', 'c']);
    repository.point(old[2]!);
    await reading.run();
    // A rebase: upstream got a commit, b was dropped, d is new.
    const upstream = changes(repository, base, ['base'], ['up'])[0]!;
    const young = changes(repository, upstream, ['base', 'up'], ['a', 'c', 'd'], ' again');
    repository.point(young[2]!);
    const events = await reading.run();
    expect(refEventsOf(events)).toMatchObject([{
      type: 'git.ref_rewritten',
      data: {
        ref: 'refs/heads/main', from: old[2], to: young[2], mergeBase: base, lostCount: 3, newCount: 4, truncated: false,
        lost: old.toReversed(), new: [upstream, ...young].toReversed(),
        pairs: [{ old: old[2], new: young[1] }, { old: old[0], new: young[0] }],
      },
    }]); // prettier-ignore
    expect(refEventsOf(events)[0]!.data).not.toHaveProperty('pairsSkipped');
    expect(shasOf(events)).toEqual([upstream, ...young]);
    expect(markedOf(events, 'unreachable').sort()).toEqual(old.toSorted());
  });

  test('back to an earlier commit loses the later ones and brings none', async () => {
    const { repository, reading } = following();
    const ids = repository.line(4);
    await reading.run();
    repository.point(ids[1]!);
    const events = await reading.run();
    expect(refEventsOf(events)).toMatchObject([
      {
        type: 'git.ref_rewritten',
        data: { mergeBase: ids[1], lostCount: 2, newCount: 0, lost: [ids[3], ids[2]], new: [] },
      },
    ]);
    expect(markedOf(events, 'unreachable')).toEqual([ids[3], ids[2]]);
  });

  test('to a history that shares nothing has no merge base', async () => {
    const { repository, reading } = following();
    const old = repository.line(2);
    await reading.run();
    const young = repository.line(3, { name: 'other' });
    const events = await reading.run();
    expect(refEventsOf(events)).toMatchObject([
      { type: 'git.ref_rewritten', data: { mergeBase: null, lostCount: 2, newCount: 3 } },
    ]);
    expect(refEventsOf(events)[0]!.flags).toBeUndefined();
    expect(markedOf(events, 'unreachable').sort()).toEqual(old.toSorted());
    expect(shasOf(events)).toEqual(young);
  });

  test('beyond what is listed, the counts are exact and nothing is compared', async () => {
    const { repository, reading } = following();
    const many = gitLimits.rewriteCommitsMax + 5;
    const stream = (name: string): string =>
      Array.from(
        { length: many },
        (_, at) => `commit refs/heads/${name}\ncommitter C <c@x> ${at} +0000\ndata 1\n${name[0]!}\n`,
      ).join('');
    repository.git(['fast-import', '--quiet'], stream('main') + stream('other'));
    const old = repository.git(['rev-parse', 'main']);
    repository.git(['update-ref', 'refs/hidden/other', 'refs/heads/other']);
    repository.git(['update-ref', '-d', 'refs/heads/other']);
    await reading.run();
    repository.git(['update-ref', 'refs/heads/main', 'refs/hidden/other']);
    const events = await reading.run();
    const { data } = refEventsOf(events)[0]!;
    expect(data).toMatchObject({
      from: old,
      lostCount: many,
      newCount: many,
      truncated: true,
      pairs: [],
      pairsSkipped: 'too_many_commits',
    });
    expect([data['lost'], data['new']].map((list) => (list as string[]).length)).toEqual([
      gitLimits.rewriteCommitsMax,
      gitLimits.rewriteCommitsMax,
    ]);
    expect(markedOf(events, 'unreachable').sort()).toEqual(repository.git(['rev-list', old]).split('\n').sort());
  });

  test('of very many branches at once looks into some and tells all', async () => {
    const { repository, reading } = following();
    const [base] = repository.line(1) as [string];
    const names = Array.from(
      { length: gitLimits.rewritesDescribed + 3 },
      (_, at) => `refs/heads/b${String(at).padStart(4, '0')}`,
    );
    const commits = (word: string): string =>
      names
        .map(
          (name, at) => `commit ${name}\ncommitter C <c@x> ${at} +0000\ndata ${word.length}\n${word}\nfrom ${base}\n`,
        )
        .join('');
    repository.git(['fast-import', '--quiet', '--force'], commits('old'));
    await reading.run();
    repository.git(['fast-import', '--quiet', '--force'], commits('new'));
    const events = await reading.run();
    const told = refEventsOf(events);
    expect(told.every(({ type }) => type === 'git.ref_rewritten')).toBe(true);
    expect(told.map(({ data }) => data['mergeBase'])).toEqual([...names.slice(3).map(() => base), null, null, null]);
    expect(told.at(-1)).toMatchObject({
      flags: ['not_compared'],
      data: { lostCount: null, pairsSkipped: 'too_many_rewrites' },
    });
    expect(markedOf(events, 'unreachable')).toHaveLength(names.length);
  });

  test('whose old commits are gone with the mirror is told as one, with what is still known', async () => {
    const { repository, reading } = following();
    const ids = repository.line(3);
    await reading.run();
    const young = repository.line(1, { from: ids[0]!, name: 'young' });
    repository.git(['reflog', 'expire', '--expire=now', '--all']);
    repository.git(['gc', '-q', '--prune=now']);
    rmSync(join(reading.directory, 'mirror.git'), { recursive: true });
    const events = await reading.run();
    expect(refEventsOf(events)).toMatchObject([
      {
        type: 'git.ref_rewritten',
        flags: ['history_missing'],
        data: { from: ids[2], to: young[0], lostCount: null, pairsSkipped: 'history_missing' },
      },
    ]);
    expect(markedOf(events, 'unreachable')).toEqual([ids[2]]);
  });

  test('patches beyond a bound are not compared', async () => {
    const { repository, reading } = following();
    const huge = Buffer.alloc(gitLimits.patchIdBytesMax, 'some line or other\n');
    const base = repository.commit({ a: 'a\n' });
    repository.point(repository.commit({ a: 'a\n', huge }, { parents: [base], message: 'old\n' }));
    await reading.run();
    repository.point(repository.commit({ a: 'a\n', huge }, { parents: [base], message: 'new\n' }));
    expect(refEventsOf(await reading.run())).toMatchObject([
      { data: { lostCount: 1, newCount: 1, pairs: [], pairsSkipped: 'patches_too_large' } },
    ]);
  });
});

describe('unreachable commits', () => {
  test('of a deleted branch are those that no other ref reaches', async () => {
    const { repository, reading } = following();
    const ids = repository.line(2);
    const side = repository.line(3, { from: ids[0]!, ref: 'refs/heads/side', name: 'side' });
    repository.point(side[0]!, 'refs/tags/kept');
    await reading.run();
    repository.git(['update-ref', '-d', 'refs/heads/side']);
    const events = await reading.run();
    expect(markedOf(events, 'unreachable')).toEqual([side[2], side[1]]);
    expect(events.find(({ type }) => type === 'git.commit_unreachable')).toMatchObject({
      subject: side[2],
      data: { commit: side[2], ref: 'refs/heads/side', sequence: refEventsOf(events)[0]!.data['sequence'] },
    });
  });

  test('that a moved tag left are marked too', async () => {
    const { repository, reading } = following();
    const ids = repository.line(1);
    const side = repository.line(1, { from: ids[0]!, ref: 'refs/hidden/side', name: 'side' });
    repository.git(['tag', '-a', '-m', 'x', 'v1', side[0]!]);
    await reading.run();
    repository.git(['tag', '-f', '-a', '-m', 'y', 'v1', ids[0]!]);
    expect(markedOf(await reading.run(), 'unreachable')).toEqual(side);
    repository.git(['tag', 'again', side[0]!]);
    expect(markedOf(await reading.run(), 'reachable')).toEqual(side);
  });

  test('are reachable again with the ref that reaches them, as far as it does, and lost again as often as they are', async () => {
    const { repository, reading } = following();
    const ids = repository.line(4);
    await reading.run();
    repository.point(ids[0]!);
    const told = await reading.run();
    expect(markedOf(told, 'unreachable')).toHaveLength(3);
    repository.point(ids[2]!, 'refs/heads/back');
    const back = await reading.run();
    expect(markedOf(back, 'reachable')).toEqual([ids[2], ids[1]]);
    expect(back.find(({ type }) => type === 'git.commit_reachable')).toMatchObject({
      data: { ref: 'refs/heads/back' },
    });
    expect(shasOf(back)).toEqual([]);
    repository.git(['update-ref', '-d', 'refs/heads/back']);
    const gone = await reading.run();
    expect(markedOf(gone, 'unreachable')).toEqual([ids[2], ids[1]]);
    const more = repository.line(1, { from: ids[3]!, name: 'more' });
    const all = await reading.run();
    expect(shasOf(all)).toEqual(more);
    expect(markedOf(all, 'reachable')).toEqual([ids[3], ids[2], ids[1]]);
    const keys = keysOf([...told, ...back, ...gone, ...all]);
    expect(new Set(keys).size).toBe(keys.length);
    expect([...reading.rows.keys()].filter((key) => key.startsWith('kept'))).toEqual([]);
  });

  test('are told once where several refs lost them', async () => {
    const { repository, reading } = following();
    const ids = repository.line(3);
    repository.point(ids[2]!, 'refs/heads/a');
    repository.point(ids[1]!, 'refs/heads/b');
    await reading.run();
    for (const ref of ['a', 'b', 'main']) repository.point(ids[0]!, `refs/heads/${ref}`);
    const events = await reading.run();
    expect(storyOf(events)).toEqual(['a', 'b', 'main'].map((ref) => `ref_rewritten refs/heads/${ref}`));
    expect(markedOf(events, 'unreachable')).toEqual([ids[2], ids[1]]);
  });
});
