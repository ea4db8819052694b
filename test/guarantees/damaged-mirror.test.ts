// A worker dies after five pages, and the mirror it read from is damaged before the next one goes on. The table then holds
// what an undisturbed sync stores, field by field. And what the origin cannot give is told by its name.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import { endOfResult } from '../../src/clients/sync/sync-end.js';
import { listSourceStatus } from '../../src/store/reading/source-status.js';
import { Repository } from '../sources/git/repository.js';
import { testDatabase } from '../support/database.js';
import { share } from '../support/share.js';
import { testClient, testWorker, uniqueQueue, uniqueSource } from '../support/temporal.js';

const database = testDatabase();
const program = fileURLToPath(new URL('../support/crashing-worker.mjs', import.meta.url));
const commits = 5_000;

function history(): Repository {
  const repository = Repository.create();
  const stream = Array.from(
    { length: commits },
    (_, at) =>
      `commit refs/heads/main\ncommitter C <c@x> ${1_700_000_000 + at} +0000\ndata 6\nc${String(at).padStart(5)}\nM 644 inline d${at % 7}/f${at % 40}\ndata 6\n${String(at).padStart(5)}\n\n`,
  );
  repository.git(['fast-import', '--quiet'], stream.join(''));
  return repository;
}

function startedWorker(taskQueue: string, home: string, times: number): ChildProcess {
  const how = {
    databaseUrl: database.url,
    temporalAddress: inject('temporalAddress'),
    taskQueue,
    home,
    point: 'persist.after',
    times,
  };
  const child = spawn(process.execPath, [program, JSON.stringify(how)], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** All that says what happened, and nothing that says when we looked. */
async function storedOf(source: string): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    `select type, subject, priority, flags, data - 'since' as data, case when type like 'git.ref%' or type like 'git.default%' then null else time end as time
       from events where source = $1 order by type, id`,
    [source],
  );
  return rows;
}

const damages: [string, (packs: string) => void][] = [
  ['its packs are removed', (packs) => { for (const name of readdirSync(packs)) if (name.endsWith('.pack')) rmSync(join(packs, name)); }],
  ['4 KiB of a pack are overwritten', (packs) => {
    for (const name of readdirSync(packs).filter((file) => file.endsWith('.pack'))) {
      chmodSync(join(packs, name), 0o600);
      const file = openSync(join(packs, name), 'r+');
      writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, Math.floor(statSync(join(packs, name)).size / 2));
      closeSync(file);
    }
  }],
]; // prettier-ignore

test.each(share(damages, 1))(
  'a worker dies after five pages, and %s: nothing is lost, doubled or invented',
  async (_, damage) => {
    const repository = history();
    const [taskQueue, home] = [uniqueQueue('damaged'), mkdtempSync(join(tmpdir(), 'tributary-damaged-'))];
    onTestFinished(() => rmSync(home, { recursive: true, force: true }));
    const [disturbed, undisturbed] = [uniqueSource('disturbed'), uniqueSource('undisturbed')];
    const client = await testClient(taskQueue);
    const input = (id: string) => ({
      source: { type: 'git', id, options: { url: repository.path } },
      batch: { events: 100 },
    });
    const handle = await client.start(input(disturbed));
    await once(startedWorker(taskQueue, home, 5), 'exit');
    damage(join(home, 'sources', encodeURIComponent(disturbed), 'mirror.git', 'objects', 'pack'));
    startedWorker(taskQueue, home, Infinity);
    expect(await handle.result()).toMatchObject({ outcome: 'done', dead_letters: 0, errors: 0 });
    expect(await client.sync(input(undisturbed))).toMatchObject({ outcome: 'done' });
    const [one, other] = [await storedOf(disturbed), await storedOf(undisturbed)];
    expect(one.length).toBe(2 * commits + 2);
    expect(one).toEqual(other);
    await client.close();
  },
  240_000,
);

test('a ref that the origin cannot give is left out and told: in the result, by status, with exit code 3', async () => {
  const repository = Repository.create();
  const ids = repository.line(3);
  writeFileSync(join(repository.path, '.git', 'refs', 'heads', 'broken'), '');
  const worker = await testWorker(database);
  onTestFinished(() => worker.stop());
  const source = uniqueSource('broken-ref');
  const input = { source: { type: 'git', id: source, options: { url: repository.path } } };
  const result = await worker.sync(input);
  expect(result).toMatchObject({
    outcome: 'done_with_problems',
    problems: [{ name: 'refs/heads/broken', code: 'git_ref_unreadable' }],
  });
  expect(result.total).toBe(2 * ids.length + 2);
  expect(endOfResult(result)).toMatchObject({
    exitCode: 3,
    problem: expect.stringContaining('refs/heads/broken cannot be read') as string,
  });
  const again = await worker.sync(input);
  expect(again).toMatchObject({ outcome: 'done_with_problems', total: 0 });
  expect(again.problems![0]!.since).toBe(result.problems![0]!.since);
  const [status] = await listSourceStatus(database.pool, source);
  expect(status?.lastRun?.problems).toEqual(again.problems);
  rmSync(join(repository.path, '.git', 'refs', 'heads', 'broken'));
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done_empty' });
});
