// The state a source reads is the one that commits of the pages in flight would give.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stateInFlight } from '../../src/activities/state-in-flight.js';
import type { Json } from '../../src/domain/event.js';
import type { StatePatch, StateRange, StateRow } from '../../src/domain/source-state.js';
import { stateRows } from '../../src/domain/state-rows.js';
import { insertPage } from '../../src/store/pages.js';
import { persistPage } from '../../src/store/persist.js';
import type { Pool } from '../../src/store/pool.js';
import { after, aPage, aPageFacts, openedRun, type BuiltRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

// Long keys that an index row cannot hold, and texts that UTF-16 would order otherwise than bytes do.
const long = 'k'.repeat(3_000);
const keys = ['', 'a', 'a/b', 'B', 'é', '\uFFFD', '\u{1f600}', 'z', long, `${long}1`, `${long}2`].map(
  (key) => `/${key}`,
);
const patch = fc.record({
  kind: fc.constantFrom('file', 'tip'),
  key: fc.constantFrom(...keys),
  value: fc.option(fc.integer({ min: 0, max: 9 })),
});
const pages = fc.array(fc.array(patch, { maxLength: 6 }), { maxLength: 4 });
const range = fc.record({
  after: fc.option(fc.constantFrom(...keys), { nil: undefined }),
  until: fc.option(fc.constantFrom(...keys), { nil: undefined }),
  limit: fc.integer({ min: 1, max: 4 }),
});

async function commit(run: BuiltRun, statePatch: readonly StatePatch[]): Promise<BuiltRun> {
  const page = aPage(run, { statePatch });
  await persistPage(database.workerPool, page);
  return after(run, page);
}

/** Read and stored, and not committed. */
async function read({ source, epoch }: BuiltRun, seq: number, statePatch: readonly StatePatch[]): Promise<void> {
  const facts = aPageFacts({ source, epoch, seq, statePatch });
  await insertPage(database.workerPool, { ...facts, records: 0, events: 0, bytes: 0, last: false }, Buffer.from('raw'));
}

/** All that there is to be read, by ranges that end anywhere. */
async function seen(
  pool: Pool,
  source: string,
  ranges: readonly StateRange[],
  before?: { readonly epoch: number; readonly seq: number },
) {
  const state = stateInFlight(pool, source, before && { source, ...before });
  const all: unknown[] = [];
  for (const kind of ['file', 'tip']) {
    const values: (Json | undefined)[] = [];
    for (const key of keys) values.push(await state.get(kind, key));
    const rows: StateRow[] = [];
    for await (const row of stateRows(state, kind)) rows.push(row);
    const scans: (readonly StateRow[])[] = [];
    for (const some of ranges) scans.push(await state.scan(kind, some));
    all.push({
      values,
      rows,
      scans: scans.map((scan, at) => firstOf(scan, ranges[at]!)),
      count: await state.count(kind),
    });
  }
  return all;
}

/** A scan may give fewer rows than it is asked for, never none where there are some: its first row says what it is. */
function firstOf(scan: readonly StateRow[], { limit }: StateRange): unknown {
  expect(scan.length).toBeLessThanOrEqual(limit);
  return scan[0];
}

test('rows by key, ranges and counts over pages in flight are what they are once those pages are committed', async () => {
  await fc.assert(
    fc.asyncProperty(
      pages,
      pages,
      fc.array(range, { minLength: 1, maxLength: 4 }),
      async (committed, inFlight, ranges) => {
        let run = await openedRun(database.workerPool);
        for (const some of committed) run = await commit(run, some);
        let seq = run.seq;
        for (const some of inFlight) await read(run, ++seq, some);
        const ahead = await seen(database.workerPool, run.source, ranges, { epoch: run.epoch, seq: seq + 1 });
        for (const some of inFlight) run = await commit(run, some);
        expect(ahead).toEqual(await seen(database.workerPool, run.source, ranges));
        // A page that was asked for before its commit is seen twice, which changes nothing.
        expect(ahead).toEqual(await seen(database.workerPool, run.source, ranges, { epoch: run.epoch, seq: seq + 1 }));
      },
    ),
    { numRuns: 40 },
  );
});

test('a page in flight does not see itself, nor what comes after it', async () => {
  const run = await commit(await openedRun(database.workerPool), [{ kind: 'file', key: 'a', value: 1 }]);
  for (const [at, value] of [2, 3, 4].entries()) await read(run, run.seq + 1 + at, [{ kind: 'file', key: 'a', value }]);
  const { source, epoch, seq } = run;
  const at = (page: number) =>
    stateInFlight(database.workerPool, source, { source, epoch, seq: page }).get('file', 'a');
  expect([await at(seq + 1), await at(seq + 2), await at(seq + 3)]).toEqual([1, 2, 3]);
});

test('keys come in the order of their bytes', async () => {
  const run = await openedRun(database.workerPool);
  const words = ['é', 'z', 'A', 'a', '\u{1f600}', '\uFFFD'];
  await commit(
    run,
    words.slice(0, 3).map((key) => ({ kind: 'file', key, value: 1 })),
  );
  await read(
    run,
    2,
    words.slice(3).map((key) => ({ kind: 'file', key, value: 1 })),
  );
  const rows = await stateInFlight(database.workerPool, run.source, {
    source: run.source,
    epoch: run.epoch,
    seq: 3,
  }).scan('file', { limit: 100 });
  expect(rows.map(({ key }) => key)).toEqual(
    words.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))),
  );
});

test('100,000 rows come in scans of at most 5,000, and none is left out', async () => {
  const run = await openedRun(database.workerPool);
  await database.pool.query(
    `insert into source_state (source, kind, key, value) select $1, 'file', 'f' || lpad(n::text, 6, '0'), to_jsonb(n) from generate_series(1, 100000) n`,
    [run.source],
  );
  await read(run, 1, [
    { kind: 'file', key: 'f050000', value: null },
    { kind: 'file', key: 'g', value: 'new' },
  ]);
  const state = stateInFlight(database.workerPool, run.source, { source: run.source, epoch: run.epoch, seq: 2 });
  let [largest, rows, last] = [0, 0, ''];
  const counted = {
    ...state,
    scan: async (kind: string, part: StateRange) =>
      state.scan(kind, part).then((some) => ((largest = Math.max(largest, some.length)), some)),
  };
  for await (const { key } of stateRows(counted, 'file')) {
    expect(key > last).toBe(true);
    [rows, last] = [rows + 1, key];
  }
  expect([rows, await state.count('file'), last]).toEqual([100_000, 100_000, 'g']);
  expect(largest).toBeLessThanOrEqual(5_000);
});
