// Ref events are frozen with their walk: whatever ends a run, each change is told once, and what is told joins up.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EventDraft } from '../../../src/domain/event.js';
import { share, tries } from '../../support/share.js';
import { limits } from '../../../src/limits.js';
import { gitLimits } from '../../../src/sources/git/limits.js';
import { eventsOf, keysOf, markedOf, Reading, recordBytes, refEventsOf, shasOf, storyOf, text } from './reading.js';
import { Repository } from './repository.js';

/** A repository whose tags come straight into its packed refs: update-ref would take minutes. */
function withTags(repository: Repository, id: string, count: number): void {
  const lines = Array.from({ length: count }, (_, at) => `${id} refs/tags/t${String(at).padStart(6, '0')}\n`);
  writeFileSync(
    join(repository.path, '.git', 'packed-refs'),
    `# pack-refs with: peeled fully-peeled sorted \n${lines.join('')}`,
  );
}

/** Of each ref, every change begins where the one before ended, and the numbers grow. */
function endsOf(events: readonly EventDraft[]): Map<string, string> {
  const ends = new Map<string, string>();
  let last = 0;
  for (const { data, type } of refEventsOf(events)) {
    expect(Number(data['sequence'])).toBeGreaterThan(last);
    last = Number(data['sequence']);
    if (type === 'git.default_branch_changed') continue;
    const ref = text(data['ref']);
    expect([ref, data['from']]).toEqual([ref, ends.get(ref) ?? null]);
    if (data['to'] === null) ends.delete(ref);
    else ends.set(ref, text(data['to']));
  }
  return ends;
}

function tipsOf(repository: Repository): Map<string, string> {
  const lines = repository.git(['for-each-ref', '--format=%(refname) %(objectname)']).split('\n');
  return new Map(lines.filter((line) => line !== '').map((line) => line.split(' ') as [string, string]));
}

/** Commits whose last mark says that no ref reaches them. */
function unreachableAfter(events: readonly EventDraft[]): Set<string> {
  const marked = new Set<string>();
  for (const event of events) {
    for (const id of markedOf([event], 'unreachable')) marked.add(id);
    for (const id of markedOf([event], 'reachable')) marked.delete(id);
  }
  return marked;
}

describe('a run that ends between commits and refs', () => {
  async function cut(): Promise<{ repository: Repository; reading: Reading; ids: string[] }> {
    const repository = Repository.create();
    const ids = repository.line(3);
    repository.git(['tag', '-a', '-m', 'x', 'v1']);
    const reading = new Reading({ url: repository.path });
    return { repository, reading, ids };
  }

  test('is gone on with by the next, with the same events at the same time', async () => {
    const { reading } = await cut();
    const chunks = await reading.chunks((await reading.prepare()).cursor);
    reading.commit(chunks[0]!);
    expect(storyOf(eventsOf(chunks[0]!))).toEqual([]);
    const rest = await reading.chunks((await reading.prepare()).cursor);
    expect(recordBytes(rest).equals(recordBytes(chunks.slice(1)))).toBe(true);
  });

  test('is gone on with after its directory was lost, with the same events at the same time', async () => {
    const { reading } = await cut();
    const chunks = await reading.chunks((await reading.prepare()).cursor);
    reading.commit(chunks[0]!);
    rmSync(reading.directory, { recursive: true });
    expect(recordBytes(await reading.chunks(chunks[0]!.cursor)).equals(recordBytes(chunks.slice(1)))).toBe(true);
    rmSync(reading.directory, { recursive: true });
    expect(
      recordBytes(await reading.chunks((await reading.prepare()).cursor)).equals(recordBytes(chunks.slice(1))),
    ).toBe(true);
  });

  test('is gone on with after the origin moved: what was seen first is told first, as it was', async () => {
    const { repository, reading, ids } = await cut();
    const [first] = await reading.chunks((await reading.prepare()).cursor);
    reading.commit(first!);
    const seen = reading.cursor.seen;
    const young = repository.line(1, { from: ids[0]!, name: 'young' });
    const events = await reading.run();
    expect(storyOf(events)).toEqual([
      'ref_created refs/heads/main',
      'tag_created refs/tags/v1',
      'default_branch_changed HEAD',
      'ref_rewritten refs/heads/main',
    ]);
    expect(refEventsOf(events)[0]).toMatchObject({ time: seen, data: { to: ids[2], first: true } });
    expect(refEventsOf(events)[3]!.data).toMatchObject({ from: ids[2], to: young[0], sequence: 4 });
    // The tag still holds what the branch left.
    expect(markedOf(events, 'unreachable')).toEqual([]);
    expect(await reading.run()).toEqual([]);
  });

  test('with its directory lost and the origin moved, tells what the store does not know', async () => {
    const { repository, reading, ids } = await cut();
    const [first] = await reading.chunks((await reading.prepare()).cursor);
    reading.commit(first!);
    rmSync(reading.directory, { recursive: true });
    const more = repository.line(1, { from: ids[2]!, name: 'more' });
    const events = await reading.run();
    expect([...endsOf(events)]).toEqual([...tipsOf(repository)]);
    expect(shasOf(events)).toContain(more[0]);
  });

  test('by maxCommits tells the refs with the last commit', async () => {
    const { repository, ids } = await cut();
    const reading = new Reading({ url: repository.path, maxCommits: 2 });
    expect(storyOf(await reading.run())).toEqual([]);
    repository.line(2, { from: ids[2]!, name: 'more' });
    const [second, third, fourth] = [await reading.run(), await reading.run(), await reading.run()];
    expect([second, third, fourth].map((events) => shasOf(events).length)).toEqual([2, 1, 0]);
    expect(storyOf(second)).toEqual([
      'ref_created refs/heads/main',
      'tag_created refs/tags/v1',
      'default_branch_changed HEAD',
    ]);
    expect(storyOf(third)).toEqual(['ref_moved refs/heads/main']);
  });
});

describe('at random', () => {
  test.each(share([1, 2, 3, 4, 5, 6], 2))(
    'pushes, force-pushes, deletions and crashes: what is told is what is there (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
      const repository = Repository.create();
      const commits = repository.line(2);
      const reading = new Reading({ url: repository.path });
      const told: EventDraft[] = [];
      for (let round = 0; round < 14; round++) {
        for (let step = 0; step < 3; step++) {
          const ref = pick(['refs/heads/main', 'refs/heads/a', 'refs/heads/a/b', 'refs/tags/t']);
          const others = [...tipsOf(repository).keys()].filter(
            (name) => name.startsWith(`${ref}/`) || ref.startsWith(`${name}/`),
          );
          for (const name of others) repository.git(['update-ref', '-d', name]);
          if (random() < 0.25 && ref !== 'refs/heads/main') repository.git(['update-ref', '-d', ref]);
          else if (random() < 0.4) repository.point(pick(commits), ref);
          else commits.push(...repository.line(1, { from: pick(commits), ref, name: `f${commits.length}` }));
        }
        const chunks = await reading.chunks((await reading.prepare()).cursor);
        // A run may end after any page.
        const kept = chunks.slice(0, random() < 0.4 ? Math.floor(random() * (chunks.length + 1)) : chunks.length);
        for (const chunk of kept) reading.commit(chunk);
        told.push(...kept.flatMap(eventsOf));
      }
      told.push(...(await reading.run()));
      expect(endsOf(told)).toEqual(tipsOf(repository));
      const reached = new Set(repository.git(['rev-list', '--all']).split('\n'));
      expect([...unreachableAfter(told)].sort()).toEqual(
        [...new Set(shasOf(told))].filter((id) => !reached.has(id)).sort(),
      );
      expect(new Set(keysOf(told)).size).toBe(told.length);
      expect(await reading.run()).toEqual([]);
    },
  );

  test('with someone who pushes all the time, also during a fetch, every change joins the one before', async () => {
    const repository = Repository.create();
    const ids = repository.line(4);
    const side = repository.line(2, { from: ids[1]!, ref: 'refs/heads/side', name: 'side' });
    const script = `while :; do for id in ${[ids[3], side[1], ids[2], side[0]].join(' ')}; do git update-ref refs/heads/main $id; git update-ref refs/heads/b$id $id; git update-ref -d refs/heads/b$id; done; done`;
    const reading = new Reading({ url: repository.path });
    const told: EventDraft[] = [];
    const pushing = spawn('sh', ['-c', script], { cwd: repository.path, stdio: 'ignore' });
    try {
      for (let run = 0; run < 8; run++) told.push(...(await runOrTryAgain(reading)));
    } finally {
      pushing.kill();
      await once(pushing, 'exit');
    }
    repository.git(['pack-refs']);
    told.push(...(await reading.run()));
    expect(endsOf(told)).toEqual(tipsOf(repository));
  });
});

/** What a fetch meets half moved is a failure that passes; the engine would try again. */
async function runOrTryAgain(reading: Reading): Promise<EventDraft[]> {
  try {
    return await reading.run();
  } catch (error) {
    expect(error).toMatchObject({ name: 'Transient' });
    return [];
  }
}

function randomOf(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 1) >>> 0;
    return state / 2 ** 32;
  };
}

describe('very many refs', () => {
  const count = tries(12_000, 50_000);
  test(
    `${count} are told in bounded chunks, resumed at any, and cost nothing when nothing moved`,
    { timeout: 400_000 },
    async () => {
      const repository = Repository.create();
      const [id] = repository.line(1) as [string];
      withTags(repository, id, count);
      const reading = new Reading({ url: repository.path });
      const chunks = await reading.chunks((await reading.prepare()).cursor);
      expect(storyOf(chunks.flatMap(eventsOf))).toHaveLength(count + 2);
      for (const { records, state = [] } of chunks) {
        expect(records.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(
          limits.chunkBytesMax + limits.recordBytesMax,
        );
        expect(state.length).toBeLessThanOrEqual(gitLimits.chunkRowsMax + 1);
      }
      const half = Math.floor(chunks.length / 2);
      expect(recordBytes(await reading.chunks(chunks[half]!.cursor)).equals(recordBytes(chunks.slice(half + 1)))).toBe(
        true,
      );
      for (const chunk of chunks) reading.commit(chunk);
      expect(await reading.run()).toEqual([]);
      // Here and not after the test: taking away so many files may take longer than a hook is given.
      rmSync(reading.directory, { recursive: true });
    },
  );

  test('told by half when their machine is lost, the others come under the same names', async () => {
    const repository = Repository.create();
    const [id] = repository.line(1) as [string];
    withTags(repository, id, 8_000);
    const reading = new Reading({ url: repository.path });
    const chunks = await reading.chunks((await reading.prepare()).cursor);
    expect(chunks.length).toBeGreaterThan(2);
    for (const chunk of chunks.slice(0, 2)) reading.commit(chunk);
    rmSync(reading.directory, { recursive: true });
    const rest = await reading.run();
    expect(keysOf(refEventsOf(rest))).toEqual(keysOf(chunks.slice(2).flatMap(eventsOf)));
    expect(await reading.run()).toEqual([]);
  });
});

test('git is not asked for a walk when nothing moved', async () => {
  const repository = Repository.create();
  repository.line(2);
  repository.git(['tag', '-a', '-m', 'x', 'v1']);
  const reading = new Reading({ url: repository.path });
  await reading.run();
  const before = execFileSync('ls', ['-lR', '--time-style=full-iso', reading.directory]).toString();
  const { cursor, recordsExpected } = await reading.prepare();
  expect([cursor, recordsExpected]).toEqual([reading.cursor, 0]);
  expect(execFileSync('ls', ['-lR', '--time-style=full-iso', reading.directory]).toString()).toBe(before);
});
