// What git says while it fetches: steps are told, refs are no failure, and all else is kept for whoever asks why it failed.
import { expect, test } from 'vitest';
import type { Course } from '../../../src/domain/course.js';
import { courseOf, isFetchTalk } from '../../../src/sources/git/fetch-course.js';
import { git } from '../../../src/sources/git/index.js';
import { Reading } from './reading.js';
import { Repository } from './repository.js';

test.each([
  ['remote: Counting objects:  43% (12/28)', { what: 'counting objects', done: 12, total: 28 }],
  [
    'Receiving objects: 100% (286/286), 1.20 MiB | 1.10 MiB/s, done.',
    { what: 'receiving objects', done: 286, total: 286 },
  ],
  ['remote: Enumerating objects: 12, done.', { what: 'enumerating objects', done: 12, total: null }],
])('%s', (line, course) => {
  const told: Course[] = [];
  expect(isFetchTalk(line, (one) => told.push(one))).toBe(true);
  expect(told).toEqual([course]);
});

test.each([
  ' * [new branch]      main       -> refs/mirror/main',
  'From /srv/git/api',
  '   1234567..89abcde  main -> main',
])('a ref is no failure: %s', (line) => expect([isFetchTalk(line, undefined), courseOf(line)]).toEqual([true, null]));

test.each([
  'fatal: early EOF',
  'remote: error: upload-pack: not our ref',
  ' ! [rejected] main -> main',
  'error: 12% of it is lost',
])('a failure is kept: %s', (line) => expect(isFetchTalk(line, undefined)).toBe(false));

test('the first fetch of a repository tells its steps', async () => {
  const repository = Repository.create();
  repository.point(
    repository.commit(Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`file-${n}`, `content ${n}`]))),
  );
  const reading = new Reading({ url: `file://${repository.path}` });
  const told: Course[] = [];
  await git.prepare({ ...reading.context, tell: (course) => told.push(course) }, git.initialCursor);
  // The commit, its tree and its files.
  expect(told).toContainEqual({ what: 'counting objects', done: 32, total: 32 });
});
