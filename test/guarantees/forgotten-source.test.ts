// A source whose first run could not read its origin leaves nothing behind, and may be tried again on the same worker.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../support/database.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const directory = mkdtempSync(join(tmpdir(), 'tributary-forgotten-'));
let worker: TestWorker;
beforeAll(async () => {
  worker = await testWorker(database);
});
afterAll(async () => {
  await worker.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('a url that is no repository stores nothing; repaired under the same id it is read whole', async () => {
  const id = uniqueSource('forgotten');
  const url = join(directory, 'repository');
  const input = { source: { type: 'git', id, options: { url } } };
  await expect(worker.sync(input)).rejects.toThrow();
  const { rows } = await database.pool.query('select from sources where id = $1', [id]);
  expect(rows).toEqual([]);

  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args]);
  git('init', '-q', url);
  git('-C', url, 'commit', '-q', '--allow-empty', '-m', 'first');
  // The commit, its branch, and that HEAD stands for it.
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done', inserted: 3 });
});
