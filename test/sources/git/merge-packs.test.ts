// A mirror that is fetched into for years stays cheap to look at, and keeps what no ref reaches.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../../../src/sources/git/index.js';
import { gitLimits } from '../../../src/sources/git/limits.js';
import { gitWithout } from './failing-git.js';
import { Reading } from './reading.js';
import { gitBytes, Repository } from './repository.js';

const packFolder = ({ directory }: Reading): string => join(directory, 'mirror.git', 'objects', 'pack');
const packsOf = (reading: Reading): string[] =>
  readdirSync(packFolder(reading)).filter((name) => name.endsWith('.pack'));

/** As if so many fetches had each left a pack, of an object that no ref reaches. */
function addPacks(reading: Reading, packs: number): string[] {
  const mirror = join(reading.directory, 'mirror.git');
  const run = (args: string[], input: string) => gitBytes(mirror, args, input).toString().trim();
  return Array.from({ length: packs }, (_, at) => {
    const id = run(['hash-object', '-w', '--stdin'], `object ${at}`);
    run(['pack-objects', '-q', join(packFolder(reading), 'pack')], `${id}\n`);
    rmSync(join(mirror, 'objects', id.slice(0, 2)), { recursive: true });
    return id;
  });
}

/** A source read to its end, a mirror of more packs than its bound, and one more commit at the origin. */
async function manyPacks(): Promise<{ reading: Reading; ids: string[]; loose: string[] }> {
  const repository = Repository.create();
  const ids = repository.line(4);
  const reading = new Reading({ url: repository.path });
  await reading.run();
  const loose = addPacks(reading, gitLimits.packsMax);
  repository.line(1, { from: ids.at(-1)!, name: 'other' });
  return { reading, ids, loose };
}

test('packs beyond the bound are merged by the next fetch; no object is lost, the look finds nothing wrong', async () => {
  const { reading, ids, loose } = await manyPacks();
  expect(await reading.run()).not.toEqual([]);
  expect(packsOf(reading).length).toBeLessThan(10);
  const all = [...ids, ...loose].join('\n');
  const checked = gitBytes(join(reading.directory, 'mirror.git'), ['cat-file', '--batch-check'], all).toString();
  expect(checked.split('\n').filter((line) => / (commit|blob) \d+$/.test(line))).toHaveLength(
    ids.length + loose.length,
  );
  expect(await git.hasNews!(reading.context, reading.cursor)).toBe(false);
});

test('a git that cannot merge packs reads on', async () => {
  const { reading } = await manyPacks();
  const mend = gitWithout('repack');
  try {
    expect(await reading.run()).not.toEqual([]);
  } finally {
    mend();
  }
  expect(packsOf(reading).length).toBeGreaterThan(gitLimits.packsMax);
});
