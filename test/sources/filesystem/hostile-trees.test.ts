// Names, rights, roots and disks that are not as one would like: stored right, or left out with a reason; nothing is deleted
// that is not understood.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Moved, openInside } from '../../../src/sources/filesystem/open-inside.js';
import { namesOf, onDisk, temporaryFolder, TreeRun } from './tree-run.js';

function put({ root }: TreeRun, ...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), `text of ${path}`);
  }
}

async function tree(...paths: string[]): Promise<TreeRun> {
  const run = new TreeRun(temporaryFolder());
  put(run, 'kept', ...paths);
  await run.sync();
  return run;
}

const is = (...names: string[]) => names.map((name) => `file.created ${name}`);

describe('a name', () => {
  test('of any bytes is stored, and found again: no UTF-8, our own escape, a line break, twins in case and normal form', async () => {
    const run = new TreeRun(temporaryFolder());
    const bytes = [[0xff], [0xff, 0x62], [0x61, 0xfe, 0xc3, 0xa9], [0x5c, 0x78, 0x66, 0x66]].map((name) => Buffer.from(name)); // prettier-ignore
    for (const name of bytes) writeFileSync(Buffer.concat([Buffer.from(`${run.root}/`), name]), name);
    put(run, 'a\nb', 'A', 'a', 'café', 'cafe\u0301', '\u{1F600}', '\uFFFD', 'z');
    const told = await run.sync();
    expect(told.length).toBe(12);
    expect(new Set(told.map(({ id }) => id)).size).toBe(12);
    const flagged = told.filter(({ flags }) => flags?.includes('not_utf8'));
    expect(flagged.map(({ data }) => Buffer.from(data['pathBytes'] as string, 'base64').toString('latin1')).sort()).toEqual(['a\xfe\xc3\xa9', '\xff', '\xffb']); // prettier-ignore
    expect(await run.sync()).toEqual([]);
    renameSync(Buffer.concat([Buffer.from(`${run.root}/`), bytes[0]!]), join(run.root, 'named'));
    expect((await run.sync())[0]).toMatchObject({
      type: 'file.renamed',
      subject: 'named',
      data: { fromBytes: '/w==' },
    });
  });

  test('that makes a path longer than a key may be is left out and told; its neighbours are stored', async () => {
    const run = await tree();
    const deep = Array.from({ length: 12 }, () => 'x'.repeat(210)).join('/');
    put(run, `${deep}/file`, 'z');
    expect(namesOf(await run.sync()).length).toBe(12);
    expect(run.problems).toMatchObject([{ code: 'path_too_long' }]);
    expect(await run.sync()).toEqual([]);
  });
});

describe('what may not be read', () => {
  /** root may read everything, so this is read as somebody else. */
  async function asNobody<T>(work: () => Promise<T>): Promise<T> {
    const isRoot = process.geteuid!() === 0;
    if (isRoot) process.seteuid!(65_534);
    try {
      return await work();
    } finally {
      if (isRoot) process.seteuid!(0);
    }
  }

  test('a folder: all below it stays as it was known, and it is named', async () => {
    const run = await tree('p/a', 'p/b', 'p-q', 'q');
    chmodSync(join(run.root, 'p'), 0o000);
    rmSync(join(run.root, 'q'));
    await asNobody(async () => {
      expect(namesOf(await run.sync())).toEqual(['file.metadata_changed p', 'file.deleted q']);
      expect(run.problems).toMatchObject([{ name: 'p', code: 'folder_unreadable', message: expect.stringContaining('EACCES') }]); // prettier-ignore
    });
    chmodSync(join(run.root, 'p'), 0o755);
    expect(namesOf(await run.sync())).toEqual(['file.metadata_changed p']);
    expect(run.problems).toEqual([]);
  });

  test('a file: it is told without its hash, named at each look, and read once it may be', async () => {
    const run = await tree('a');
    put(run, 'b');
    chmodSync(join(run.root, 'b'), 0o000);
    await asNobody(async () => {
      expect(await run.sync()).toMatchObject([{ type: 'file.created', flags: ['unreadable'], data: { sha256: null, unreadable: 'EACCES' } }]); // prettier-ignore
      expect(await run.sync()).toEqual([]);
      expect(run.problems).toMatchObject([{ name: 'b', code: 'unreadable' }]);
    });
    expect((await run.sync())[0]).toMatchObject({ type: 'file.metadata_changed', data: { changed: ['readable'], sha256: expect.any(String) } }); // prettier-ignore
  });
});

describe('the root', () => {
  test('that vanished is one event, and nothing is deleted; that it is back is another', async () => {
    const run = await tree('a', 'p/b');
    renameSync(run.root, `${run.root}-away`);
    expect(namesOf(await run.sync())).toEqual(['file.root_vanished .']);
    expect(run.problems).toMatchObject([{ code: 'root_vanished' }]);
    expect([await run.hasNews(), await run.sync()]).toEqual([false, []]);
    renameSync(`${run.root}-away`, run.root);
    put(run, 'new');
    expect(await run.hasNews()).toBe(true);
    expect(namesOf(await run.sync())).toEqual(['file.root_back .', 'file.created new']);
    expect(run.told()).toEqual(onDisk(run.root));
  });

  test('that never was there is refused by the name of the option', async () => {
    await expect(new TreeRun('/nowhere/at/all').sync()).rejects.toThrow('source.options.root: found no folder /nowhere/at/all'); // prettier-ignore
  });

  test('that is empty deletes nothing, unless a person says so', async () => {
    const run = await tree('a', 'b');
    for (const path of ['a', 'b', 'kept']) rmSync(join(run.root, path));
    await expect(run.sync()).rejects.toMatchObject({ code: 'mass_deletion', message: expect.stringContaining('is empty') }); // prettier-ignore
    expect(namesOf(await run.sync({ accept: true }))).toEqual([
      'file.deleted a',
      'file.deleted b',
      'file.deleted kept',
    ]);
  });

  test('that is a link is resolved once a look, and one that points elsewhere then is another tree', async () => {
    const [one, two, place] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    for (const root of [one, two]) put({ root } as TreeRun, 'a', 'b');
    writeFileSync(join(two, 'b'), 'other');
    const link = join(place, 'current');
    symlinkSync(one, link);
    const run = new TreeRun(link);
    expect(namesOf(await run.sync())).toEqual(is('a', 'b'));
    rmSync(link);
    symlinkSync(two, link);
    expect(namesOf(await run.sync())).toEqual(['file.metadata_changed a', 'file.modified b']);
  });
});

describe('most of it gone', () => {
  const many = Array.from({ length: 9 }, (_, n) => `p/${n}`);

  test('is believed where the folder that held it is the same', async () => {
    const run = await tree(...many);
    for (const path of many) rmSync(join(run.root, path));
    expect((await run.sync()).length).toBe(9);
    expect(run.told()).toEqual(onDisk(run.root));
  });

  test('is not believed where another folder is in its place, as when a disk is not mounted', async () => {
    const run = await tree(...many);
    renameSync(join(run.root, 'p'), `${run.root}-disk`);
    mkdirSync(join(run.root, 'p'));
    await expect(run.sync()).rejects.toMatchObject({ code: 'mass_deletion', message: expect.stringContaining('the folder p is not the one that was read before') }); // prettier-ignore
    rmSync(join(run.root, 'p'), { recursive: true });
    renameSync(`${run.root}-disk`, join(run.root, 'p'));
    expect(await run.sync()).toEqual([]);
  });
});

describe('.gitignore and globs', () => {
  test('what is left out later is not told deleted, and known again when it is not', async () => {
    const run = await tree('out/a', 'b');
    writeFileSync(join(run.root, '.gitignore'), 'out/\n');
    expect(namesOf(await run.sync())).toEqual(is('.gitignore'));
    writeFileSync(join(run.root, 'out/a'), 'changed meanwhile');
    expect(await run.sync()).toEqual([]);
    rmSync(join(run.root, '.gitignore'));
    expect(namesOf(await run.sync())).toEqual(['file.modified out/a', 'file.deleted .gitignore']);
    expect(run.told()).toEqual(onDisk(run.root));
  });

  test('a line that cannot be read is told, and matches nothing', async () => {
    const run = await tree('a');
    writeFileSync(join(run.root, '.gitignore'), '[a\n');
    expect(namesOf(await run.sync())).toEqual(is('.gitignore'));
    expect(run.problems).toMatchObject([{ name: '.gitignore', code: 'ignore_pattern' }]);
  });

  test('only what is wanted is looked at, and folders that are not wanted are not looked into', async () => {
    const root = temporaryFolder();
    const run = new TreeRun(root, { include: ['src', '**/*.md'], exclude: ['**/vendor/**', 'src/old'] });
    put(run, 'src/a', 'src/vendor/b', 'src/old/c', 'lib/d', 'lib/e.md', '.git/config.md');
    expect(namesOf(await run.sync())).toEqual(is('lib/e.md', 'src', 'src/a', 'src/vendor'));
  });
});

test('nothing outside the root is opened, also where a folder became a link after it was seen', () => {
  const [root, outside] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(join(outside, 'secret'), 'secret');
  mkdirSync(join(root, 'p'));
  symlinkSync(outside, join(root, 'p', 'q'));
  expect(() => openInside(join(root, 'p/q/secret'), 'file')).toThrow(Moved);
  expect(() => openInside(join(root, 'p/q'), 'folder')).toThrow(/ELOOP|ENOTDIR/);
});

/** Mounting needs rights that not every machine gives. */
const canMount = ((): boolean => {
  const place = temporaryFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'none', place], { stdio: 'ignore' });
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  }
})();

test.runIf(canMount)(
  'what lay on a disk that is not mounted any more is kept, and told; with oneDevice nobody looks into it',
  async () => {
    const run = await tree('a', 'b', 'c');
    mkdirSync(join(run.root, 'disk'));
    execFileSync('mount', ['-t', 'tmpfs', 'none', join(run.root, 'disk')]);
    try {
      put(run, 'disk/x', 'disk/y');
      expect(namesOf(await run.sync())).toEqual(is('disk', 'disk/x', 'disk/y'));
      const other = new TreeRun(run.root, { oneDevice: true });
      expect(namesOf(await other.sync())).toEqual(is('a', 'b', 'c', 'disk', 'kept'));
    } finally {
      execFileSync('umount', [join(run.root, 'disk')]);
    }
    put(run, 'd');
    expect(namesOf(await run.sync())).toEqual(is('d'));
    expect(run.problems).toMatchObject([{ name: 'disk', code: 'unmounted' }]);
    expect(namesOf(await run.sync({ accept: true }))).toEqual([
      'file.metadata_changed disk',
      'file.deleted disk/x',
      'file.deleted disk/y',
    ]);
    expect(run.problems).toEqual([]);
  },
);
