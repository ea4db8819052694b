// What is told of each way in which a tree changes.
import { appendFileSync, cpSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync, chmodSync } from 'node:fs'; // prettier-ignore
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isWait } from '../../../src/domain/errors.js';
import { filesystem } from '../../../src/sources/filesystem/index.js';
import { namesOf, onDisk, temporaryFolder, TreeRun } from './tree-run.js';

afterEach(() => vi.useRealTimers());

/** Seconds from now, for all that asks for the time; the disk keeps its own. */
function later(seconds: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 });
}

async function tree(files: Readonly<Record<string, string>>, options: object = {}): Promise<TreeRun> {
  const root = temporaryFolder();
  const run = new TreeRun(root, { ...options });
  put(run, { kept: 'always', ...files });
  await run.sync();
  return run;
}

function put({ root }: TreeRun, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const at = ({ root }: TreeRun, path: string) => join(root, path);

describe('contents', () => {
  test('A, then B, then A again are three events', async () => {
    const run = await tree({ a: 'A' });
    for (const text of ['B', 'A', 'B']) {
      put(run, { a: text });
      expect(namesOf(await run.sync())).toEqual(['file.modified a']);
    }
    expect(run.events.filter(({ subject }) => subject === 'a').map(({ id }) => id)).toEqual(['@a#1@1', '@a#1@2', '@a#1@3', '@a#1@4']); // prettier-ignore
  });

  test.each(['beside it', 'with a copy of what was'])("an editor's save by a new file %s is one event, modified", async (way) => {
    const run = await tree({ a: 'before' });
    if (way !== 'beside it') renameSync(at(run, 'a'), at(run, 'a~'));
    put(run, { '.a.swp': 'after' });
    renameSync(at(run, '.a.swp'), at(run, 'a'));
    const [first, ...others] = await run.sync();
    expect(namesOf([first!])).toEqual(['file.modified a']);
    expect(first!.data).toMatchObject({ changed: ['contents', 'mtime'], previous: { size: 6 }, size: 5 });
    expect(namesOf(others)).toEqual(way === 'beside it' ? [] : ['file.created a~']);
  }); // prettier-ignore

  test('contents that change while size and mtime stay are noticed', async () => {
    const run = await tree({ a: 'one' });
    utimesSync(at(run, 'a'), 5, 5);
    await run.sync();
    put(run, { a: 'two' });
    utimesSync(at(run, 'a'), 5, 5);
    const [event] = await run.sync();
    expect(event).toMatchObject({ type: 'file.modified', data: { changed: ['contents'], mtime: '1970-01-01T00:00:05.000Z' } }); // prettier-ignore
  });

  test('a touch, a mode and times far away are metadata; nothing waits for a time that is to come', async () => {
    const run = await tree({ a: 'one' });
    utimesSync(at(run, 'a'), 8_000_000_000, 8_000_000_000);
    expect((await run.sync())[0]!.data).toMatchObject({ changed: ['mtime'], mtime: '2223-07-06T14:13:20.000Z' });
    chmodSync(at(run, 'a'), 0o700);
    expect((await run.sync())[0]).toMatchObject({ type: 'file.metadata_changed', data: { changed: ['mode'], mode: '0700' } }); // prettier-ignore
  });

  test('a file written so shortly before it was read that its times may not tell is read again, until they do', async () => {
    const run = await tree({ a: 'one' });
    const racy = () => run.state.filter(({ value }) => (value as { racy?: true }).racy === true).length;
    expect([racy(), run.cursor.seal]).toEqual([2, null]);
    later(10);
    expect(await run.sync()).toEqual([]);
    expect([racy(), run.cursor.seal]).toEqual([0, expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(await run.hasNews()).toBe(false);
    put(run, { b: 'new' });
    expect(await run.hasNews()).toBe(true);
  });

  test('where times do not tell, files are read again after rehashHours', async () => {
    const run = await tree({ a: 'one' }, { rehashHours: 2 });
    later(10);
    await run.sync();
    expect([await run.hasNews(), await run.prepare()]).toEqual([false, true]);
    later(7_200);
    expect(await run.hasNews()).toBe(true);
    const read = () => run.state.map(({ value }) => (value as { read: number }).read);
    const [before] = read();
    expect(await run.sync()).toEqual([]);
    expect(read()[0]).toBeGreaterThan(before! + 7_000);
    expect(await run.hasNews()).toBe(false);
  });

  test('contents come as text or in base64, and not beyond their cap; what is too large is told without a hash', async () => {
    const options = { contents: true, contentBytesMax: 10, hashBytesMax: 100 };
    const run = new TreeRun(temporaryFolder(), options);
    put(run, { text: 'häuser', long: 'x'.repeat(11), large: 'x'.repeat(101) });
    writeFileSync(at(run, 'bytes'), Buffer.from([0, 255]));
    const [bytes, large, long, text] = await run.sync();
    expect(bytes!.data['contentBase64']).toBe('AP8=');
    expect(large).toMatchObject({ flags: ['too_large'], data: { sha256: null, size: 101 } });
    expect(long!.data).not.toHaveProperty('content');
    expect(text!.data['content']).toBe('häuser');
    appendFileSync(at(run, 'large'), 'x');
    expect(namesOf(await run.sync())).toEqual(['file.modified large']);
  });
});

describe('a file that is being written', () => {
  async function waited(run: TreeRun): Promise<Error> {
    await run.prepare();
    return run.readOn().then(
      () => Promise.reject(new Error('nothing is waited for')),
      (error: Error) => (isWait(error) ? error : Promise.reject(error)),
    );
  }

  test('waits, while others are told; it is looked at again by itself', async () => {
    const run = await tree({ old: 'old' }, { settleMs: 0 });
    const patient = new TreeRun(run.root, { settleMs: 2_000 });
    later(1);
    expect((await waited(patient)).message).toBe('2 files, the first kept, are still being written');
    expect(patient.events).toEqual([]);
    later(2);
    await patient.readOn();
    expect(namesOf(patient.events)).toEqual(['file.created kept', 'file.created old']);
  });

  test('all the time is told as it is in the end', async () => {
    const run = new TreeRun(temporaryFolder(), { settleMs: 600_000 });
    put(run, { log: 'line' });
    await waited(run);
    later(61);
    await run.readOn();
    expect(namesOf(run.events)).toEqual(['file.created log']);
  });

  test('is no reason to tell what it was called before as deleted: a rename is one event', async () => {
    const run = new TreeRun(temporaryFolder(), { settleMs: 5_000 });
    put(run, { a: 'one', kept: 'always' });
    later(10);
    await run.sync();
    vi.useRealTimers();
    renameSync(at(run, 'a'), at(run, 'b'));
    await waited(run);
    later(10);
    await run.readOn();
    expect(namesOf(run.events.slice(2))).toEqual(['file.renamed a → b']);
  });
});

describe('a rename', () => {
  test('is told by the inode, also of a folder and all in it, and where the file was written since', async () => {
    const run = await tree({ 'old/a': 'one', 'old/b': 'two', c: 'three' });
    renameSync(at(run, 'old'), at(run, 'new'));
    renameSync(at(run, 'c'), at(run, 'd'));
    appendFileSync(at(run, 'd'), ' and more');
    const told = await run.sync();
    expect(namesOf(told)).toEqual(['file.renamed c → d', 'file.renamed old → new', 'file.renamed old/a → new/a', 'file.renamed old/b → new/b']); // prettier-ignore
    expect(told.map(({ data }) => [data['paired'], data['changed']])).toEqual([['inode', ['contents', 'mtime']], ...Array.from({ length: 3 }, () => ['inode', []])]); // prettier-ignore
    expect(run.told()).toEqual(onDisk(run.root));
  });

  test('over disks is told by the contents, one of the same name first, and empty files are never paired so', async () => {
    const run = await tree({ 'p/a': 'same', 'p/b': 'same', empty: '' });
    for (const [from, to] of [['p/b', 'q/b'], ['p/a', 'q/x'], ['empty', 'nothing']] as const) {
      cpSync(at(run, from), at(run, to));
      unlinkSync(at(run, from));
    } // prettier-ignore
    const told = namesOf(await run.sync());
    expect(told).toContain('file.renamed p/b → q/b');
    expect(told).toContain('file.renamed p/a → q/x');
    expect(told).toEqual(expect.arrayContaining(['file.created nothing', 'file.deleted empty']));
  });

  test('goes by the inode before the contents, whatever comes first', async () => {
    const run = await tree({ m: 'same' });
    renameSync(at(run, 'm'), at(run, 'z'));
    cpSync(at(run, 'z'), at(run, 'a'));
    expect(namesOf(await run.sync())).toEqual(['file.created a', 'file.renamed m → z']);
  });

  test('keeps the file what it is: its versions stay one entity, and a new file of its old name is another', async () => {
    const run = await tree({ a: 'one' });
    renameSync(at(run, 'a'), at(run, 'b'));
    await run.sync();
    put(run, { a: 'new', b: 'other' });
    await run.sync();
    rmSync(at(run, 'b'));
    await run.sync();
    const ids = run.events.filter(({ subject }) => subject !== 'kept').map(({ id, type }) => `${type} ${id}`);
    expect(ids).toEqual(['file.created @a#1@1', 'file.renamed @a#1@2', 'file.created @a#3@3', 'file.modified @a#1@3', 'file.deleted @a#1@4']); // prettier-ignore
  });
});

describe('what is no plain file', () => {
  test('links are told with where they point and never followed, out of the root or in a loop', async () => {
    const run = await tree({ 'p/a': 'one' });
    const outside = temporaryFolder();
    writeFileSync(join(outside, 'secret'), 'secret');
    symlinkSync(outside, at(run, 'out'));
    symlinkSync('..', at(run, 'p/loop'));
    symlinkSync('p/a', at(run, 'to'));
    linkSync(at(run, 'p/a'), at(run, 'hard'));
    expect(namesOf(await run.sync())).toEqual(['file.created hard', 'file.created out', 'file.created p/loop', 'file.created to']); // prettier-ignore
    unlinkSync(at(run, 'to'));
    symlinkSync('kept', at(run, 'to'));
    expect((await run.sync())[0]).toMatchObject({ type: 'file.modified', data: { target: 'kept', previous: { target: 'p/a' } } }); // prettier-ignore
    unlinkSync(at(run, 'p/a'));
    expect(namesOf(await run.sync())).toEqual(['file.deleted p/a']);
    expect(run.told()).toEqual(onDisk(run.root));
  });

  test('a FIFO is told and never opened; a path that is something else is one event', async () => {
    const run = await tree({ a: 'one' });
    execFileSync('mkfifo', [at(run, 'pipe')]);
    expect((await run.sync())[0]).toMatchObject({ type: 'file.created', data: { type: 'fifo' } });
    unlinkSync(at(run, 'a'));
    mkdirSync(at(run, 'a'));
    expect((await run.sync())[0]).toMatchObject({ type: 'file.type_changed', data: { type: 'directory', previous: { type: 'file' } } }); // prettier-ignore
    rmSync(at(run, 'a'), { recursive: true });
    execFileSync('mkfifo', [at(run, 'a')]);
    expect((await run.sync())[0]).toMatchObject({ type: 'file.type_changed', data: { type: 'fifo' } });
  });
});

test.each(['', 'null', '[]', '{"v":2}', '{"v":1,"event":"created","look":1,"seen":1,"key":"a","name":"a"}'])(
  'a record that is no change is refused: %j',
  (record) => {
    const mapping = { options: filesystem.options.parse({ root: '/' }), stream: null };
    expect(() => filesystem.toEvents(Buffer.from(record), mapping)).toThrow('the record is no change of a file');
  },
);
