// Repositories made to take all the memory there is. With every option on, and by default: each is read, in bounds.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { limits } from '../../../src/limits.js';
import { gitLimits } from '../../../src/sources/git/limits.js';
import { share } from '../../support/share.js';
import { commitsOf, eventOf, eventsOf, filesOf, Reading } from './reading.js';
import { gitBytes, Repository } from './repository.js';
import { everything, ways } from './ways.js';

/** Parents that differ in their messages alone; the merge itself adds a file. git's tools refuse so many, its objects do not. */
function octopusOf(
  count: number,
  entries: number,
): { repository: Repository; wide: string; parents: string[]; octopus: string } {
  const repository = Repository.create();
  const who = 'committer C <c@x> 1700000000 +0000\n';
  const names = Array.from({ length: entries }, (_, at) => `M 644 :1 ${at}\n`).join('');
  const children = Array.from(
    { length: count },
    (_, at) => `commit refs/heads/main\nmark :${at + 10}\n${who}data 5\n${String(at).padStart(5, '0')}\nfrom :2\n\n`,
  ).join('');
  const marks = join(repository.path, 'marks');
  repository.git(
    ['fast-import', '--quiet', '--force', `--export-marks=${marks}`],
    `blob\nmark :1\ndata 2\nx\n\ncommit refs/heads/main\nmark :2\n${who}data 4\nwide\n${names}\n${children}`,
  );
  const marked = new Map(readFileSync(marks, 'utf8').trim().split('\n').map((line) => line.split(' ') as [string, string])); // prettier-ignore
  const [wide, parents] = [marked.get(':2')!, Array.from({ length: count }, (_, at) => marked.get(`:${at + 10}`)!)];
  const lines = `${gitBytes(repository.path, ['ls-tree', '-z', wide]).toString()}100644 blob ${repository.blob('own\n')}\town\0`;
  const tree = repository.git(['mktree', '-z'], lines);
  const octopus = repository.object(
    `tree ${tree}\n${parents.map((id) => `parent ${id}\n`).join('')}author A <a@x> 1 +0000\n${who}\nm\n`,
  );
  repository.point(octopus);
  return { repository, wide, parents, octopus };
}

describe.each(share(ways, 1))('read %s', (_, options) => {
  test('an octopus of 10,000 parents: git is not made to hold the trees of all of them', async () => {
    const { repository, parents, octopus } = octopusOf(10_000, 10);
    const events = await new Reading({ url: repository.path, ...options }).run();
    expect(eventOf(events, octopus)).toMatchObject({
      flags: ['files_truncated'],
      data: { parents, message: 'm\n', author: { name: 'A' }, stats: { files: 1 } },
    });
    expect(filesOf(events, octopus)).toEqual([]);
    expect(commitsOf(events)).toHaveLength(10_002);
  }, 300_000);

  test('a tree of very many entries', async () => {
    // A patch costs a millisecond each; more files than go into one part of a record are enough then.
    const entries = 'symbols' in options ? gitLimits.partFiles + 2_000 : 100_000;
    const { repository, wide } = octopusOf(1, entries);
    const events = await new Reading({ url: repository.path, ...options }).run();
    expect(eventOf(events, wide).data['stats']).toEqual({ files: entries, additions: entries, deletions: 0 });
    expect(filesOf(events, wide)).toHaveLength(entries);
  }, 300_000);

  test('a file that unpacks to a thousand times its size costs no memory and no record', async () => {
    const repository = Repository.create();
    const id = repository.commit({ 'line.c': 'a'.repeat(60_000_000), 'lines.c': 'int a;\n'.repeat(5_000_000) });
    repository.point(id);
    const reading = new Reading({ url: repository.path, ...options });
    const chunks = await reading.chunks((await reading.prepare()).cursor);
    for (const { records } of chunks)
      for (const record of records) expect(record.length).toBeLessThan(limits.recordBytesMax);
    expect(filesOf(chunks.flatMap(eventsOf), id)).toMatchObject([{ path: 'line.c', additions: 1 }, { path: 'lines.c', additions: 5_000_000 }]); // prettier-ignore
  });
});

test('an octopus of as many parents as are compared is read whole', async () => {
  const { repository, octopus } = octopusOf(gitLimits.parentsMax, 10);
  const events = await new Reading({ url: repository.path, ...everything }).run();
  expect(eventOf(events, octopus).flags).toBeUndefined();
  expect(filesOf(events, octopus)).toMatchObject([
    { path: 'own', merge: true, additions: 1, patch: expect.stringContaining('+own') as string },
  ]);
});
