// An origin that is damaged: one broken ref costs itself, told by its name; what cannot be read at all is said as git says it.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { NeedsAttention, Transient } from '../../../src/domain/errors.js';
import { Reading, commitsOf, markedOf, refEventsOf, shasOf, storyOf } from './reading.js';
import { Repository, temporaryDirectory } from './repository.js';

const git = (repository: Repository, name: string): string => join(repository.path, '.git', name);

function objectFile(repository: Repository, id: string): string {
  return git(repository, `objects/${id.slice(0, 2)}/${id.slice(2)}`);
}

async function problemsOf(reading: Reading): Promise<string[]> {
  return ((await reading.prepare()).problems ?? []).map(({ name, code }) => `${code} ${name}`).sort();
}

const longName = `refs/heads/${'a'.repeat(260)}`;

const breaks: [string, string, (repository: Repository, id: string) => void][] = [
  ['an empty ref file', 'refs/heads/broken', (repository) => writeFileSync(git(repository, 'refs/heads/broken'), '')],
  ['garbage in a ref file', 'refs/heads/broken', (repository) => writeFileSync(git(repository, 'refs/heads/broken'), 'garbage\n')],
  ['a ref to an object that is not there', 'refs/heads/broken', (repository) => writeFileSync(git(repository, 'refs/heads/broken'), `${'12'.repeat(20)}\n`)],
  ['a name of 260 bytes', longName, (repository, id) => appendFileSync(git(repository, 'packed-refs'), `# pack-refs with: peeled fully-peeled sorted \n${id} ${longName}\n`)],
  ['a name that git forbids', 'refs/heads/bad..name', (repository, id) => writeFileSync(git(repository, 'refs/heads/bad..name'), `${id}\n`)],
  ['a ref to a commit whose file is gone', 'refs/heads/broken', (repository) => {
    const id = repository.commit({ lost: 'x\n' });
    repository.point(id, 'refs/heads/broken');
    rmSync(objectFile(repository, repository.git(['rev-parse', `${id}:lost`])));
  }],
  ['a name with a blank, of which git tells the beginning alone', 'refs/heads/other …', (repository, id) => writeFileSync(git(repository, 'refs/heads/other (copy)'), `${id}\n`)],
  ['a tag that says its commit is a file', 'refs/tags/lying', (repository, id) => {
    const tag = `object ${id}\ntype blob\ntag lying\ntagger A <a@x> 1 +0000\n\nm\n`;
    writeFileSync(git(repository, 'refs/tags/lying'), `${repository.git(['hash-object', '-t', 'tag', '--literally', '-w', '--stdin'], tag)}\n`);
  }],
  ['a ref to a commit whose tree is a commit', 'refs/heads/broken', (repository, id) =>
    writeFileSync(git(repository, 'refs/heads/broken'), `${repository.object(`tree ${id}\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n\nm\n`)}\n`)],
  ['a ref to a commit that is cut off', 'refs/heads/broken', (repository) => {
    const id = repository.commit({ cut: 'x\n' });
    repository.point(id, 'refs/heads/broken');
    chmodSync(objectFile(repository, id), 0o600);
    truncateSync(objectFile(repository, id), 10);
  }],
]; // prettier-ignore

describe.each(breaks)('%s', (_, name, broke) => {
  test('is left out by name at the first sync, and all others are read', async () => {
    const repository = Repository.create();
    const ids = repository.line(4);
    repository.point(ids[1]!, 'refs/heads/other');
    broke(repository, ids[0]!);
    const reading = new Reading({ url: repository.path });
    expect(await problemsOf(reading)).toEqual([`git_ref_unreadable ${name}`]);
    const events = await reading.run();
    expect(shasOf(events)).toEqual(ids);
    expect(storyOf(events)).toEqual([
      'ref_created refs/heads/main',
      'ref_created refs/heads/other',
      'default_branch_changed HEAD',
    ]);
    // Told again at each look, for as long as it is so.
    expect(await problemsOf(reading)).toEqual([`git_ref_unreadable ${name}`]);
    expect(await reading.run()).toEqual([]);
    const more = repository.line(1, { from: ids[3]!, name: 'more' });
    expect(shasOf(await reading.run())).toEqual(more);
  });
});

describe('a ref that was known', () => {
  test('is not gone because it cannot be read, nor does the mirror lose what it held', async () => {
    const repository = Repository.create();
    const ids = repository.line(3);
    const side = repository.line(2, { from: ids[0]!, ref: 'refs/heads/side', name: 'side' });
    const reading = new Reading({ url: repository.path });
    await reading.run();
    for (const content of ['', `${'12'.repeat(20)}\n`]) {
      writeFileSync(git(repository, 'refs/heads/side'), content);
      expect(await problemsOf(reading)).toEqual(['git_ref_unreadable refs/heads/side']);
      expect(await reading.run()).toEqual([]);
      expect(reading.rows.get('ref refs/heads/side')).toMatchObject({ value: { sha: side[1] } });
    }
    repository.point(side[0]!, 'refs/heads/side');
    const events = await reading.run();
    expect(refEventsOf(events).map(({ type, data }) => [type, data['from'], data['lost']])).toEqual([
      ['git.ref_rewritten', side[1], [side[1]]],
    ]);
    expect(markedOf(events, 'unreachable')).toEqual([side[1]]);
    expect(await problemsOf(reading)).toEqual([]);
  });
});

test('grafts at the origin leave nothing out, and its parents are what they are', async () => {
  const repository = Repository.create();
  const ids = repository.line(4);
  mkdirSync(git(repository, 'info'), { recursive: true });
  writeFileSync(git(repository, 'info/grafts'), `${ids[3]}\n`);
  const reading = new Reading({ url: repository.path });
  expect(await problemsOf(reading)).toEqual([]);
  const events = await reading.run();
  expect(shasOf(events)).toEqual(ids);
  expect(commitsOf(events).map(({ parents }) => parents)).toEqual([[], [ids[0]], [ids[1]], [ids[2]]]);
});

test('a repository whose HEAD is empty is called damaged, at the first look and later', async () => {
  const repository = Repository.create();
  repository.line(1);
  const reading = new Reading({ url: repository.path });
  await reading.run();
  writeFileSync(git(repository, 'HEAD'), '');
  for (const one of [reading, new Reading({ url: repository.path })])
    await expect(one.prepare()).rejects.toMatchObject({ code: 'git_damaged' });
});

test('the only ref that is followed', async () => {
  const repository = Repository.create();
  const [id] = repository.line(1) as [string];
  const reading = new Reading({ url: repository.path, refs: ['refs/heads/main'] });
  expect(shasOf(await reading.run())).toEqual([id]);
  writeFileSync(git(repository, 'refs/heads/main'), '');
  expect(await problemsOf(reading)).toEqual(['git_ref_unreadable refs/heads/main']);
  expect(await reading.run()).toEqual([]);
});

test('many broken refs among many are found, and no other is left out', async () => {
  const repository = Repository.create();
  const [id] = repository.line(1) as [string];
  const names = Array.from({ length: 300 }, (_, at) => `refs/heads/x${String(at).padStart(3, '0')}`);
  writeFileSync(
    git(repository, 'packed-refs'),
    `# pack-refs with: peeled fully-peeled sorted \n${names.map((name, at) => `${at % 60 === 7 ? '12'.repeat(20) : id} ${name}\n`).join('')}`,
  );
  const reading = new Reading({ url: repository.path });
  expect(await problemsOf(reading)).toEqual(
    names.filter((_, at) => at % 60 === 7).map((name) => `git_ref_unreadable ${name}`),
  );
  expect(storyOf(await reading.run())).toHaveLength(300 - 5 + 2);
});

describe('a repository that cannot be opened', () => {
  const forms: [string, string, RegExp, (repository: Repository) => void][] = [
    ['a reftable', 'git_reftable', /git 2\.45 or later/, (repository) => { repository.git(['config', 'core.repositoryformatversion', '1']); repository.git(['config', 'extensions.refstorage', 'reftable']); }],
    ['an extension that nobody knows', 'git_unknown_extension', /frobnicate/, (repository) => { repository.git(['config', 'core.repositoryformatversion', '1']); repository.git(['config', 'extensions.frobnicate', 'true']); }],
    ['a version to come', 'git_repository_version', /found 7/, (repository) => { repository.git(['config', 'core.repositoryformatversion', '7']); }],
    ['a config that is cut off', 'git_config_broken', /config/, (repository) => writeFileSync(git(repository, 'config'), '[core')],
    ['a config that says nonsense', 'git_config_broken', /maybe/, (repository) => { repository.git(['config', 'core.bare', 'maybe']); }],
    ['packed refs that are garbage', 'git_incomplete', /hello world/, (repository) => writeFileSync(git(repository, 'packed-refs'), '# pack-refs with: peeled fully-peeled sorted \nhello world\n')],
    ['all packs gone', 'git_incomplete', /not our ref/, (repository) => { repository.git(['repack', '-adq']); for (const name of readdirSync(git(repository, 'objects/pack')).filter((file) => file.endsWith('.pack'))) rmSync(git(repository, `objects/pack/${name}`)); }],
    ['a pack that is damaged', 'git_incomplete', /corrupt/, (repository) => { repository.git(['repack', '-adq']); damagePack(repository); }],
    ['an empty HEAD', 'git_damaged', /HEAD/, (repository) => writeFileSync(git(repository, 'HEAD'), '')],
  ]; // prettier-ignore

  function damagePack(repository: Repository): void {
    const file = git(
      repository,
      `objects/pack/${readdirSync(git(repository, 'objects/pack')).find((name) => name.endsWith('.pack'))!}`,
    );
    chmodSync(file, 0o600);
    const bytes = readFileSync(file);
    bytes.fill(0, 12, statSync(file).size - 20);
    writeFileSync(file, bytes);
  }

  test.each(forms)(
    "%s is said to be so, and it is not the user's input that is wrong",
    async (_, code, words, make) => {
      const repository = Repository.create();
      repository.line(3);
      make(repository);
      const error = await new Reading({ url: repository.path }).run().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(NeedsAttention);
      expect(error).toMatchObject({ code, message: expect.stringMatching(words) as string });
    },
  );
});

describe('a disk that is full', () => {
  /** Bytes that do not compress. */
  function large(): Repository {
    const repository = Repository.create();
    let seed = 1;
    const noise = Buffer.from(Array.from({ length: 3_000_000 }, () => (seed = (seed * 48_271) % 2_147_483_647) & 255));
    repository.point(repository.commit({ noise }));
    return repository;
  }

  /** git behind a limit of the size of its files: it ends a write as a full disk does, and any user may set it. */
  function limitedGit(): () => void {
    const [directory, path] = [temporaryDirectory(), process.env['PATH'] ?? ''];
    writeFileSync(join(directory, 'git'), `#!/bin/sh\ntrap '' XFSZ\nulimit -f 1000\nPATH='${path}' exec git "$@"\n`, {
      mode: 0o755,
    });
    process.env['PATH'] = `${directory}:${path}`;
    return () => void (process.env['PATH'] = path);
  }

  test('is named with its path and what is free; what the fetch left is taken away, and it goes on when there is room', async () => {
    const repository = large();
    const reading = new Reading({ url: repository.path });
    const lift = limitedGit();
    const error = await reading.run().catch((caught: unknown) => caught).finally(lift); // prettier-ignore
    expect(error).toBeInstanceOf(Transient);
    expect(error).toMatchObject({
      code: 'disk_full',
      message: expect.stringMatching(new RegExp(`${reading.directory}.*MiB are free`)) as string,
    });
    expect(
      readdirSync(reading.directory, { recursive: true }).filter((name) => /tmp_|\.lock|\.new/.test(String(name))),
    ).toEqual([]);
    expect(shasOf(await reading.run())).toHaveLength(1);
  });

  test.runIf(getuid?.() === 0)(
    'also when there is not even room for a lock: what a killed fetch left makes it',
    async () => {
      const repository = Repository.create();
      const [id] = repository.line(1) as [string];
      const reading = new Reading({ url: repository.path });
      mkdirSync(reading.directory, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', reading.directory]);
      // Lazily: git processes that were ended may not be gone yet, and stand in it.
      onTestFinished(() => void execFileSync('umount', ['--lazy', reading.directory]));
      mkdirSync(join(reading.directory, 'mirror.git/objects/pack'), { recursive: true });
      const left = openSync(join(reading.directory, 'mirror.git/objects/pack/tmp_pack_x'), 'w');
      expect(() => { for (;;) writeSync(left, Buffer.alloc(4_096)); }).toThrow('ENOSPC'); // prettier-ignore
      closeSync(left);
      expect(shasOf(await reading.run())).toEqual([id]);
    },
  );
});
