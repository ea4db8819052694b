// The forms a repository comes in.
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync, spawn } from 'node:child_process';
import { getuid } from 'node:process';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventOf, filesOf, Reading, shasOf } from './reading.js';
import { gitBytes, Repository, temporaryDirectory } from './repository.js';

async function shasAt(url: string): Promise<string[]> {
  return shasOf(await new Reading({ url }).run());
}

describe('forms', () => {
  test('an empty repository gives nothing, and its first commit comes later', async () => {
    const repository = Repository.create();
    const reading = new Reading({ url: repository.path });
    expect(await reading.run()).toEqual([]);
    expect(await reading.run()).toEqual([]);
    const ids = repository.line(2);
    expect(shasOf(await reading.run())).toEqual(ids);
  });

  test('bare, by file url, and with a slash at the end', async () => {
    const repository = Repository.create();
    const ids = repository.line(2);
    const bare = join(temporaryDirectory(), 'bare.git');
    gitBytes(repository.path, ['clone', '-q', '--bare', repository.path, bare]);
    for (const url of [bare, `${bare}/`, `file://${bare}`]) expect(await shasAt(url)).toEqual(ids);
  });

  test('a worktree, detached, with its own HEAD', async () => {
    const repository = Repository.create();
    const ids = repository.line(2);
    const tree = join(temporaryDirectory(), 'tree');
    repository.git(['worktree', 'add', '-q', '--detach', tree, ids[0]!]);
    const side = repository.commit({ side: 'x' }, { parents: [ids[0]!] });
    Repository.at(tree).git(['reset', '-q', '--soft', side]);
    expect((await shasAt(tree)).sort()).toEqual([...ids, side].sort());
  });

  test('a submodule checkout, whose .git is a file', async () => {
    const [inner, outer] = [Repository.create(), Repository.create()];
    const ids = inner.line(2);
    outer.line(1);
    outer.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.path, 'lib']);
    expect(await shasAt(join(outer.path, 'lib'))).toEqual(ids);
  });

  test('a detached HEAD on no branch', async () => {
    const repository = Repository.create();
    const [id] = repository.line(1) as [string];
    repository.git(['checkout', '-q', '--detach', id]);
    repository.git(['update-ref', '-d', 'refs/heads/main']);
    expect(await shasAt(repository.path)).toEqual([id]);
  });

  test('objects borrowed from another repository', async () => {
    const repository = Repository.create();
    const ids = repository.line(3);
    const borrower = join(temporaryDirectory(), 'borrower');
    gitBytes(repository.path, ['clone', '-q', '--shared', repository.path, borrower]);
    expect(await shasAt(borrower)).toEqual(ids);
  });

  test('SHA-256: ids of 64 digits all the way', async () => {
    const repository = Repository.create('--object-format=sha256');
    const ids = repository.line(3);
    expect(ids[0]).toHaveLength(64);
    const reading = new Reading({ url: repository.path });
    const events = await reading.run();
    expect(shasOf(events)).toEqual(ids);
    expect(filesOf(events, ids[1]!)).toMatchObject([{ path: 'file', additions: 1 }]);
    expect(await reading.run()).toEqual([]);
  });

  test('an origin that changes its kind of hash is read anew', async () => {
    const repository = Repository.create();
    repository.line(2);
    const reading = new Reading({ url: repository.path });
    await reading.run();
    rmSync(repository.path, { recursive: true });
    const other = Repository.create('--object-format=sha256');
    const ids = other.line(2);
    renameSync(other.path, repository.path);
    expect(shasOf(await reading.run())).toEqual(ids);
  });

  test('tags on files and trees reach no commit and harm none', async () => {
    const repository = Repository.create();
    const ids = repository.line(2);
    repository.git(['tag', 'file', repository.blob('x')]);
    repository.git(['tag', '-a', '-m', 'tree', 'tree', repository.tree({ a: 'x' })]);
    const reading = new Reading({ url: repository.path });
    expect(shasOf(await reading.run())).toEqual(ids);
    expect(await reading.run()).toEqual([]);
  });

  test('replaced commits are read as they are', async () => {
    const repository = Repository.create();
    const ids = repository.line(2);
    const other = repository.commit({ other: 'x' });
    repository.git(['replace', ids[1]!, other]);
    const events = await new Reading({ url: repository.path, refs: ['refs/*'] }).run();
    expect(filesOf(events, ids[1]!)).toMatchObject([{ path: 'file' }]);
  });
});

describe('a shallow origin', () => {
  function shallow(): { repository: Repository; clone: Repository; ids: string[] } {
    const repository = Repository.create();
    const ids = repository.line(5);
    const path = join(temporaryDirectory(), 'clone');
    gitBytes(repository.path, ['clone', '-q', '--depth=2', `file://${repository.path}`, path]);
    return { repository, clone: Repository.at(path), ids };
  }

  test('its cut is flagged, and reads neither as a root nor as a change', async () => {
    const { clone, ids } = shallow();
    const events = await new Reading({ url: clone.path }).run();
    expect(shasOf(events)).toEqual(ids.slice(3));
    expect(eventOf(events, ids[3]!)).toMatchObject({
      flags: ['shallow_boundary'],
      data: { stats: null, parents: [ids[2]] },
    });
    expect(filesOf(events, ids[3]!)).toEqual([]);
    expect(eventOf(events, ids[4]!).data['stats']).toEqual({ files: 1, additions: 1, deletions: 0 });
  });

  test('what it gets later, at either end, is read', async () => {
    const { repository, clone, ids } = shallow();
    const reading = new Reading({ url: clone.path });
    await reading.run();
    expect(await reading.run()).toEqual([]);
    const [next] = repository.line(1, { from: ids[4]!, name: 'next' }) as [string];
    clone.git(['pull', '-q', '--depth=3']);
    expect(shasOf(await reading.run())).toContain(next);
    clone.git(['fetch', '-q', '--unshallow']);
    const all = shasOf(await reading.run());
    for (const id of ids.slice(0, 3)) expect(all).toContain(id);
    expect(await reading.run()).toEqual([]);
  });
});

describe('another user', () => {
  test.runIf(getuid?.() === 0)(
    'a repository that another user owns is read, without its owner or us changing settings',
    async () => {
      const repository = Repository.create();
      const ids = repository.line(2);
      chownAll(repository.path, 65534);
      expect(await shasAt(repository.path)).toEqual(ids);
    },
  );
});

function chownAll(path: string, user: number): void {
  chownSync(path, user, user);
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' }))
    chownSync(join(path, entry), user, user);
}

describe('after a kill', () => {
  test('leftovers of a killed fetch do not stop the next', async () => {
    const repository = Repository.create();
    const ids = repository.line(3);
    const reading = new Reading({ url: repository.path });
    await reading.run();
    const mirror = join(reading.directory, 'mirror.git');
    for (const name of [
      'packed-refs.lock',
      'shallow.lock',
      'config.lock',
      'refs/tributary/tips/refs/heads/main.lock',
      'objects/pack/tmp_pack_x',
    ]) {
      mkdirSync(dirname(join(mirror, name)), { recursive: true });
      writeFileSync(join(mirror, name), '');
    }
    const gone = spawn('true');
    await new Promise((resolve) => gone.on('close', resolve));
    writeFileSync(
      `${mirror}.lock`,
      JSON.stringify({ worker: { id: gone.pid, started: '1' }, child: { id: gone.pid, started: '1' } }),
    );
    const more = repository.line(1, { from: ids[2]!, name: 'other' });
    expect(shasOf(await reading.run())).toEqual(more);
    expect(existsSync(join(mirror, 'objects/pack/tmp_pack_x'))).toBe(false);
  });

  test('a lock cut short by the kill holds nobody', async () => {
    const repository = Repository.create();
    const ids = repository.line(1);
    const reading = new Reading({ url: repository.path });
    mkdirSync(reading.directory, { recursive: true });
    writeFileSync(join(reading.directory, 'mirror.git.lock'), '{"wor');
    expect(shasOf(await reading.run())).toEqual(ids);
  });

  test('while a fetch of a dead worker still runs, the mirror is left alone', async () => {
    const repository = Repository.create();
    repository.line(1);
    const reading = new Reading({ url: repository.path });
    mkdirSync(reading.directory, { recursive: true });
    const orphan = spawn('cat');
    const started = execFileSync('sh', ['-c', `sed 's/.*) //' /proc/${orphan.pid}/stat | cut -d' ' -f20`])
      .toString()
      .trim();
    writeFileSync(
      join(reading.directory, 'mirror.git.lock'),
      JSON.stringify({ worker: { id: 2 ** 22 + 1 }, child: { id: orphan.pid, started } }),
    );
    await expect(reading.run()).rejects.toThrow('another run is fetching');
    orphan.stdin.end();
    await new Promise((resolve) => orphan.on('close', resolve));
    expect(shasOf(await reading.run())).toHaveLength(1);
  });

  test('two runs at once: one fetches, the other is told to come back', async () => {
    const repository = Repository.create();
    const ids = repository.line(2);
    const reading = new Reading({ url: repository.path });
    const results = await Promise.allSettled([reading.prepare(), reading.prepare()]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(shasOf(await reading.run())).toEqual(ids);
  });
});
