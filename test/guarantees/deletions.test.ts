// What an origin does not answer is not gone: a look that would delete all, or most of many, changes nothing until a second
// look by another way agrees, or a person says so.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Progress } from '../../src/workflows/messages.js';
import { gitBytes, Repository } from '../sources/git/repository.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { always, gitServer, type Answer, type GitServer } from '../support/git-server.js';
import { ended, testWorker, uniqueSource, type Ended, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database);
});
afterAll(() => worker.stop());

interface Situation {
  readonly source: string;
  readonly repository: Repository;
  readonly server: GitServer;
  sync(more?: object): Promise<Ended>;
  /** Refs as the store knows them, with where they stand; and what was told of deletions. */
  stored(): Promise<{ refs: string[]; deleted: string[] }>;
  mirror(): string;
}

/** A source whose repository has main and two branches more, synced once. */
async function synced(
  name: string,
  {
    local = false,
    branches = ['one', 'two'],
    ...options
  }: { local?: boolean; branches?: string[]; refs?: string[] } = {},
): Promise<Situation & AsyncDisposable> {
  const repository = Repository.create();
  const [first] = repository.line(3);
  for (const branch of branches) repository.point(first!, `refs/heads/${branch}`);
  const server = await gitServer(repository.path);
  const source = uniqueSource(name);
  const input = {
    source: { type: 'git', id: source, options: { ...options, url: local ? repository.path : server.url } },
  };
  const situation: Situation = {
    source,
    repository,
    server,
    sync: (more = {}) => ended(worker.sync({ ...input, ...more })),
    stored: async () => {
      const { rows } = await database.pool.query<{ key: string; sha: string }>(
        `select key, value->>'sha' as sha from source_state where source = $1 and kind = 'ref' order by key`, [source]); // prettier-ignore
      const { rows: deleted } = await database.pool.query<{ subject: string }>(
        `select subject from events where source = $1 and type in ('git.ref_deleted', 'git.tag_deleted', 'git.commit_unreachable') order by subject`, [source]); // prettier-ignore
      return { refs: rows.map(({ key, sha }) => `${key} ${sha}`), deleted: deleted.map(({ subject }) => subject) };
    },
    mirror: () => gitBytes(join(worker.home, 'sources', source, 'mirror.git'), ['for-each-ref']).toString(),
  };
  expect(await situation.sync()).toMatchObject({ outcome: 'done' });
  return { ...situation, [Symbol.asyncDispose]: () => server.close() };
}

/** HEAD and main, one, two. */
const [all] = [['HEAD', 'refs/heads/main', 'refs/heads/one', 'refs/heads/two']];

const wrong: [string, Answer, RegExp][] = [
  [
    'an empty body',
    always(200, 'text/plain', ''),
    /^4 of 4 known refs would be deleted \(HEAD, refs\/heads\/main, refs\/heads\/one, refs\/heads\/two\), and the answer is not that of a git server .*; nothing was changed\. .*--accept-deletions`, or the workflow's input \{.*"acceptDeletions":true\}$/,
  ],
  [
    'a login page in one line',
    always(200, 'text/html', '<html><body>Please log in</body></html>'),
    /^4 of 4 known refs would be deleted/,
  ],
  [
    'a login page of many lines',
    always(200, 'text/html', '<html>\n<body>Please log in</body>\n</html>\n'),
    /found no git repository/,
  ],
  ["a proxy's page", always(200, 'text/plain', 'Service\ttemporarily\nunavailable\n'), /found no git repository/],
  ['404', always(404, 'text/plain', 'not found'), /found no git repository/],
  ['403', always(403, 'text/plain', 'forbidden'), /no permission/],
  ['401', always(401, 'text/plain', 'who are you'), /no permission/],
  ['410', always(410, 'text/plain', 'gone'), /found no git repository/],
  [
    'a page in the type of a git server',
    always(200, 'application/x-git-upload-pack-advertisement', '<html>'),
    /found no git repository/,
  ],
];

test.each(wrong)(
  '%s deletes nothing, in the store or in the mirror; when the origin is right again the sync goes on',
  async (_what, answer, message) => {
    await using situation = await synced('wrong-answer');
    const [before, mirror] = [await situation.stored(), situation.mirror()];
    expect(before.refs.map((row) => row.split(' ')[0])).toEqual(all);
    situation.server.answer = answer;
    expect(await situation.sync()).toMatchObject({
      outcome: 'NeedsAttention',
      message: expect.stringMatching(message),
    });
    expect([await situation.stored(), situation.mirror()]).toEqual([before, mirror]);
    situation.server.answer = null;
    situation.repository.line(4);
    expect(await situation.sync()).toMatchObject({ outcome: 'done' });
    expect((await situation.stored()).deleted).toEqual([]);
  },
);

test('a look that is right and a fetch that is answered with nothing delete nothing', async () => {
  // A ref that is named whole, as HEAD is, git itself would miss.
  await using situation = await synced('empty-fetch', { refs: ['refs/heads/*'] });
  const before = await situation.stored();
  const mirror = situation.mirror();
  situation.repository.line(5);
  let looks = 0;
  // Each try looks, then fetches.
  situation.server.answer = (request, response) => {
    if (request.method === 'GET' && request.url!.includes('/info/refs')) looks++;
    return request.method === 'GET' && looks % 2 === 0 && always(200, 'text/html', '')(request, response);
  };
  const handle = await worker.start({ sourceId: situation.source });
  await eventually('it was fetched twice', async () => looks >= 4);
  expect([await situation.stored(), situation.mirror()]).toEqual([before, mirror]);
  situation.server.answer = null;
  expect(await handle.result()).toMatchObject({ outcome: 'done' });
  expect((await situation.stored()).deleted).toEqual([]);
});

test.each([[[2]], [[2, 3]], [[3]]])(
  'answers %j are empty, which begin a fetch into a new mirror: nothing is deleted, and all is read',
  async (empty) => {
    await using situation = await synced('empty-rebuild', { refs: ['refs/heads/*'] });
    rmSync(join(worker.home, 'sources', situation.source), { recursive: true });
    situation.repository.line(5);
    let asked = 0;
    situation.server.answer = (request, response) =>
      request.method === 'GET' && empty.includes(++asked) && always(200, 'text/html', '')(request, response);
    expect(await situation.sync()).toMatchObject({ outcome: 'done' });
    expect((await situation.stored()).deleted).toEqual([]);
    expect(situation.mirror()).toContain(situation.repository.git(['rev-parse', 'main']));
  },
);

test('what was really deleted, all or most of many, is told once a second look by the other protocol agrees', async () => {
  await using situation = await synced('gone', { branches: Array.from({ length: 11 }, (_, at) => `topic-${at}`) });
  for (let at = 0; at < 9; at++) situation.repository.git(['update-ref', '-d', `refs/heads/topic-${at}`]);
  situation.server.requests.length = 0;
  expect(await situation.sync()).toMatchObject({ outcome: 'done' });
  expect((await situation.stored()).deleted).toHaveLength(9);
  // Protocol 2, then 0 (which sends nothing), then the fetch.
  expect(situation.server.requests.slice(0, 3).map((request) => request.split(' ')[0])).toEqual(['GET', 'POST', 'GET']);
  for (const ref of ['topic-9', 'topic-10', 'main'])
    situation.repository.git(['update-ref', '-d', `refs/heads/${ref}`]);
  expect(await situation.sync()).toMatchObject({ outcome: 'done' });
  expect((await situation.stored()).refs).toEqual([]);
});

test('an ordinary deletion of some of the branches asks nothing more', async () => {
  await using situation = await synced('ordinary');
  situation.repository.git(['update-ref', '-d', 'refs/heads/one']);
  situation.server.requests.length = 0;
  expect(await situation.sync()).toMatchObject({ outcome: 'done' });
  expect((await situation.stored()).deleted).toEqual(['refs/heads/one']);
  expect(situation.server.requests).not.toHaveLength(0);
});

test('an answer without most of the refs, which the other protocol still names, deletes nothing', async () => {
  await using situation = await synced('half', { branches: Array.from({ length: 11 }, (_, at) => `topic-${at}`) });
  const before = await situation.stored();
  // Protocol 2 is answered by a server that lost them, protocol 0 by one that has them.
  const lost = Repository.create();
  lost.git(['fetch', '-q', situation.repository.path, 'main:refs/heads/other']);
  lost.git(['update-ref', 'refs/heads/main', 'refs/heads/other']);
  lost.git(['update-ref', '-d', 'refs/heads/other']);
  const behind = await gitServer(lost.path);
  situation.server.answer = (request, response) => {
    if (request.headers['git-protocol'] === undefined) return false;
    response.writeHead(307, { location: `${behind.address}${request.url}` }).end();
    return true;
  };
  const { outcome, message } = await situation.sync();
  await behind.close();
  expect([outcome, message]).toEqual([
    'NeedsAttention',
    expect.stringMatching(/^11 of 13 known refs .* a second look still finds 11 of these 11/),
  ]);
  expect(await situation.stored()).toEqual(before);
});

test('a repository here that lost the files of its refs, while their logs are there, deletes nothing', async () => {
  await using situation = await synced('local', { local: true });
  const before = await situation.stored();
  rmSync(join(situation.repository.path, '.git/refs'), { recursive: true });
  mkdirSync(join(situation.repository.path, '.git/refs/heads'), { recursive: true });
  expect(await situation.sync()).toMatchObject({
    outcome: 'NeedsAttention',
    message: expect.stringMatching(/^4 of 4 known refs .* a second look still finds 3 of these 4/),
  });
  expect(await situation.stored()).toEqual(before);
});

test.each([
  ['empty', '', /^4 of 4 known refs .*packed-refs is empty or cut off; nothing was changed/],
  ['cut off within a line', '# pack-refs with: pee', /lacks objects it should have.*unterminated line/],
])('a repository here whose packed refs are %s deletes nothing', async (_what, left, message) => {
  await using situation = await synced('packed', { local: true });
  const before = await situation.stored();
  situation.repository.git(['pack-refs', '--all', '--prune']);
  rmSync(join(situation.repository.path, '.git/logs'), { recursive: true });
  writeFileSync(join(situation.repository.path, '.git/packed-refs'), left);
  expect(await situation.sync()).toMatchObject({ outcome: 'NeedsAttention', message: expect.stringMatching(message) });
  expect(await situation.stored()).toEqual(before);
});

test('a repository here whose packed branches were deleted is believed', async () => {
  await using situation = await synced('packed-gone', { local: true });
  situation.repository.git(['pack-refs', '--all', '--prune']);
  for (const ref of ['main', 'one', 'two']) situation.repository.git(['update-ref', '-d', `refs/heads/${ref}`]);
  expect(await situation.sync()).toMatchObject({ outcome: 'done' });
  expect((await situation.stored()).refs).toEqual([]);
});

test('a repository here whose only branches were deleted is believed', async () => {
  await using situation = await synced('local-gone', { local: true });
  for (const ref of ['main', 'one', 'two']) situation.repository.git(['update-ref', '-d', `refs/heads/${ref}`]);
  expect(await situation.sync()).toMatchObject({ outcome: 'done' });
  expect((await situation.stored()).refs).toEqual([]);
});

test('a HEAD that is detached, or stands for nothing, deletes no branch', async () => {
  await using situation = await synced('head');
  situation.repository.git(['checkout', '-q', '--detach', 'main']);
  expect(await situation.sync()).toMatchObject({ outcome: 'done' });
  situation.repository.git(['symbolic-ref', 'HEAD', 'refs/heads/never']);
  expect(await situation.sync()).toMatchObject({ outcome: 'done' });
  const { refs, deleted } = await situation.stored();
  expect(refs.map((row) => row.split(' ')[0])).toEqual(all.slice(1));
  expect(deleted.filter((ref) => ref !== 'HEAD')).toEqual([]);
});

test('acceptDeletions tells them, for this start and no other', async () => {
  await using situation = await synced('accepted');
  situation.server.answer = always(200, 'text/plain', '');
  expect(await situation.sync()).toMatchObject({ outcome: 'NeedsAttention' });
  expect(await situation.sync({ acceptDeletions: true })).toMatchObject({ outcome: 'done' });
  expect((await situation.stored()).refs).toEqual([]);
  situation.server.answer = null;
  expect(await situation.sync()).toMatchObject({ outcome: 'done' });
  situation.server.answer = always(200, 'text/plain', '');
  expect(await situation.sync()).toMatchObject({ outcome: 'NeedsAttention' });
});

test('a follower that was told to accept deletions accepts them at its first look only, also in the run that continues it', async () => {
  await using situation = await synced('follower');
  const { source, server } = situation;
  server.answer = always(200, 'text/plain', '');
  const handle = await worker.start({ sourceId: source, mode: 'follow', pollIntervalMs: 100, acceptDeletions: true });
  await eventually('all were told', async () => (await situation.stored()).refs.length === 0);
  server.answer = null;
  await eventually('they are back', async () => (await situation.stored()).refs.length === all.length);
  // Resumed, it goes on in a new run.
  const current = worker.client.workflow.getHandle(`sync/${source}`);
  await current.signal('pause');
  await eventually('it is paused', async () => (await current.query<Progress>('progress')).state === 'paused');
  const before = await situation.stored();
  server.answer = always(200, 'text/plain', '');
  await current.signal('resume');
  await eventually('it needs attention', async () =>
    (await current.query<Progress>('progress')).reason?.startsWith('4 of 4 known refs'),
  );
  expect(await situation.stored()).toEqual(before);
  const { rows } = await database.pool.query<{ outcome: string }>(
    'select outcome from runs where source = $1 order by epoch desc limit 2',
    [source],
  );
  expect(rows.map(({ outcome }) => outcome)).toEqual(['needs_attention', 'continued']);
  await current.signal('stop');
  await handle.result();
});

test('acceptDeletions survives a pause before the first look', async () => {
  await using situation = await synced('pause-first');
  const { source, server } = situation;
  const current = worker.client.workflow.getHandle(`sync/${source}`);
  await worker.sync({ sourceId: source });
  server.answer = always(200, 'text/plain', '');
  await database.pool.query(`insert into source_pauses (source, reason, paused_by) values ($1, 'first', 'ana')`, [
    source,
  ]);
  const handle = await worker.start({ sourceId: source, acceptDeletions: true });
  await eventually('it is paused', async () => (await current.query<Progress>('progress')).state === 'paused');
  await current.signal('resume');
  expect(await handle.result()).toMatchObject({ outcome: 'done' });
  expect((await situation.stored()).refs).toEqual([]);
});

test('a follower that meets an empty answer waits for a person, and is right again when the answer is', async () => {
  await using situation = await synced('recovers');
  const { source, server, repository } = situation;
  const before = await situation.stored();
  const handle = await worker.start({ sourceId: source, mode: 'follow', pollIntervalMs: 100 });
  server.answer = always(200, 'text/plain', '');
  const latest = worker.client.workflow.getHandle(handle.workflowId);
  await eventually(
    'it needs attention',
    async () => (await latest.query<Progress>('progress')).state === 'needs_attention',
  );
  expect(await situation.stored()).toEqual(before);
  server.answer = null;
  repository.line(6);
  await latest.signal('poll');
  await eventually(
    'it goes on',
    async () =>
      (await situation.stored()).refs.length === all.length &&
      (await latest.query<Progress>('progress')).state === 'running',
  );
  await latest.signal('stop');
  await latest.result();
  expect((await situation.stored()).refs.map((row) => row.split(' ')[0])).toEqual(all);
});

test('a first look that is answered with nothing by what is no git server is refused', async () => {
  const repository = Repository.create();
  await using server = await gitServer(repository.path).then((it) => ({
    ...it,
    serve: it,
    [Symbol.asyncDispose]: () => it.close(),
  }));
  const start = () =>
    ended(worker.sync({ source: { type: 'git', id: uniqueSource('first'), options: { url: server.url } } }));
  expect(await start()).toMatchObject({ outcome: 'done_empty' });
  server.serve.answer = always(200, 'text/html', '<html><body>Please log in</body></html>');
  expect(await start()).toMatchObject({
    outcome: 'InvalidInput',
    message: expect.stringMatching(/^url: found no git repository at .*not that of a git server/),
  });
});
