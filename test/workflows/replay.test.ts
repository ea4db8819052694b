// Recorded histories replay on today's workflow code: a run that began before a deploy goes on after it. And runs of today
// replay, too. After a change that needs new histories (before the first release: or a patch marker since), record them with
// RECORD_HISTORIES=1 npx vitest run test/workflows, into a new folder beside the others (mkdir test/workflows/histories/3)
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { beforeAll, expect, test } from 'vitest';
import { workflowBundle } from '../../src/workers/workflow-bundle.js';
import { testDatabase } from '../support/database.js';
import { historyOf, type ShownHistory } from '../support/histories.js';
import { typicalRuns, type TypicalRun } from './typical-runs.js';

/** One set for each recording; the newest has all of today's runs. */
const sets = fileURLToPath(new URL('./histories/', import.meta.url));
const newest = `${sets}${readdirSync(sets)
  .toSorted((a, b) => Number(a) - Number(b))
  .at(-1)!}/`;
const recording = process.env['RECORD_HISTORIES'] === '1';
const database = testDatabase();
let today: TypicalRun[];

beforeAll(async () => {
  today = await typicalRuns(database);
  if (recording) for (const { name, history } of today) writeFileSync(`${newest}${name}.json`, scrubbed(history));
}, 120_000);

/** Where and by whom it was recorded is nobody's business, and would change with every recording. */
function scrubbed(history: ShownHistory): string {
  const scrub = (key: string, value: unknown) => {
    if (key === 'stackTrace') return '';
    return typeof value === 'string' && /^\d+@/.test(value) ? 'a worker' : value;
  };
  return `${JSON.stringify(history, scrub, 1)}\n`;
}

function recorded(directory = newest): TypicalRun[] {
  return readdirSync(directory).map((file) => {
    const history = JSON.parse(readFileSync(directory + file, 'utf8')) as ShownHistory;
    return { name: file.replace('.json', ''), workflowId: 'sync/recorded', history };
  });
}

/** Names of the histories that do not replay, with why. */
async function failures(runs: readonly TypicalRun[]): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, workflowId, history } of runs) {
    for await (const { error } of Worker.runReplayHistories({ workflowBundle: await workflowBundle() }, [
      { workflowId, history: historyOf(history) },
    ])) {
      if (error !== undefined) failed.push(`${name}: ${error.name}`);
    }
  }
  return failed;
}

test('every recorded history replays', async () => {
  const runs = recorded();
  expect(runs.map(({ name }) => name).sort()).toEqual(today.map(({ name }) => name).sort());
  expect(await failures(runs)).toEqual([]);
});

test('so does every history of the sets before', async () => {
  const before = readdirSync(sets)
    .map((set) => `${sets}${set}/`)
    .filter((set) => set !== newest);
  expect(before.length).toBeGreaterThan(0);
  for (const set of before) expect(await failures(recorded(set)), set).toEqual([]);
});

test('every run of today replays', async () => {
  expect(today.map(({ name }) => name).sort()).toEqual([
    'already-running',
    'cancelled',
    'continued-1',
    'continued-2',
    'deferred',
    'delegated',
    'done',
    'done-empty',
    'followed',
    'needs-attention',
    'news',
    'paused',
    'refused',
    'relayed',
    'resumed',
    'stopped',
  ]);
  expect(await failures(today)).toEqual([]);
});

test.each([
  ['validate', 'hash'],
  ['persist', 'enrich'],
  ['openRun', 'prepareSource'],
  ['persist', 'closeRun'],
])('code that would do %s where the history says %s does not replay', async (now, then) => {
  const [run] = recorded().filter(({ name }) => name === 'done');
  const changed = structuredClone(run!.history);
  const scheduled = changed.events.find(
    (event) => event.activityTaskScheduledEventAttributes?.activityType.name === now,
  );
  scheduled!.activityTaskScheduledEventAttributes!.activityType.name = then;
  expect(await failures([{ ...run!, history: changed }])).toEqual(['done: DeterminismViolationError']);
});
