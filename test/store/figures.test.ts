// What a chain of runs did is kept with its latest run: a follower that lives for years opens as fast as on its first day.
import { expect, test } from 'vitest';
import { countChain } from '../../src/store/figures.js';
import { persistPage } from '../../src/store/persist.js';
import { aPage, aRun, aSourceRow, events, openedRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';
import { share } from '../support/share.js';

const database = testDatabase();

test('a chain adds up over its runs, and another chain of the source begins at nothing', async () => {
  const source = aSourceRow();
  for (const [runId, stored] of [
    ['a1', 3],
    ['a2', 0],
    ['a3', 4],
  ] as const) {
    const run = await openedRun(database.workerPool, source, aRun({ runId, firstRunId: 'a1' }));
    if (stored > 0)
      await persistPage(
        database.workerPool,
        aPage(run, { events: events(run.source, stored, 10 * Number(runId.slice(1))) }),
      );
  }
  expect(await countChain(database.pool, source.id, 'a1')).toMatchObject({ fetched: 7, inserted: 7, pages: 2 });
  await openedRun(database.workerPool, source, aRun({ runId: 'b1', firstRunId: 'b1' }));
  expect(await countChain(database.pool, source.id, 'b1')).toMatchObject({ fetched: 0, pages: 0 });
  expect(await countChain(database.pool, source.id, 'a1')).toMatchObject({ inserted: 7, pages: 2 });
});

test('a chain that was begun before totals were kept is summed once, and kept from then on', async () => {
  const source = aSourceRow();
  for (const runId of ['a1', 'a2']) {
    const run = await openedRun(database.workerPool, source, aRun({ runId, firstRunId: 'a1' }));
    await persistPage(database.workerPool, aPage(run, { events: events(run.source, 5, 10 * Number(runId.slice(1))) }));
  }
  await database.pool.query('update runs set totals_before = null where source = $1', [source.id]);
  expect(await countChain(database.pool, source.id, 'a1')).toMatchObject({ inserted: 10, pages: 2 });
  await openedRun(database.workerPool, source, aRun({ runId: 'a3', firstRunId: 'a1' }));
  await database.pool.query('delete from ledger where source = $1', [source.id]);
  expect(await countChain(database.pool, source.id, 'a1')).toMatchObject({ inserted: 10, pages: 2 });
});

// Making the million takes longer than all else here.
test.each(share(['a million'], 0))(
  'opening reads only the pages of the run before, of %s in the chain',
  async () => {
    const source = aSourceRow();
    await openedRun(database.workerPool, source, aRun({ runId: 'r1', firstRunId: 'r1' }));
    await database.pool.query(
      `insert into runs (source, epoch, run_id, first_run_id, workflow_id, closed_at, outcome, totals_before)
     select $1, n + 1, 'old-' || n, 'r1', 'sync/' || $1, now(), 'continued', jsonb_build_object('inserted', 100 * n, 'fetched', 100 * n, 'pages', 100 * n)
       from generate_series(1, 10000) as n`,
      [source.id],
    );
    for (let from = 0; from < 1_000_000; from += 50_000)
      await database.pool.query(
        `insert into ledger (source, epoch, seq, from_digest, to_digest, fetched, inserted, duplicate, existing, suppressed, removed, deferred, dead,
                         redriven, recounted, remapped, processing_ms, measures)
     select $1, 2 + n / 100, 1 + n % 100, '', '', 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '{}' from generate_series($2::integer, $2 + 49999) as n`,
        [source.id, from],
      );
    await database.pool.query('update source_cursors set epoch = 10001 where source = $1', [source.id]);
    await database.pool.query('analyze ledger');
    // A hundredth of what a sum over the whole chain takes.
    const client = await database.workerPool.connect();
    try {
      await client.query(`set statement_timeout = '500ms'`);
      expect(await countChain(client, source.id, 'r1')).toMatchObject({ inserted: 1_000_100, pages: 1_000_100 });
    } finally {
      client.release(true);
    }
    await openedRun(database.workerPool, source, aRun({ runId: 'r2', firstRunId: 'r1' }));
    expect(await countChain(database.pool, source.id, 'r1')).toMatchObject({ inserted: 1_000_100 });
  },
  120_000,
);
