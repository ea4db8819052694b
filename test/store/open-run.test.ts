// openRun gives out epochs: each run of a source fences off those before it, and a retry of one run does not.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Fenced, InvalidInput, NeedsAttention } from '../../src/domain/errors.js';
import { revised, type Revision } from '../../src/domain/source-revision.js';
import { openRun } from '../../src/store/open-run.js';
import { persistPage } from '../../src/store/persist.js';
import { insertPage } from '../../src/store/pages.js';
import { findRun, type RunIdentity } from '../../src/store/runs.js';
import type { SourceRow } from '../../src/store/sources.js';
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
  expect(await openedRun(database.workerPool, source)).toMatchObject({
    epoch: 2,
    seq: 0,
    cursor: page.cursor,
    digest: page.toDigest,
  });
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
  for (const run of runs.filter(({ epoch }) => epoch !== 20))
    await expect(persistPage(database.workerPool, aPage(run))).rejects.toThrow(Fenced);
  expect(await persistPage(database.workerPool, aPage(last, { events: events(last.source, 1) }))).toMatchObject({
    inserted: 1,
  });
});

test('a fenced run may take the source again from its own chain, not from another', async () => {
  const source = aSourceRow();
  const first = await openedRun(database.workerPool, source, aRun({ runId: 'a1', firstRunId: 'a1' }));
  await openedRun(database.workerPool, source, aRun({ runId: 'a2', firstRunId: 'a1' }));
  expect(await openedRun(database.workerPool, source, first, true)).toMatchObject({ epoch: 3 });
  await openedRun(database.workerPool, source, aRun({ runId: 'b1', workflowId: 'sync/other' }));
  await expect(openedRun(database.workerPool, source, first, true)).rejects.toThrow(
    /held by workflow sync\/other run b1 \(epoch 4\)/,
  );
});

test('an attempt that was cancelled while it waited leaves the source to whoever has it', async () => {
  const [source, run] = [aSourceRow(), aRun()];
  const holder = await openedRun(database.workerPool, source);
  const late = openRun(database.workerPool, {
    source,
    run,
    initialDigest,
    reopen: false,
    cancelled: AbortSignal.abort(),
  });
  await expect(late).rejects.toMatchObject({ name: 'AbortError' });
  expect(await persistPage(database.workerPool, aPage(holder, { events: events(holder.source, 1) }))).toMatchObject({
    inserted: 1,
  });
});

test('pages that were read but not committed go with their run; committed ones stay', async () => {
  const source = aSourceRow();
  const first = await openedRun(database.workerPool, source);
  for (const seq of [1, 2]) {
    await insertPage(
      database.workerPool,
      { ...aPageFacts({ source: source.id, epoch: 1, seq }), records: 0, events: 0, bytes: 0, last: false },
      Buffer.from('raw'),
    );
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

/** What a start says of a source, as the activity asks for it. */
function saying(source: SourceRow, run: RunIdentity, revision: Revision) {
  const revise = (found: SourceRow) => ({ ...source, ...revised(found, revision, z.looseObject({})) });
  return openRun(database.workerPool, { source, run, revision, revise, initialDigest, reopen: false });
}

async function configuredOf({ id }: SourceRow) {
  const { rows } = await database.pool.query('select options, settings from sources where id = $1', [id]);
  return rows[0];
}

test('a start changes what it names and nothing else; the run keeps what it was opened with', async () => {
  const source = aSourceRow({ options: { depth: 1, wide: true }, settings: { pollIntervalMs: 500, mode: 'follow' } });
  await openedRun(database.workerPool, source);
  const opened = await saying(source, aRun(), {
    options: { depth: 2, wide: null },
    settings: { pollIntervalMs: null, 'batch.events': 7, mode: 'follow' },
  });
  const after = { options: { depth: 2 }, settings: { mode: 'follow', 'batch.events': 7 } };
  const changed = {
    pollIntervalMs: [500, null],
    'batch.events': [null, 7],
    'options.depth': [1, 2],
    'options.wide': [true, null],
  };
  expect(opened.configuration).toEqual({ ...after, changed });
  expect(await configuredOf(source)).toEqual(after);
  expect(await findRun(database.pool, source.id, 2)).toMatchObject({ ...after, changed });
});

test('it changes it once: what is set afterwards is not set back by a retry, or by the run that continues it', async () => {
  const [source, run] = [aSourceRow(), aRun()];
  await openedRun(database.workerPool, source);
  const revision = { options: {}, settings: { pollIntervalMs: 500 } } as const;
  await saying(source, run, revision);
  await database.pool.query(`update sources set settings = '{"pollIntervalMs": 9000}' where id = $1`, [source.id]);
  expect(await saying(source, run, revision)).toMatchObject({
    epoch: 2,
    configuration: { settings: { pollIntervalMs: 500 } },
  });
  const next = await saying(source, aRun({ runId: 'continued', firstRunId: run.firstRunId }), revision);
  expect(next).toMatchObject({
    epoch: 3,
    configuration: { settings: { pollIntervalMs: 9_000 }, changed: { pollIntervalMs: [null, 500] } },
  });
  expect(await configuredOf(source)).toMatchObject({ settings: { pollIntervalMs: 9_000 } });
});

test('a chain that began before there were settings says once what its start had said', async () => {
  const [source, run] = [aSourceRow(), aRun()];
  await openedRun(database.workerPool, source, run);
  await database.pool.query('update runs set options = null, settings = null, changed = null where source = $1', [
    source.id,
  ]);
  const next = await saying(source, aRun({ firstRunId: run.firstRunId }), {
    options: {},
    settings: { mode: 'follow' },
  });
  expect(next.configuration).toMatchObject({ settings: { mode: 'follow' }, changed: { mode: [null, 'follow'] } });
});

test('two starts at once that name different things: both are kept', async () => {
  const source = aSourceRow();
  await openedRun(database.workerPool, source);
  const settings = [{ pollIntervalMs: 500 }, { 'batch.events': 9 }, { 'batch.bytes': 10 }, { 'batch.inFlight': 1 }];
  await Promise.all(settings.map((one) => saying(source, aRun(), { options: {}, settings: one })));
  expect(await configuredOf(source)).toEqual({ options: {}, settings: Object.assign({}, ...settings) });
});

test.each([
  ['keep', null, /is being removed; `tributary sources remove .* --keep-events` finishes it/],
  ['delete', null, /is being removed; `tributary sources remove .* --delete-events` finishes it/],
] as const)(
  'a source that is being removed (%s) is refused, and its epoch stays',
  async (removal, removedAt, message) => {
    const source = aSourceRow();
    await openedRun(database.workerPool, source);
    await database.pool.query('update sources set removal = $2, removed_at = $3 where id = $1', [
      source.id,
      removal,
      removedAt,
    ]);
    await expect(saying(source, aRun(), { options: {}, settings: {} })).rejects.toThrow(message);
    expect(await findRun(database.pool, source.id, 2)).toBeUndefined();
  },
);

test('a source that was removed is there again by a new start, not by a run that continues one of before', async () => {
  const [source, run] = [aSourceRow(), aRun()];
  await saying(source, run, { options: {}, settings: {} });
  await database.pool.query(`update sources set removal = 'keep', removed_at = now() where id = $1`, [source.id]);
  const continued = saying(source, aRun({ firstRunId: run.firstRunId }), { options: {}, settings: {} });
  await expect(continued).rejects.toThrow(`source.id: ${source.id} was removed`);
  expect(await saying(source, aRun(), { options: {}, settings: {} })).toMatchObject({ epoch: 2 });
  const { rows } = await database.pool.query('select removal, removed_at from sources where id = $1', [source.id]);
  expect(rows).toEqual([{ removal: null, removed_at: null }]);
});
