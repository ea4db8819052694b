// What is opened, and what is refused by name; packed text as it is, cut, damaged, or made to be too much.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { findFiles } from '../../../src/sources/files/found-files.js';
import { stemOf } from '../../../src/sources/files/rotated-name.js';
import { openText } from '../../../src/sources/files/text-file.js';
import { FilesReader } from './reader.js';

const root = mkdtempSync(join(tmpdir(), 'tributary-text-'));
const at = (name: string) => join(root, name);
afterAll(() => rmSync(root, { recursive: true }));

async function read(name: string, from = 0): Promise<{ text: Buffer; code: string | undefined; blockMax: number }> {
  const file = (await openText(at(name)))!;
  const blocks: Buffer[] = [];
  let code: string | undefined;
  try {
    for await (const block of file.blocks(from)) blocks.push(block);
  } catch (error) {
    code = (error as { code: string }).code;
  } finally {
    await file.close();
  }
  return { text: Buffer.concat(blocks), code, blockMax: Math.max(0, ...blocks.map(({ length }) => length)) };
}

const text = Buffer.from(Array.from({ length: 200_000 }, (_, n) => `line ${n}\n`).join(''));
/** `printf 'one\ntwo\n' | zstd`, twice: two frames. */
const zstd = Buffer.from('KLUv/QRYQQAAb25lCnR3bwrmpg5A', 'base64');

test('plain, gzip of several members and zstd of several frames read alike, from any offset', async () => {
  const half = text.length / 2;
  writeFileSync(at('plain'), text);
  writeFileSync(at('members'), Buffer.concat([gzipSync(text.subarray(0, half)), gzipSync(text.subarray(half))]));
  for (const name of ['plain', 'members']) {
    const [whole, rest] = [await read(name), await read(name, 1_000_000)];
    expect(whole.text.equals(text)).toBe(true);
    expect(rest.text.equals(text.subarray(1_000_000))).toBe(true);
    expect(whole.blockMax).toBeLessThanOrEqual(512 * 1_024);
  }
  writeFileSync(at('frames'), Buffer.concat([zstd, zstd]));
  expect((await read('frames')).text.toString()).toBe('one\ntwo\none\ntwo\n');
});

test('what is cut is read up to there, nothing is read of what is damaged, and both are told', async () => {
  const packed = gzipSync(text);
  writeFileSync(at('cut'), packed.subarray(0, packed.length - 100));
  writeFileSync(
    at('broken'),
    Buffer.concat([packed.subarray(0, 200_000), Buffer.alloc(1_000, 0xa5), packed.subarray(200_000)]),
  );
  writeFileSync(at('cut-frame'), Buffer.concat([zstd, zstd.subarray(0, 12)]));
  const found = await read('cut');
  expect(found.code).toBe('packed_cut');
  expect(found.text.length).toBeGreaterThan(100_000);
  expect(text.subarray(0, found.text.length).equals(found.text)).toBe(true);
  const reader = new FilesReader(at('broken'));
  expect(await reader.read()).toEqual([]);
  expect((await reader.prepare()).problems).toMatchObject([{ code: 'packed_damaged' }]);
  expect(await read('cut-frame')).toMatchObject({ code: 'packed_cut' });
  expect((await read('cut-frame')).text.toString()).toBe('one\ntwo\n');
});

test('a gzip bomb comes in blocks, a zstd frame that asks for much memory is refused, other packings by name', async () => {
  writeFileSync(at('bomb'), gzipSync(Buffer.alloc(100_000_000)));
  const file = (await openText(at('bomb')))!;
  let [bytes, most] = [0, 0];
  for await (const block of file.blocks(0)) [bytes, most] = [bytes + block.length, Math.max(most, block.length)];
  await file.close();
  expect([bytes, most <= 512 * 1_024]).toEqual([100_000_000, true]);
  writeFileSync(at('window'), Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
  expect((await read('window')).code).toBe('packed_damaged');
  for (const [name, magic] of Object.entries({ bzip2: 'BZh9', zip: 'PK\x03\x04' })) {
    writeFileSync(at(name), magic);
    await expect(openText(at(name))).rejects.toThrow(`is packed by ${name}, expected text, gzip or zstd`);
  }
});

test('a directory, a FIFO, a socket, a device and a link to itself are refused by name, and nothing waits', async () => {
  mkdirSync(at('folder'));
  execFileSync('sh', ['-c', 'mkfifo "$0"', at('fifo')]);
  symlinkSync(at('loop'), at('loop'));
  const server = createServer().listen(at('socket'));
  await new Promise((resolve) => server.once('listening', resolve));
  for (const [path, message] of [
    [at('folder'), 'is a directory, expected a regular file'],
    [at('fifo'), 'is a FIFO, expected a regular file'],
    [at('socket'), 'is a socket, expected a regular file'],
    ['/dev/zero', 'is a device, expected a regular file'],
    [at('loop'), 'is a link that leads to itself'],
  ] as const)
    await expect(openText(path)).rejects.toThrow(`${path} ${message}`);
  server.close();
  expect(await openText(at('nothing'))).toBeUndefined();
});

test('a pattern finds files in order, through links to files and not to folders, and its rotations beside them', async () => {
  mkdirSync(at('tree/b/deep'), { recursive: true });
  for (const name of ['b/deep/x.log', 'b/x.log', 'a.log', 'a.log.1', 'a.log-20260131.gz', 'other.log.1', '.hidden.log'])
    writeFileSync(at(`tree/${name}`), '');
  symlinkSync(at('tree/a.log'), at('tree/z.log'));
  symlinkSync(at('tree'), at('tree/b/loop'));
  chmodSync(at('tree/a.log'), 0o600);
  const names = async (pattern: string) =>
    (await findFiles(at(pattern))).files.map(({ path, named }) => `${path.slice(root.length + 6)}${named ? '' : '?'}`);
  expect(await names('tree/*.log')).toEqual(['a.log', 'a.log-20260131.gz?', 'a.log.1?', 'z.log']);
  expect(await names('tree/**/*.log')).toEqual([
    'a.log',
    'a.log-20260131.gz?',
    'a.log.1?',
    'b/deep/x.log',
    'b/x.log',
    'z.log',
  ]);
  expect(await names('tree/a.log')).toEqual(['a.log', 'a.log-20260131.gz?', 'a.log.1?']);
});

test('names that rotation gives have one stem, others have their own', () => {
  const rotated = [
    'access.log',
    'access.log.1',
    'access.log.12.gz',
    'access.log-20260131.gz',
    'access-2026-01-31.log',
    'access.1.log',
    'access.log.old',
  ];
  expect(new Set(rotated.map(stemOf))).toEqual(new Set(['access.log']));
  expect(['error.log', 'access_ssl.log', '1', 'v2', '2026-01-31.log'].map(stemOf)).toEqual([
    'error.log',
    'access_ssl.log',
    '1',
    'v2',
    '2026-01-31.log',
  ]);
});
