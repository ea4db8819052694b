// A tree read by a real worker: to its end, followed, and after changes that nobody watched.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { testWorker, uniqueSource, type TestWorker } from '../../support/temporal.js';
import { temporaryFolder } from './tree-run.js';

const database = testDatabase();
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database);
});
afterAll(() => worker.stop());

function aTree(): string {
  const root = temporaryFolder();
  for (let folder = 0; folder < 6; folder++) {
    mkdirSync(join(root, `folder-${folder}`));
    for (let file = 0; file < 50; file++) writeFileSync(join(root, `folder-${folder}`, `file-${file}`), `${folder} ${file}`); // prettier-ignore
  }
  return root;
}

async function stored(source: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ line: string }>(
    `select type || ' ' || subject as line from events where source = $1 order by ingested_at, ordinal`,
    [source],
  );
  return rows.map(({ line }) => line);
}

async function current(source: string): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    'select count(*)::integer as count from current_events where source = $1',
    [source],
  );
  return rows[0]!.count;
}

test('a sync stores each file once, a second one nothing, and a third what changed while nothing ran', async () => {
  const [source, root] = [uniqueSource('tree'), aTree()];
  const input = { source: { type: 'filesystem', id: source, options: { root, settleMs: 0 } } };
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done', inserted: 306 });
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done_empty', total: 0 });
  renameSync(join(root, 'folder-0/file-0'), join(root, 'moved'));
  rmSync(join(root, 'folder-1'), { recursive: true });
  writeFileSync(join(root, 'folder-2/file-1'), 'other');
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done', inserted: 53 });
  expect((await stored(source)).slice(306, 308)).toEqual(['file.modified folder-2/file-1', 'file.renamed moved']);
  expect(await current(source)).toBe(306 - 51);
});

test('a file written a moment ago is waited for within the sync', async () => {
  const [source, root] = [uniqueSource('tree'), temporaryFolder()];
  writeFileSync(join(root, 'a'), 'new');
  const result = await worker.sync({ source: { type: 'filesystem', id: source, options: { root, settleMs: 500 } } });
  expect(result).toMatchObject({ outcome: 'done', inserted: 1 });
});

test('followed: a save is one event, also while others are made; a root that vanishes and comes back deletes nothing', async () => {
  const [source, root] = [uniqueSource('tree'), aTree()];
  const options = { root, settleMs: 50 };
  const handle = await worker.start({ source: { type: 'filesystem', id: source, options }, mode: 'follow', pollIntervalMs: 100 }); // prettier-ignore
  const told = async (line: string) => (await stored(source)).filter((one) => one === line).length;
  await eventually('the tree is stored', async () => (await stored(source)).length === 306);
  for (let save = 1; save <= 3; save++) {
    writeFileSync(join(root, 'folder-0/.file-0.swp'), `saved ${save}`);
    renameSync(join(root, 'folder-0/.file-0.swp'), join(root, 'folder-0/file-0'));
    await eventually(`save ${save} is stored`, async () => (await told('file.modified folder-0/file-0')) === save);
  }
  renameSync(root, `${root}-away`);
  await eventually('it is told', async () => (await told('file.root_vanished .')) === 1);
  renameSync(`${root}-away`, root);
  await eventually('it is told', async () => (await told('file.root_back .')) === 1);
  await handle.signal('stop');
  expect(await handle.result()).toMatchObject({ outcome: 'stopped', inserted: 311 });
  expect((await stored(source)).slice(306)).toEqual([...Array.from({ length: 3 }, () => 'file.modified folder-0/file-0'), 'file.root_vanished .', 'file.root_back .']); // prettier-ignore
});
