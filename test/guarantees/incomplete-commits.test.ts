// What could not be read is told, and comes when it can be read: as a part that was left out, or as a new version of what is stored.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { EventDraft } from '../../src/domain/event.js';
import type { Source } from '../../src/domain/source.js';
import { git } from '../../src/sources/git/index.js';
import { synthetic } from '../../src/sources/synthetic.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { findOriginGaps } from '../../src/store/reading/origin-gaps.js';
import { listSourceStatus } from '../../src/store/reading/source-status.js';
import { gitDyingAt } from '../sources/git/failing-git.js';
import { Repository } from '../sources/git/repository.js';
import { testDatabase } from '../support/database.js';
import { checkHistory } from '../support/history-checker.js';
import { ended, testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();

async function started(sources: readonly unknown[] = [git, synthetic]): Promise<TestWorker> {
  const worker = await testWorker(database, { sources: sources as readonly Source[] });
  onTestFinished(() => worker.stop());
  return worker;
}

const inputOf = (id: string, { path }: Repository) => ({ source: { type: 'git', id, options: { url: path } } });

async function commitsNamed(source: string, sha: string): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `select event_id, author_name, files, flags from git_commits where source = $1 and sha = $2`,
    [source, sha],
  );
  return rows;
}

async function isProved(source: string): Promise<boolean> {
  return (await verifySources(database.pool, { source, contents: () => true })).every(({ ok }) => ok);
}

test('a commit that git cannot read is told by its id, and comes as a new version when it can', async () => {
  const [worker, repository, source] = [await started(), Repository.create(), uniqueSource('unreadable')];
  const ids = repository.line(5);
  const id = ids[2]!;
  const lift = gitDyingAt(id, 'exit 128');
  onTestFinished(lift);
  const result = await worker.sync(inputOf(source, repository));
  const problem = { name: id, code: 'missing_object', message: expect.stringContaining('git.commit') as string };
  expect(result).toMatchObject({ outcome: 'done_with_problems', dead_letters: 0, problems: [problem] });
  expect((await listSourceStatus(database.pool, source))[0]?.lastRun?.problems).toEqual(result.problems);
  expect(await commitsNamed(source, id)).toEqual([
    { event_id: `@${id}@0`, author_name: 'Ada', files: null, flags: ['missing_object'] },
  ]);
  expect(await isProved(source)).toBe(true);
  const again = await worker.sync(inputOf(source, repository));
  expect(again).toMatchObject({ outcome: 'done_with_problems', total: 0, problems: result.problems });
  lift();
  expect(await worker.sync(inputOf(source, repository))).toMatchObject({ outcome: 'done', inserted: 2 });
  expect(await commitsNamed(source, id)).toEqual([{ event_id: `@${id}@1`, author_name: 'Ada', files: 1, flags: null }]);
  expect(await findOriginGaps(database.pool, source)).toEqual({ problems: [], incomplete: 0, since: null });
  const { rows } = await database.pool.query(
    `select commit, git_author from git_code_changes join git_file_changes using (source, event_id) where source = $1 and commit = $2`,
    [source, id],
  );
  expect(rows).toEqual([{ commit: id, git_author: 'Ada' }]);
  const current = await database.pool.query(`select version from current_events where source = $1 and entity = $2`, [source, id]); // prettier-ignore
  expect(current.rows).toEqual([{ version: '1' }]);
  expect(await isProved(source)).toBe(true);
  expect((await checkHistory(database.pool, source, repository.path)).first).toEqual([]);
  expect(await worker.sync(inputOf(source, repository))).toMatchObject({ outcome: 'done_empty' });
}, 60_000);

/** As versions before this one stored a commit whose object they did not find. */
function storedWithout(sha: string): typeof git {
  const data = {
    sha,
    tree: null,
    parents: [],
    author: null,
    committer: null,
    subject: null,
    message: null,
    stats: null,
  };
  const flagged: EventDraft = {
    type: 'git.commit',
    identity: { kind: 'immutable', key: sha },
    subject: sha,
    data,
    flags: ['missing_object'],
  };
  const isOfIt = (event: EventDraft): boolean => event.subject === sha || event.data['commit'] === sha;
  return {
    ...git,
    toEvents: (...given) => {
      const events = git.toEvents(...given);
      return events.some(isOfIt) && events.some(({ type }) => type === 'git.commit') ? [flagged] : events;
    },
  };
}

test('a commit that an earlier version stored without its object is read again', async () => {
  const [repository, source] = [Repository.create(), uniqueSource('once-missing')];
  const ids = repository.line(4);
  const before = await started([storedWithout(ids[1]!), synthetic]);
  expect(await before.sync(inputOf(source, repository))).toMatchObject({ outcome: 'done' });
  expect(await commitsNamed(source, ids[1]!)).toMatchObject([{ event_id: ids[1], author_name: null }]);
  expect(await findOriginGaps(database.pool, source)).toMatchObject({ incomplete: 1 });
  const worker = await started();
  expect(await worker.sync(inputOf(source, repository))).toMatchObject({ outcome: 'done', inserted: 2 });
  expect(await commitsNamed(source, ids[1]!)).toEqual([
    { event_id: `@${ids[1]}@1`, author_name: 'Ada', files: 1, flags: null },
  ]);
  expect((await checkHistory(database.pool, source, repository.path)).first).toEqual([]);
  expect(await findOriginGaps(database.pool, source)).toMatchObject({ incomplete: 0 });
  expect(await isProved(source)).toBe(true);
  expect(await worker.sync(inputOf(source, repository))).toMatchObject({ outcome: 'done_empty' });
}, 60_000);

test('an object that the origin lacks costs the refs that reach it, by name, until it is back', async () => {
  const [worker, repository, source] = [await started(), Repository.create(), uniqueSource('hole')];
  const ids = repository.line(4);
  const side = repository.line(2, { from: ids[0]!, ref: 'refs/heads/side', name: 'side' });
  const blob = repository.git(['rev-parse', `${ids[2]}:file`]);
  const file = join(repository.path, '.git', 'objects', blob.slice(0, 2), blob.slice(2));
  const bytes = readFileSync(file);
  rmSync(file);
  const result = await worker.sync(inputOf(source, repository));
  expect(result).toMatchObject({ outcome: 'done_with_problems', dead_letters: 0 });
  const names = result.problems!.map(({ name }) => name).sort();
  expect(names).toEqual(['HEAD', 'refs/heads/main']);
  // Where git names the object, so do we.
  for (const { message } of result.problems!) expect(message).toContain(blob);
  expect(await commitsNamed(source, ids[1]!)).toEqual([]);
  expect(await commitsNamed(source, side[1]!)).toHaveLength(1);
  expect(await isProved(source)).toBe(true);
  writeFileSync(file, bytes);
  chmodSync(file, 0o444);
  expect(await ended(worker.sync(inputOf(source, repository)))).toMatchObject({ outcome: 'done' });
  expect((await checkHistory(database.pool, source, repository.path)).first).toEqual([]);
  expect(await isProved(source)).toBe(true);
}, 60_000);
