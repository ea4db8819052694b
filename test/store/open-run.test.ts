// openRun gives out epochs: each run of a source fences off those before it, and a retry of one run does not.
import { expect, test } from 'vitest';
import { Fenced, InvalidInput, NeedsAttention } from '../../src/domain/errors.js';
import { openRun } from '../../src/store/open-run.js';
import { persistPage } from '../../src/store/persist.js';
import { insertPage } from '../../src/store/pages.js';
import { findRun } from '../../src/store/runs.js';
import { aPage, aPageFacts, aRun, aSourceRow, events, initialDigest, openedRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

test('the first run of a source creates it and starts at the beginning', async () => {
  expect(await openedRun(database.workerPool)).toMatchObject({ epoch: 1, seq: 0, cursor: null, digest: initialDigest });
});

test('the next run gets the next epoch and the committed position, and says goodbye for the one before', async () => {
  const source = aSourceRow();
  const first = await openedRun(database.workerPool, source);
  const page = aPage(first, { events: events(first.source, 3) });
  await persistPage(database.workerPool, page);
  expect(await openedRun(database.workerPool, source)).toMatchObject({ epoch: 2, seq: 0, cursor: page.cursor, digest: page.toDigest });
  expect(await findRun(database.pool, source.id, 1)).toMatchObject({ outcome: 'abandoned' });
  expect(await findRun(database.pool, source.id, 2)).toMatchObject({ outcome: null });
});

test('a retry of the same run gets the same epoch, and how far it has come', async () => {
  const [source, run] = [aSourceRow(), aRun()];
  const first = await openedRun(database.workerPool, source, run);
  const page = aPage(first, { events: events(first.source, 1) });
  await persistPage(database.workerPool, page);
  expect(await openedRun(database.workerPool, source, run)).toMatchObject({ epoch: 1, seq: 1, digest: page.toDigest });
});

test('twenty runs at once get twenty epochs, and one of them holds the source', async () => {
  const source = aSourceRow();
  const runs = await Promise.all(Array.from({ length: 20 }, () => openedRun(database.workerPool, source)));
  expect(runs.map(({ epoch }) => epoch).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  const last = runs.find(({ epoch }) => epoch === 20)!;
  for (const run of runs.filter(({ epoch }) => epoch !== 20)) await expect(persistPage(database.workerPool, aPage(run))).rejects.toThrow(Fenced);
  expect(await persistPage(database.workerPool, aPage(last, { events: events(last.source, 1) }))).toMatchObject({ inserted: 1 });
});

test('a fenced run may take the source again from its own chain, not from another', async () => {
  const source = aSourceRow();
  const first = await openedRun(database.workerPool, source, aRun({ runId: 'a1', firstRunId: 'a1' }));
  await openedRun(database.workerPool, source, aRun({ runId: 'a2', firstRunId: 'a1' }));
  expect(await openedRun(database.workerPool, source, first, true)).toMatchObject({ epoch: 3 });
  await openedRun(database.workerPool, source, aRun({ runId: 'b1', workflowId: 'sync/other' }));
  await expect(openedRun(database.workerPool, source, first, true)).rejects.toThrow(/held by workflow sync\/other run b1 \(epoch 4\)/);
});

test('an attempt that was cancelled while it waited leaves the source to whoever has it', async () => {
  const [source, run] = [aSourceRow(), aRun()];
  const holder = await openedRun(database.workerPool, source);
  const late = openRun(database.workerPool, { source, run, initialDigest, reopen: false, cancelled: AbortSignal.abort() });
  await expect(late).rejects.toMatchObject({ name: 'AbortError' });
  expect(await persistPage(database.workerPool, aPage(holder, { events: events(holder.source, 1) }))).toMatchObject({ inserted: 1 });
});

test('pages that were read but not committed go with their run; committed ones stay', async () => {
  const source = aSourceRow();
  const first = await openedRun(database.workerPool, source);
  for (const seq of [1, 2]) {
    await insertPage(database.workerPool, { ...aPageFacts({ source: source.id, epoch: 1, seq }), records: 0, events: 0, bytes: 0, last: false }, Buffer.from('raw'));
  }
  await persistPage(database.workerPool, aPage(first));
  await openedRun(database.workerPool, source);
  const { rows } = await database.pool.query('select epoch, seq from pages where source = $1', [source.id]);
  expect(rows).toEqual([{ epoch: 1, seq: 1 }]);
});

test('an id that belongs to another origin is refused, by field, and nothing changes', async () => {
  const source = aSourceRow();
  await openedRun(database.workerPool, source);
  const other = openedRun(database.workerPool, { ...source, origin: 'elsewhere' });
  await expect(other).rejects.toThrow(InvalidInput);
  await expect(other).rejects.toMatchObject({ field: 'source.id' });
  expect(await findRun(database.pool, source.id, 2)).toBeUndefined();
});

test('other identities or another canonicaliser need attention: it would not recognise what is stored', async () => {
  const source = aSourceRow();
  await openedRun(database.workerPool, source);
  for (const changed of [{ identityVersion: 2 }, { canonicaliserVersion: 2 }]) {
    await expect(openedRun(database.workerPool, { ...source, ...changed })).rejects.toThrow(NeedsAttention);
  }
});

test('options that do not form the origin may change, and the last ones are kept', async () => {
  const source = aSourceRow({ options: { depth: 1 } });
  const run = await openedRun(database.workerPool, source);
  await openedRun(database.workerPool, { ...source, options: { depth: 2 } });
  const { rows } = await database.pool.query('select options from sources where id = $1', [run.source]);
  expect(rows).toEqual([{ options: { depth: 2 } }]);
});
