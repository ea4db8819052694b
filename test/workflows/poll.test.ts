// poll: what is new at the origin is read by this sync or by one that follows, whenever the poll comes.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.js';
import { pollSync } from '../../src/clients/sync/poll-sync.js';
import { Repository } from '../sources/git/repository.js';
import { testDatabase } from '../support/database.js';
import { createGate } from '../support/gate.js';
import { chainOf } from '../support/histories.js';
import { testWorker, uniqueSource, type SyncHandle, type TestWorker } from '../support/temporal.js';

type Gated = 'prepareSource' | 'persist' | 'closeRun';

const database = testDatabase();
/** By activity and source. */
const gates = new Map<string, ReturnType<typeof createGate>>();
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database, { activities: gated });
});
afterAll(() => worker.stop());

function gated(real: Activities): Activities {
  const pass = async (name: Gated, source: string): Promise<void> => gates.get(`${name} ${source}`)?.pass();
  return {
    ...real,
    async prepareSource(input) {
      const prepared = await real.prepareSource(input);
      await pass('prepareSource', input.source);
      return prepared;
    },
    async persist(input) {
      await pass('persist', input.page.source);
      return real.persist(input);
    },
    async closeRun(input) {
      const result = await real.closeRun(input);
      await pass('closeRun', input.source);
      return result;
    },
  };
}

/** A sync that waits at the end of an activity, with a commit made since it looked at the origin. */
async function heldAt(name: Gated) {
  const source = uniqueSource(`polled-${name.toLowerCase()}`);
  const gate = createGate();
  gates.set(`${name} ${source}`, gate);
  const repository = Repository.create();
  const [first] = repository.line(1);
  const handle = await worker.start({ source: { type: 'git', id: source, options: { url: repository.path } } });
  await gate.reached;
  const [second] = repository.line(1, { from: first!, name: 'more' });
  return { source, gate, handle, commits: [first!, second!] };
}

async function stored(source: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `select id from events where source = $1 and type = 'git.commit'`,
    [source],
  );
  return rows.map(({ id }) => id).sort();
}

async function closedAfterLastPage(source: string): Promise<boolean | undefined> {
  const { rows } = await database.pool.query<{ after: boolean }>(
    `select max(closed_at) > (select max(made_at) from chain_links where source = $1) as after from runs where source = $1`,
    [source],
  );
  return rows[0]?.after;
}

async function runsOf(handle: SyncHandle): Promise<number> {
  return (await chainOf(worker.client, handle)).length;
}

test.each(['prepareSource', 'persist', 'closeRun'] as const)(
  'a commit made while a sync is at %s is stored before it ends, when it is polled',
  async (name) => {
    const { source, gate, handle, commits } = await heldAt(name);
    await pollSync(worker.client, worker.taskQueue, source);
    gate.open();
    expect(await handle.result()).toMatchObject({ outcome: 'done', source });
    expect(await stored(source)).toEqual(commits.toSorted());
    // One more look in the same run. One that was closing closes again, or goes on in a new run when that took it long.
    expect(await runsOf(handle)).toBeLessThanOrEqual(name === 'closeRun' ? 2 : 1);
    expect(await closedAfterLastPage(source)).toBe(true);
  },
);

test('any number of polls are one more look', async () => {
  const { source, gate, handle, commits } = await heldAt('persist');
  for (let times = 0; times < 20; times++) await pollSync(worker.client, worker.taskQueue, source);
  gate.open();
  await handle.result();
  expect(await stored(source)).toEqual(commits.toSorted());
  const { rows } = await database.pool.query(`select prepared->'round' as round from runs where source = $1`, [source]);
  expect(rows).toEqual([{ round: 1 }]);
});

test('stop is stronger than a poll', async () => {
  const { source, gate, handle, commits } = await heldAt('persist');
  await handle.signal('poll');
  await handle.signal('stop');
  gate.open();
  await handle.result();
  expect(await stored(source)).toEqual(commits.slice(0, 1));
  expect(await runsOf(handle)).toBe(1);
});

test('where no sync runs, a poll starts one, and one look is enough', async () => {
  const source = uniqueSource('polled');
  const repository = Repository.create();
  const [first] = repository.line(1);
  await worker.sync({ source: { type: 'git', id: source, options: { url: repository.path } } });
  const [second] = repository.line(1, { from: first!, name: 'more' });
  await pollSync(worker.client, worker.taskQueue, source);
  const handle = worker.client.workflow.getHandle(`sync/${source}`);
  expect(await handle.result()).toMatchObject({ outcome: 'done' });
  expect(await stored(source)).toEqual([first!, second!].toSorted());
  const { rows } = await database.pool.query('select epoch from runs where source = $1', [source]);
  expect(rows).toHaveLength(2);
});
