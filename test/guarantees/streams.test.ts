// A source of streams: each moves, waits and fails by itself (design 9.1). The fake API answers as the test says; through the
// real client, workflow and store.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SyncResult } from '../../src/domain/sync-result.js';
import { synthetic } from '../../src/sources/synthetic.js';
import type { Activities } from '../../src/activities/index.js';
import type { Progress } from '../../src/workflows/messages.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { forbidden, gone, limited, outage, truncated } from '../support/fake-api-faults.js';
import { startFakeApi, streams, type FakeApi } from '../support/fake-api.js';
import { fakeApiSource } from '../support/fake-api-source.js';
import type { Source } from '../../src/domain/source.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
let worker: TestWorker;
let api: FakeApi;

/** Activities that looks led to. */
const rounds: string[] = [];

/** Fetches are given up after three tries instead of thirty. */
function impatient(real: Activities): Activities {
  return {
    ...real,
    async prepareSource(request) {
      rounds.push(request.source);
      return real.prepareSource(request);
    },
    async openRun(input) {
      const opened = await real.openRun(input);
      return opened.kind === 'run'
        ? { ...opened, plan: { ...opened.plan, fetch: { ...opened.plan.fetch, attemptsMax: 3 } } }
        : opened;
    },
  };
}

beforeAll(async () => {
  worker = await testWorker(database, {
    sources: [fakeApiSource(), synthetic as unknown as Source],
    activities: impatient,
  });
});
afterAll(() => worker.stop());
beforeEach(async () => {
  api = await startFakeApi({ sizes: { issues: 35, comments: 25, members: 5 } });
});
afterEach(() => api.close());

function inputOf(source: string) {
  return { source: { type: 'fake-api', id: source, options: { url: api.url } } };
}

function sync(source: string): Promise<SyncResult> {
  return worker.sync(inputOf(source));
}

async function storedOf(source: string): Promise<Record<string, number>> {
  const { rows } = await database.pool.query<{ type: string; n: number }>(
    'select type, count(*)::int as n from events where source = $1 group by 1 order by 1',
    [source],
  );
  return Object.fromEntries(rows.map(({ type, n }) => [type.replace('fake.', ''), n]));
}

async function statesOf(source: string): Promise<Record<string, string>> {
  const { rows } = await database.pool.query<{ stream: string; state: string }>(
    'select stream, state from source_streams where source = $1',
    [source],
  );
  return Object.fromEntries(rows.map(({ stream, state }) => [stream, state]));
}

/** What the Temporal UI shows, and the query that the command line asks. */
async function toldOf(source: string): Promise<{ details: string; progress: Progress }> {
  const handle = worker.client.workflow.getHandle(`sync/${source}`);
  const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  return { details: currentDetails, progress: await handle.query<Progress>('progress') };
}

const all = { issues: 35, comments: 25, members: 5 };
const upToDate = Object.fromEntries(streams.map((stream) => [stream, 'up_to_date']));

test('all streams are read to their end, each item once; what is new later is read later', async () => {
  const source = uniqueSource('streams');
  expect(await sync(source)).toMatchObject({ outcome: 'done', inserted: 65, dead_letters: 0 });
  expect([await storedOf(source), await statesOf(source)]).toEqual([all, upToDate]);
  api.add('issues', 3);
  api.edit('comments', 7);
  expect(await sync(source)).toMatchObject({ outcome: 'done', inserted: 4 });
  expect(await storedOf(source)).toEqual({ ...all, issues: 38, comments: 26 });
});

test('with nothing new nothing is written, and the origin is asked once a stream', async () => {
  const source = uniqueSource('quiet');
  await sync(source);
  // The newest item of a stream is listed once more: its time is where the next look begins.
  await sync(source);
  const before = api.calls.length;
  expect(await sync(source)).toMatchObject({ outcome: 'done_empty', total: 0 });
  expect(
    api.calls
      .slice(before)
      .map(({ stream, status }) => `${stream} ${status}`)
      .sort(),
  ).toEqual(streams.map((stream) => `${stream} 304`).sort());
});

test('streams take turns: a long one does not hold back a short one', async () => {
  await sync(uniqueSource('turns'));
  expect(
    api.calls
      .slice(0, 3)
      .map(({ stream }) => stream)
      .sort(),
  ).toEqual([...streams].sort());
});

test.each([
  ['forbidden', forbidden],
  ['gone', gone],
  ['out of order for ever', outage],
  ['broken off for ever', truncated],
])(
  'one stream is %s: the others complete, the problem is told, and mended it is all that is read',
  async (_, fault) => {
    const source = uniqueSource('one-fails');
    api.failAlways('comments', fault);
    const result = await sync(source);
    expect(result).toMatchObject({ outcome: 'done_with_problems', inserted: 40 });
    expect(result.problems).toMatchObject([
      { name: 'comments', code: expect.any(String), message: expect.any(String) },
    ]);
    expect([await storedOf(source), await statesOf(source)]).toEqual([
      { issues: 35, members: 5 },
      { ...upToDate, comments: 'needs_attention' },
    ]);
    const { details, progress } = await toldOf(source);
    expect(progress.streams).toEqual({
      states: { needs_attention: 1, up_to_date: 2 },
      told: [
        {
          name: 'comments',
          state: 'needs_attention',
          message: expect.stringMatching(/./),
          since: expect.stringMatching(/Z$/),
          until: null,
        },
      ],
    });
    expect(details).toContain('- streams: 1 needs attention, 2 up to date\n- comments needs attention since ');
    api.failAlways('comments', undefined);
    expect(await sync(source)).toMatchObject({ outcome: 'done', inserted: 25 });
    expect([await storedOf(source), await statesOf(source)]).toEqual([all, upToDate]);
    expect((await toldOf(source)).details).toContain('- streams: 3 up to date\n');
  },
);

test('when no stream can be read the source needs attention, and what it had stays', async () => {
  const source = uniqueSource('none');
  await sync(source);
  for (const stream of streams) api.failAlways(stream, forbidden);
  await expect(sync(source)).rejects.toMatchObject({ cause: { type: 'NeedsAttention' } });
  expect(await storedOf(source)).toEqual(all);
});

test('a stream that waits holds back no other, and is asked again not before its time', async () => {
  const source = uniqueSource('waits');
  api.failNext('issues', limited(429), limited(403));
  const handle = await worker.start(inputOf(source));
  await eventually('the UI and the query say that issues waits, and what the others did', async () => {
    const { details, progress } = await toldOf(source);
    const waits = details.includes('- issues waits until ') && progress.state === 'rate_limited';
    return waits && progress.streams?.states['up_to_date'] === 2 ? true : null;
  });
  expect(await handle.result()).toMatchObject({ outcome: 'done', inserted: 65 });
  expect(api.calls.filter(({ early }) => early)).toEqual([]);
  const firstIssues = api.calls.findIndex(({ stream, status }) => stream === 'issues' && status === 200);
  expect(new Set(api.calls.slice(0, firstIssues).map(({ stream }) => stream))).toEqual(new Set(streams));
});

test('an error in the middle of a list loses nothing that was read before it', async () => {
  const source = uniqueSource('middle');
  api.failNext('members', truncated, outage);
  expect(await sync(source)).toMatchObject({ outcome: 'done', inserted: 65 });
  // What came before the failure was not asked for again.
  const asked = api.calls
    .filter(({ stream, status }) => stream !== 'members' && status === 200)
    .map(({ stream, page }) => `${stream} ${page}`);
  expect(asked).toEqual([...new Set(asked)]);
});

/** Answers that came since `before`, as `issues 304`. */
function answersSince(before: number): string[] {
  return api.calls.slice(before).flatMap(({ stream, status }) => (status === undefined ? [] : [`${stream} ${status}`]));
}

async function answered(what: string, before: number, times: number): Promise<void> {
  await eventually(`${times} times ${what}`, async () => {
    return answersSince(before).filter((one) => one === what).length >= times;
  });
}

test('followed, a look with nothing new asks each stream once, by a condition, and the engine nothing; what is new is read', async () => {
  const source = uniqueSource('followed');
  const handle = await worker.start({
    source: { type: 'fake-api', id: source, options: { url: api.url } },
    mode: 'follow',
    pollIntervalMs: 100,
  });
  await answered('members 304', 0, 3);
  const [before, { historyLength }] = [api.calls.length, await handle.describe()];
  const roundsBefore = rounds.filter((one) => one === source).length;
  await answered('members 304', before, 10);
  expect(new Set(answersSince(before))).toEqual(new Set(streams.map((stream) => `${stream} 304`)));
  const [most, fewest] = [Math.max, Math.min].map((of) =>
    of(...streams.map((stream) => answersSince(before).filter((one) => one.startsWith(stream)).length)),
  );
  expect(most! - fewest!).toBeLessThanOrEqual(1);
  expect((await handle.describe()).historyLength).toBe(historyLength);
  expect(rounds.filter((one) => one === source)).toHaveLength(roundsBefore);

  api.add('issues', 3);
  await eventually('they are stored', async () => (await storedOf(source)).issues === 38);
  expect(await storedOf(source)).toEqual({ ...all, issues: 38 });

  // In trouble, it is checked and no more; a round finds it mended.
  api.failAlways('comments', forbidden);
  await eventually('it is told', async () => (await statesOf(source)).comments === 'needs_attention');
  const trouble = api.calls.length;
  await answered('comments 403', trouble, 1);
  const roundsInTrouble = rounds.length;
  await answered('comments 403', api.calls.length, 5);
  expect(rounds).toHaveLength(roundsInTrouble);
  api.add('comments', 2);
  api.failAlways('comments', undefined);
  await eventually('they are stored', async () => (await storedOf(source)).comments === 27);

  // Told to come back later, nobody asks before.
  await answered('issues 304', api.calls.length, 2);
  api.failNext('issues', limited(429));
  api.add('members', 1);
  await eventually('it is stored', async () => (await storedOf(source)).members === 6);
  await answered('issues 304', api.calls.length, 2);
  expect(api.calls.filter(({ early }) => early)).toEqual([]);

  await handle.signal('stop');
  expect(await handle.result()).toMatchObject({ outcome: 'stopped', inserted: 71 });
});
