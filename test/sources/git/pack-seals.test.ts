// Damage of the mirror is noticed, and mended, while the origin still has what it had: after a force-push it would be too late.
import { chmodSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { git } from '../../../src/sources/git/index.js';
import { markedOf, Reading } from './reading.js';
import { Repository } from './repository.js';

function filesOf({ directory }: Reading): string[] {
  const packs = join(directory, 'mirror.git', 'objects', 'pack');
  return readdirSync(packs).filter((name) => name.endsWith('.pack')).map((name) => join(packs, name)); // prettier-ignore
}

const damages: [string, (file: string) => void][] = [
  ['a pack is removed', (file) => rmSync(file)],
  ['a pack is cut off', (file) => { chmodSync(file, 0o600); truncateSync(file, 100); }],
  ['a pack is another', (file) => { chmodSync(file, 0o600); writeFileSync(file, Buffer.alloc(statSync(file).size)); }],
  ['the index of a pack is removed', (file) => rmSync(file.replace(/pack$/, 'idx'))],
]; // prettier-ignore
/** Drops commits for good, and gives those that are said to be dropped. */
async function toldAfterRewrite(repository: Repository, reading: Reading, to: string): Promise<string[]> {
  repository.point(to);
  repository.git(['reflog', 'expire', '--expire=now', '--all']);
  repository.git(['gc', '-q', '--prune=now']);
  return markedOf(await reading.run(), 'unreachable').sort();
}

test.each(damages)('%s: noticed by a look that finds nothing new', async (_, damage) => {
  const repository = Repository.create();
  const ids = repository.line(6);
  const reading = new Reading({ url: repository.path });
  await reading.run();
  const hasNews = () => git.hasNews!(reading.context, reading.cursor);
  expect(await hasNews()).toBe(false);
  for (const file of filesOf(reading)) damage(file);
  expect(await hasNews()).toBe(true);
  expect(await reading.run()).toEqual([]);
  expect(await hasNews()).toBe(false);
  expect(await toldAfterRewrite(repository, reading, ids[2]!)).toEqual(ids.slice(3).sort());
});

test('packs are removed under a reader that has them open: noticed at the end of the run', async () => {
  const repository = Repository.long(600);
  const reading = new Reading({ url: repository.path });
  const dropped = repository.git(['rev-list', 'main~3..main']).split('\n');
  let chunks = 0;
  for await (const chunk of git.read(reading.context, (await reading.prepare()).cursor)) {
    reading.commit(chunk);
    if (++chunks === 2) for (const file of filesOf(reading)) rmSync(file);
  }
  expect(await toldAfterRewrite(repository, reading, repository.git(['rev-parse', 'main~3']))).toEqual(dropped.sort());
});

test('a pack that was only touched is read, and kept', async () => {
  const repository = Repository.create();
  repository.line(3);
  const reading = new Reading({ url: repository.path });
  await reading.run();
  const packs = filesOf(reading);
  const inodes = packs.map((file) => statSync(file).ino);
  for (const file of packs) utimesSync(file, new Date(0), new Date(0));
  expect(await reading.run()).toEqual([]);
  expect(filesOf(reading).map((file) => statSync(file).ino)).toEqual(inodes);
  expect(await git.hasNews!(reading.context, reading.cursor)).toBe(false);
});
