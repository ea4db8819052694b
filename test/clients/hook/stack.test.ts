// The hook with everything real behind it: commits are stored while nobody looks.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { uniqueSource } from '../../support/temporal.js';
import { commandEnvironment, workerProcess } from '../../support/worker-process.js';
import { tributary, type Outcome } from '../command.js';
import { HookedRepository } from './hooked-repository.js';

const database = testDatabase();
const worker = workerProcess(database);

function environment(home: string): Record<string, string> {
  return commandEnvironment(database, worker.temporal.taskQueue, home);
}

function run(repository: HookedRepository, ...words: string[]): Promise<Outcome> {
  return tributary(words, environment(repository.home), repository.path);
}

async function stored(source: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `select id from events where source = $1 and type = 'git.commit'`,
    [source],
  );
  return rows.map(({ id }) => id).sort();
}

function commitsOf(repository: HookedRepository): string[] {
  return repository.git(['rev-list', '--all']).out.trim().split('\n').sort();
}

test('a commit is stored in the background; a hundred in a row are, too, and the last is not missed', async () => {
  const repository = new HookedRepository();
  repository.commit('first');
  const source = uniqueSource('hook');
  expect((await run(repository, 'sync', 'git', '.', '--id', source)).code).toBe(0);
  // Found by its origin among the sources of the store.
  const { code, items } = await run(repository, 'hook', 'install', '--json');
  expect({ code, items }).toMatchObject({ code: 0, items: [{ source }, { source }, { source }, { source }] });
  // No password is in a hook.
  expect(readFileSync(join(repository.hooks, 'post-commit'), 'utf8')).not.toContain('postgres');
  repository.commit('second');
  await eventually('it is stored', async () => (await stored(source)).length === 2);
  for (let at = 1; at <= 100; at++) repository.commit(`commit ${at}`);
  await eventually('all are stored', async () => (await stored(source)).length === 102, 60_000);
  expect(await stored(source)).toEqual(commitsOf(repository));
  const log = await eventually('the log tells', () => repository.log().length > 1 && repository.log());
  expect(new Set(log.map((line) => line.replace(/^\S+ /, '')))).toEqual(new Set([`${source}: told`]));
  expect(log.length).toBeLessThan(100);
  const state = join(repository.home, 'hooks', source);
  await eventually(
    'nobody is at it any more',
    () => !existsSync(join(state, 'lock')) && !existsSync(join(state, 'pending')),
  );
  const { items: proof } = await run(repository, 'verify', source, '--json');
  expect(proof.at(-1)).toMatchObject({ ok: true, lost: 0, doubled: 0 });
}, 180_000);

test('install asks the store: no source of this repository, two of them, or another one by id', async () => {
  const repository = new HookedRepository();
  repository.commit();
  expect(await run(repository, 'hook', 'install')).toMatchObject({
    code: 2,
    err: `error: id: no source reads "${repository.path}" yet; run \`tributary sync git\` there once, or name the source with --id\n`,
  });
  const [one, other] = [uniqueSource('a'), uniqueSource('b')];
  for (const id of [one, other])
    await run(repository, 'sync', 'git', id === one ? repository.path : join(repository.path, '.git'), '--id', id);
  expect(await run(repository, 'hook', 'install')).toMatchObject({
    code: 2,
    err: `error: id: ${one}, ${other} all read "${repository.path}"; say which with --id\n`,
  });
  const elsewhere = new HookedRepository();
  expect((await run(elsewhere, 'hook', 'install', '--id', one)).err).toContain(
    `error: id: ${one} is a git source that reads ${repository.path}, not this repository`,
  );
  expect((await run(elsewhere, 'hook', 'install', '--id', 'unknown')).err).toContain(
    'error: id: no source unknown is known',
  );
  expect(existsSync(join(repository.hooks, 'post-commit')) || existsSync(join(elsewhere.hooks, 'post-commit'))).toBe(
    false,
  );
}, 120_000);

test('a Temporal that does not answer is said in the log, and the next sync brings the commit', async () => {
  const repository = new HookedRepository();
  const source = uniqueSource('away');
  repository.commit('first');
  await run(repository, 'sync', 'git', '.', '--id', source);
  const away = { ...environment(repository.home), TEMPORAL_ADDRESS: '127.0.0.1:1' };
  expect((await tributary(['hook', 'install', '--id', source], away, repository.path)).code).toBe(0);
  repository.commit('second');
  const [line] = await eventually('it is said', () => repository.log().length > 0 && repository.log());
  expect(line).toMatch(new RegExp(`Z ${source}: not told: error: `));
  await run(repository, 'sync', 'git', '.', '--id', source);
  expect(await stored(source)).toEqual(commitsOf(repository));
}, 120_000);
