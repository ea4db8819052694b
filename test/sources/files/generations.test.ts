// What rotation and its accidents do to a log, one by one: every line once, whatever the file is called then.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { FilesReader } from './reader.js';

const root = mkdtempSync(join(tmpdir(), 'tributary-files-'));
let [folder, count] = ['', 0];
const at = (name: string) => join(folder, name);
const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `line ${from + n}`);
const text = (from: number, to: number) => `${numbered(from, to).join('\n')}\n`;
const write = (name: string, from: number, to: number) => writeFileSync(at(name), text(from, to));
const append = (name: string, from: number, to: number) => appendFileSync(at(name), text(from, to));
const gzip = (name: string) => writeFileSync(at(`${name}.gz`), gzipSync(execFileSync('cat', [at(name)])));
const old = (name: string) => utimesSync(at(name), 1_700_000_000, 1_700_000_000);

beforeEach(() => {
  folder = join(root, String(count++));
  mkdirSync(folder);
});
afterAll(() => rmSync(root, { recursive: true }));

/** Of `access.log`, read up to line 3. */
async function readOnce(): Promise<FilesReader> {
  write('access.log', 1, 3);
  const reader = new FilesReader(at('access.log'));
  await reader.read();
  expect(reader.texts).toEqual(numbered(1, 3));
  return reader;
}

const accidents: Record<string, () => void> = {
  'lines are added': () => append('access.log', 4, 9),
  'it is renamed, written on, and another begins': () => {
    append('access.log', 4, 5);
    renameSync(at('access.log'), at('access.log.1'));
    write('access.log', 7, 9);
    append('access.log.1', 6, 6);
  },
  'it is rotated twice and packed while nobody looked': () => {
    append('access.log', 4, 5);
    gzip('access.log');
    rmSync(at('access.log'));
    renameSync(at('access.log.gz'), at('access.log-20260131.gz'));
    write('access.log.1', 6, 7);
    write('access.log', 8, 9);
  },
  'it is copied and truncated': () => {
    append('access.log', 4, 6);
    copyFileSync(at('access.log'), at('access.log.1'));
    truncateSync(at('access.log'));
    append('access.log', 7, 9);
  },
  'it is truncated and rewritten longer than before': () => write('access.log', 4, 9),
  'it is truncated and rewritten to the same length': () => {
    write('access.log', 4, 6);
    append('access.log', 7, 9);
  },
  'it is deleted, and another is made': () => {
    rmSync(at('access.log'));
    write('access.log', 4, 9);
  },
  'it is saved again by an editor, under another inode': () => {
    write('access.log.new', 1, 9);
    renameSync(at('access.log.new'), at('access.log'));
  },
  'a writer that does not append leaves a hole': () => {
    truncateSync(at('access.log'));
    truncateSync(at('access.log'), 21);
    append('access.log', 4, 9);
  },
};

for (const [name, happens] of Object.entries(accidents)) {
  test(`when ${name}, each line is read once`, async () => {
    const reader = await readOnce();
    happens();
    expect(await reader.hasNews()).toBe(true);
    await reader.read();
    expect(reader.texts.toSorted()).toEqual(numbered(1, 9));
    expect(new Set(reader.lines.map(({ id }) => id)).size).toBe(9);
    await reader.settle();
    expect(reader.lines).toHaveLength(9);
  });
}

test('the same text as .1, .1.gz and under a second link is read once, in whatever order they come', async () => {
  for (const name of ['access.log.1', 'access.log.1.gz', 'access.log.2']) {
    folder = join(root, String(count++));
    mkdirSync(folder);
    write('access.log.1', 1, 200);
    gzip('access.log.1');
    linkSync(at('access.log.1'), at('access.log.2'));
    const reader = new FilesReader(at(name));
    await reader.read();
    expect(reader.texts).toEqual(numbered(1, 200));
    const all = new FilesReader(at('*'));
    await all.read();
    expect(all.texts).toEqual(numbered(1, 200));
    expect(await all.hasNews()).toBe(false);
  }
});

test('a copy that is being made is no new log, and neither is a packed one', async () => {
  write('access.log', 1, 300);
  const reader = new FilesReader(at('access.log*'));
  await reader.read();
  const packed = gzipSync(text(1, 300));
  writeFileSync(at('access.log.1'), text(1, 300).slice(0, 1_500));
  writeFileSync(at('access.log.1.gz'), packed.subarray(0, packed.length / 2));
  expect(await reader.read()).toEqual([]);
  writeFileSync(at('access.log.1'), text(1, 300));
  writeFileSync(at('access.log.1.gz'), packed);
  rmSync(at('access.log'));
  expect(await reader.read()).toEqual([]);
  write('access.log', 301, 302);
  expect((await reader.read()).map(({ text: line }) => line)).toEqual(numbered(301, 302));
});

test('two logs that begin with the same lines are two, as soon as they differ', async () => {
  mkdirSync(at('a'));
  mkdirSync(at('b'));
  write('a/access.log', 1, 1);
  write('b/access.log', 1, 1);
  const reader = new FilesReader(at('*/access.log'));
  await reader.read();
  append('a/access.log', 2, 2);
  await reader.read();
  append('b/access.log', 3, 3);
  await reader.read();
  expect(reader.texts.toSorted()).toEqual(['line 1', 'line 1', 'line 2', 'line 3']);
});

test('logs of other names are never taken for each other', async () => {
  write('shop.log', 1, 200);
  write('api.log', 1, 200);
  const reader = new FilesReader(at('*.log'));
  await reader.read();
  expect(reader.lines).toHaveLength(400);
});

test('a last line without an end waits; after long quiet it is given, and what follows it is flagged', async () => {
  writeFileSync(at('access.log'), 'one\ntwo');
  const reader = new FilesReader(at('access.log'));
  await reader.read();
  expect(reader.texts).toEqual(['one']);
  await reader.settle();
  old('access.log');
  expect(await reader.hasNews()).toBe(true);
  await reader.read();
  expect(reader.lines.at(-1)).toMatchObject({ text: 'two', flags: { unended: true } });
  await reader.settle();
  appendFileSync(at('access.log'), ' and a half\nthree\n');
  await reader.read();
  expect(reader.lines.slice(2)).toMatchObject([{ text: ' and a half', flags: { rest: true } }, { text: 'three' }]);
});

test('what is kept about a generation comes with its later chunks, also from a packed copy', async () => {
  const reader = await readOnce();
  append('access.log', 4, 4);
  gzip('access.log');
  rmSync(at('access.log'));
  await reader.read();
  const [row] = await reader.state.scan('generation', { limit: 9 });
  expect(row!.value).toMatchObject({ note: { first: 'line 1' }, lines: 4, offset: text(1, 4).length });
});
