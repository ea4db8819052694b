// Histories with one of each, read whole through a worker into Postgres, and compared with git field by field: none differs.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkHistory } from '../../support/history-checker.js';
import { testDatabase } from '../../support/database.js';
import { always, gitServer } from '../../support/git-server.js';
import { ended, testWorker, uniqueSource, type TestWorker, type TestWorkerOptions } from '../../support/temporal.js';
import { filesHistory, refsHistory, shallowClone, textsHistory } from './hostile-histories.js';
import type { Repository } from './repository.js';
import { tries } from '../../support/share.js';

const database = testDatabase();
let worker: TestWorker | undefined;
afterEach(() => worker?.stop());

async function started(options: TestWorkerOptions = {}): Promise<TestWorker> {
  return (worker = await testWorker(database, options));
}

/** Every event by its type. */
async function countsOf(source: string): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ type: string; count: number }>(
    'select type, count(*)::int as count from events where source = $1 group by type',
    [source],
  );
  return Object.fromEntries(rows.map(({ type, count }) => [type, count]));
}

const allRefs = ['HEAD', 'refs/heads/*', 'refs/tags/*', 'refs/replace/*'];

async function compared(repository: Repository, options: object): Promise<void> {
  const source = uniqueSource('whole');
  expect(
    await worker!.sync({ source: { type: 'git', id: source, options: { ...options, url: repository.path } } }),
  ).toMatchObject({ outcome: 'done', dead_letters: 0 });
  const verdict = await checkHistory(database.pool, source, repository.path, options);
  expect(verdict.first).toEqual([]);
  const { 'git.commit': commits, 'git.file_change': changes, ...others } = await countsOf(source);
  expect({ commits, changes }).toEqual({ commits: verdict.commits, changes: verdict.changes });
  // And one that tells the default branch.
  expect(Object.values(others).reduce((one, other) => one + other)).toBe(verdict.refs + 1);
  expect(verdict.fields).toBeGreaterThan(20 * verdict.commits);
}

test('of texts in any encoding, trailers, people and dates', async () => {
  await started();
  await compared(textsHistory(), {});
}, 240_000);

test('of files, what can happen to them, and merges, whatever is asked for; also where the origin has only the end of it', async () => {
  await started();
  const repository = filesHistory();
  for (const options of [{ diff: 'patch' }, {}, { copies: true }, { renames: false, refs: [...allRefs] }].slice(
    0,
    tries(1, 4),
  ))
    await compared(repository, options);
  await compared(shallowClone(repository, 3), {});
}, 240_000);

test('of refs, read from a mirror that is damaged meanwhile, after an empty answer, and looked at again when it was rewritten', async () => {
  const [repository, source] = [refsHistory(600), uniqueSource('whole')];
  let [pages, damaged] = [0, false];
  const atPersist = async (): Promise<void> => {
    if (++pages !== 5) return;
    const packs = join(worker!.home, 'sources', encodeURIComponent(source), 'mirror.git', 'objects', 'pack');
    for (const name of readdirSync(packs).filter((file) => file.endsWith('.pack'))) {
      rmSync(join(packs, name));
      damaged = true;
    }
  };
  await started({ atPersist });
  await using server = await served(repository);
  const input = { source: { type: 'git', id: source, options: { url: server.url } }, batch: { events: 50 } };
  expect(await worker!.sync(input)).toMatchObject({
    outcome: 'done_with_problems',
    dead_letters: 0,
    problems: [{ name: 'refs/heads/broken' }],
  });
  expect(damaged).toBe(true);
  const first = await checkHistory(database.pool, source, repository.path);
  expect(first.first).toEqual([]);
  expect(await countsOf(source)).toMatchObject({ 'git.commit': 612, 'git.file_change': first.changes });
  server.answer = always(200, 'text/plain', '');
  expect(await ended(worker!.sync(input))).toMatchObject({ outcome: 'NeedsAttention' });
  server.answer = null;
  rewrite(repository);
  expect(await worker!.sync(input)).toMatchObject({ outcome: 'done_with_problems', dead_letters: 0 });
  const second = await checkHistory(database.pool, source, repository.path);
  expect(second.first).toEqual([]);
  expect(await countsOf(source)).toMatchObject({
    'git.commit': 617,
    'git.ref_rewritten': 1,
    'git.ref_deleted': 1,
    'git.ref_moved': 1,
    'git.tag_moved': 1,
    'git.commit_unreachable': 6,
  });
});

async function served(repository: Repository) {
  const server = await gitServer(repository.path);
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() });
}

/** One branch is made anew, one goes on, one is deleted; a tag moves. */
function rewrite(repository: Repository): void {
  const tip = repository.git(['rev-parse', 'main']);
  repository.line(3, { from: tip, ref: 'refs/heads/one', name: 'anew' });
  repository.line(2, { from: repository.git(['rev-parse', 'two']), ref: 'refs/heads/two', name: 'more' });
  repository.git(['update-ref', '-d', 'refs/heads/three']);
  repository.git(['tag', '-f', '-a', '-m', 'moved', 'annotated', 'four']);
}
