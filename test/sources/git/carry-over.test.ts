// A mirror that is made anew takes over what only the old one has, whatever of that one is damaged besides its objects.
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventsOf, Reading, shasOf } from './reading.js';
import { Repository } from './repository.js';

const mirrorFile = (reading: Reading, name: string): string => join(reading.directory, 'mirror.git', name);
const damages: [string, (reading: Reading) => void][] = [
  ['its config is garbage', (reading) => writeFileSync(mirrorFile(reading, 'config'), '[core')],
  ['its HEAD is gone', (reading) => rmSync(mirrorFile(reading, 'HEAD'))],
  ['its refs are gone', (reading) => rmSync(mirrorFile(reading, 'refs'), { recursive: true })],
  ['its config, HEAD and refs are gone', (reading) => { for (const name of ['config', 'HEAD', 'refs']) rmSync(mirrorFile(reading, name), { recursive: true }); }],
  ['its packed refs are garbage', (reading) => writeFileSync(mirrorFile(reading, 'packed-refs'), '\0\0garbage\n')],
  ['its refs are a file', (reading) => { rmSync(mirrorFile(reading, 'refs'), { recursive: true }); writeFileSync(mirrorFile(reading, 'refs'), ''); }],
  ['its refs and seals are gone', (reading) => { for (const name of ['refs/tributary', 'tributary-seals.json']) rmSync(mirrorFile(reading, name), { recursive: true }); }],
  ['it lends from nowhere, and its seals are gone', (reading) => { writeFileSync(mirrorFile(reading, 'objects/info/alternates'), '/nowhere\n'); rmSync(mirrorFile(reading, 'tributary-seals.json')); }],
]; // prettier-ignore

function dropped(repository: Repository): void {
  repository.git(['reflog', 'expire', '--expire=now', '--all']);
  repository.git(['gc', '-q', '--prune=now']);
}

test.each(damages)('a branch that the origin dropped is carried over when %s', async (_what, damage) => {
  const repository = Repository.create();
  const ids = repository.line(3);
  const side = repository.line(2, { from: ids[0]!, ref: 'refs/heads/side', name: 'side' });
  const reading = new Reading({ url: repository.path });
  await reading.run();
  repository.git(['update-ref', '-d', 'refs/heads/side']);
  dropped(repository);
  await reading.run();
  const packs = mirrorFile(reading, 'objects/pack');
  // Damage where the origin can help.
  damage(reading);
  const more = repository.line(1, { from: ids[2]!, name: 'more' });
  expect(shasOf(await reading.run())).toEqual(more);
  expect(readdirSync(packs).filter((name) => name.endsWith('.pack')).length).toBeGreaterThan(1);
  expect(Repository.at(join(reading.directory, 'mirror.git')).git(['rev-list', '--count', side[1]!])).toBe('3');
  expect(readdirSync(reading.directory).sort()).toEqual(['mirror.git', 'walks']);
});

test.each(damages)('and the rest of whose history only the mirror has is read, also when %s', async (_what, damage) => {
  const repository = Repository.long(300);
  const ids = repository.git(['rev-list', '--reverse', 'main']).split('\n');
  const reading = new Reading({ url: repository.path });
  const [first] = await reading.chunks((await reading.prepare()).cursor);
  reading.commit(first!);
  const other = repository.line(2, { ref: 'refs/heads/other', name: 'other' });
  repository.point(other[1]!, 'refs/heads/main');
  dropped(repository);
  damage(reading);
  const events = [...eventsOf(first!), ...(await reading.run())];
  expect(events.filter(({ flags = [] }) => flags.includes('missing_object'))).toEqual([]);
  expect(shasOf(events)).toEqual([...ids, ...other]);
});
