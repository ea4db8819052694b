// Stages that answer for each event, in whole syncs: what is deferred is neither lost nor in the way, and comes back to the
// stage that put it off; what is removed goes no further; and `verify` sees it all (requirements E2–E4, A5).
import { afterAll, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.js';
import type { Answer } from '../../src/domain/event-stage.js';
import { limits } from '../../src/limits.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { testDatabase } from '../support/database.js';
import { advance, countingStage, timesShown, type CountingStage } from '../support/event-stages.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const workers: TestWorker[] = [];

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
});

async function workerWith(...stages: CountingStage[]): Promise<TestWorker> {
  const worker = await testWorker(database, { stages });
  workers.push(worker);
  return worker;
}

function inputOf(source: string, events: number, batch = 100) {
  return {
    source: { type: 'synthetic', id: source, options: { events, seed: 71, pageEvents: 10 } },
    batch: { events: batch },
  };
}

const again: Answer = { kind: 'defer', afterMs: 0 };

async function count(table: string, source: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::integer as n from ${table} where source = $1`,
    [source],
  );
  return rows[0]!.n;
}

/** The proof of one source; `damage` is undone. */
async function proofOf(source: string, damage?: string) {
  if (damage !== undefined) await database.pool.query(damage, [source]);
  const [proof] = await verifySources(database.pool, { source, contents: () => true });
  return proof!;
}

test('an event deferred twice and then let through is seen three times by its stage, once by the others, and stored once (A5.2)', async () => {
  const source = uniqueSource('twice');
  const before = countingStage('before');
  const waiting = countingStage('waiting', ({ attempt, data }) =>
    Number(data.index) < 20 && attempt <= 2 ? again : advance,
  );
  const after = countingStage('after');
  const worker = await workerWith(before, waiting, after);
  const result = await worker.sync(inputOf(source, 60));
  expect(result).toMatchObject({ outcome: 'done', total: 60, inserted: 60, deferred: 0, removed: 0, dead_letters: 0 });
  expect([timesShown(before), timesShown(waiting), timesShown(after)]).toEqual([
    { 1: 60 },
    { 1: 40, 3: 20 },
    { 1: 60 },
  ]);
  expect([
    await count('events', source),
    await count('deferred', source),
    await count('stage_outputs', source),
  ]).toEqual([60, 0, 0]);
  expect(await proofOf(source)).toMatchObject({ ok: true, lost: 0, doubled: 0, invented: 0 });
  const { rows } = await database.pool.query(
    'select count(*)::integer as n from events where source = $1 and enrichment is not null',
    [source],
  );
  expect(rows).toEqual([{ n: 60 }]);
});

test('a removed event goes no further and is counted (A5.7)', async () => {
  const source = uniqueSource('removed');
  const choosing = countingStage('choosing', ({ data }) =>
    Number(data.index) % 3 === 0 ? { kind: 'remove' } : advance,
  );
  const after = countingStage('after');
  const worker = await workerWith(choosing, after);
  expect(await worker.sync(inputOf(source, 30))).toMatchObject({
    outcome: 'done',
    total: 30,
    inserted: 20,
    removed: 10,
  });
  expect(after.shown.size).toBe(20);
  expect(await proofOf(source)).toMatchObject({ ok: true });
});

test('one throwing event does not hold up its page, and waits with its reason (A5.11)', async () => {
  const source = uniqueSource('throwing');
  const failing = countingStage('failing', ({ data }) => {
    if (data.index === 4) throw new Error('the owner list is away');
    return advance;
  });
  const worker = await workerWith(failing);
  expect(await worker.sync(inputOf(source, 10))).toMatchObject({
    outcome: 'done_with_deferred',
    total: 10,
    inserted: 9,
    deferred: 1,
    errors: 0,
  });
  const { rows } = await database.pool.query(
    'select stage, processed, error, next_at from deferred where source = $1',
    [source],
  );
  expect(rows).toEqual([
    {
      stage: 'failing',
      processed: ['validate', 'hash', 'deduplicate', 'enrich'],
      error: 'the owner list is away',
      next_at: expect.any(Date),
    },
  ]);
  expect([...failing.shown].filter(([id, times]) => id !== '71-4' && times !== 1)).toEqual([]);
  // Nothing new and nothing due: it says that something waits, and shows it to nobody.
  await database.pool.query(`update deferred set next_at = now() + interval '1 hour' where source = $1`, [source]);
  const tries = failing.shown.get('71-4');
  expect(await worker.sync({ sourceId: source })).toMatchObject({
    outcome: 'done_with_deferred',
    total: 0,
    inserted: 0,
    deferred: 0,
  });
  expect(failing.shown.get('71-4')).toBe(tries);
});

test('a later run takes back what is due, counts it once, and hands its context on with types kept (A5.7)', async () => {
  const source = uniqueSource('later');
  let open = false;
  const noted: unknown[] = [];
  const seen: unknown[] = [];
  const waiting = countingStage('waiting', ({ attempt }, context) => {
    noted.push(context);
    return open
      ? { kind: 'advance', context: { attempt } }
      : { kind: 'defer', afterMs: 3_600_000, context: { n: 7, half: 0.5, at: '2026' } };
  });
  const after = countingStage('after', (_event, context) => {
    seen.push(context);
    return advance;
  });
  const worker = await workerWith(waiting, after);
  expect(await worker.sync(inputOf(source, 5))).toMatchObject({
    outcome: 'done_with_deferred',
    total: 5,
    inserted: 0,
    deferred: 5,
  });
  expect(await proofOf(source)).toMatchObject({ ok: true });
  open = true;
  await database.pool.query('update deferred set next_at = now() where source = $1', [source]);
  expect(await worker.sync({ sourceId: source })).toMatchObject({
    outcome: 'done',
    total: 5,
    inserted: 5,
    deferred: 0,
  });
  expect(noted).toEqual([...Array(5).fill({}), ...Array(5).fill({ n: 7, half: 0.5, at: '2026' })]);
  expect(seen).toEqual(Array(5).fill({ n: 7, half: 0.5, at: '2026', attempt: 2 }));
  const { rows } = await database.pool.query(`select enrichment from events where source = $1`, [source]);
  const kept = {
    context: { n: 7, half: 0.5, at: '2026', attempt: 2 },
    metadata: expect.objectContaining({ ageMs: expect.any(Number) }),
  };
  expect(rows).toEqual(Array(5).fill({ enrichment: kept }));
  expect(await proofOf(source)).toMatchObject({ ok: true });
});

test(`after ${limits.deferredAttemptsMax} attempts it is a dead letter, with its reason and its data`, async () => {
  const source = uniqueSource('hopeless');
  const hopeless = countingStage('hopeless', ({ data }) =>
    data.index === 3 ? { ...again, error: 'still not' } : advance,
  );
  const worker = await workerWith(hopeless);
  expect(await worker.sync(inputOf(source, 10))).toMatchObject({
    outcome: 'done',
    total: 10,
    inserted: 9,
    deferred: 0,
    dead_letters: 1,
  });
  expect(timesShown(hopeless)).toEqual({ 1: 9, [limits.deferredAttemptsMax]: 1 });
  const { rows } = await database.pool.query(
    'select stage, code, error, event, raw from dead_letters where source = $1',
    [source],
  );
  expect(rows).toEqual([
    expect.objectContaining({
      stage: 'hopeless',
      code: 'put_off_too_often',
      error: expect.stringContaining('still not'),
      event: expect.objectContaining({ id: '71-3' }),
    }),
  ]);
  expect(JSON.parse(Buffer.from(rows[0].raw).toString())).toMatchObject({ index: 3 });
  expect(await proofOf(source)).toMatchObject({ ok: true });
});

test('100 events that are always deferred do not keep 5 good ones back, in the stream or among the deferred (A5.10)', async () => {
  const source = uniqueSource('crowded');
  const order: number[] = [];
  const waiting = countingStage('waiting', ({ attempt, data }) =>
    Number(data.index) < 100 || attempt === 1 ? again : advance,
  );
  const after = countingStage('after', ({ data }) => {
    order.push(Number(data.index));
    return advance;
  });
  const worker = await workerWith(waiting, after);
  // Pages of ten: the crowd fills ten of them each time round.
  const result = await worker.sync(inputOf(source, 105, 10));
  expect(result).toMatchObject({ outcome: 'done', total: 105, inserted: 5, dead_letters: 100 });
  expect(order.toSorted((a, b) => a - b)).toEqual([100, 101, 102, 103, 104]);
  const { rows } = await database.pool.query(
    `select max(page) as stored, (select max(seq) from ledger where source = $1) as last from events where source = $1`,
    [source],
  );
  // Eleven pages from the source, and the good ones by the end of the first round of deferred ones.
  expect(rows[0].stored).toBeLessThanOrEqual(23);
  expect(rows[0].last).toBeGreaterThan(80);
  expect(await proofOf(source)).toMatchObject({ ok: true });
}, 180_000);

test('equal events deferred by different pages are stored once', async () => {
  const source = uniqueSource('equal');
  const waiting = countingStage('waiting', ({ attempt }) => (attempt === 1 ? again : advance));
  const worker = await workerWith(waiting);
  const input = inputOf(source, 200, 20);
  const result = await worker.sync({
    ...input,
    source: { ...input.source, options: { ...input.source.options, duplicates: 0.5 } },
  });
  expect(result.total).toBe(200);
  expect(result.inserted + result.skipped_duplicate + result.skipped_existing).toBe(200);
  expect(await count('events', source)).toBe(result.inserted);
  expect(await proofOf(source)).toMatchObject({ ok: true, doubled: 0 });
});

test('a long history goes on in a new run while events come back, and each is still counted once', async () => {
  const source = uniqueSource('long');
  const waiting = countingStage('waiting', ({ attempt }) => (attempt === 1 ? again : advance));
  const short = (real: Activities): Activities => ({
    ...real,
    async openRun(input) {
      const opened = await real.openRun(input);
      return opened.kind === 'run' ? { ...opened, plan: { ...opened.plan, historyEventsMax: 100 } } : opened;
    },
  });
  const worker = await testWorker(database, { stages: [waiting], activities: short });
  workers.push(worker);
  expect(await worker.sync(inputOf(source, 100, 10))).toMatchObject({
    outcome: 'done',
    total: 100,
    inserted: 100,
    deferred: 0,
  });
  expect(timesShown(waiting)).toEqual({ 2: 100 });
  const { rows } = await database.pool.query(
    'select epoch, sum(deferred)::integer as put_off, sum(redriven)::integer as back from ledger where source = $1 group by epoch order by epoch',
    [source],
  );
  expect(rows.length).toBeGreaterThan(2);
  expect(rows.some(({ put_off: putOff, back }) => putOff === 0 && back > 0)).toBe(true);
  expect(await proofOf(source)).toMatchObject({ ok: true });
});

test('stages of the input are those this worker has; its own may be left out', async () => {
  const own = countingStage('own');
  const worker = await workerWith(own);
  const builtIn = ['validate', 'hash', 'deduplicate', 'enrich', 'persist'];
  const without = await worker.sync({ ...inputOf(uniqueSource('without'), 5), stages: builtIn });
  expect([without.inserted, own.shown.size]).toEqual([5, 0]);
  const unknown = worker.sync({
    ...inputOf(uniqueSource('unknown'), 5),
    stages: [...builtIn.slice(0, 4), 'owner', 'persist'],
  });
  await expect(unknown).rejects.toMatchObject({
    cause: { message: expect.stringMatching(/^stages\.4: .*expected one of .*own, persist/) },
  });
  const misplaced = worker.sync({ ...inputOf(uniqueSource('misplaced'), 5), stages: ['own', ...builtIn] });
  await expect(misplaced).rejects.toMatchObject({ cause: { message: expect.stringMatching(/^stages: /) } });
});

test('what a stage deferred waits for a run that has the stage', async () => {
  const source = uniqueSource('absent');
  const other = countingStage('other');
  const having = await workerWith(
    countingStage('waiting', ({ attempt }) => (attempt === 1 ? { kind: 'defer', afterMs: 3_600_000 } : advance)),
  );
  const without = await workerWith(other);
  await having.sync(inputOf(source, 5));
  await database.pool.query('update deferred set next_at = now() where source = $1', [source]);
  expect(await without.sync({ sourceId: source })).toMatchObject({ outcome: 'done_with_deferred' });
  expect([other.shown.size, await count('deferred', source)]).toEqual([0, 5]);
  expect(await having.sync({ sourceId: source })).toMatchObject({ outcome: 'done', inserted: 5 });
});

test('verify goes red when a deferred row is deleted, or one too many is there', async () => {
  const source = uniqueSource('red');
  const worker = await workerWith(
    countingStage('waiting', ({ data }) => (Number(data.index) < 3 ? { kind: 'defer', afterMs: 3_600_000 } : advance)),
  );
  await worker.sync(inputOf(source, 10));
  const name = 'deferred events are as many as the ledger counts';
  const foundOf = async (damage?: string) =>
    (await proofOf(source, damage)).invariants.find((invariant) => invariant.name === name)!.found;
  expect(await foundOf()).toBe(0);
  expect(await foundOf(`delete from deferred where source = $1 and ordinal = 0`)).toBe(1);
  expect(
    await foundOf(
      `insert into deferred select source, epoch, page, ordinal + 100, stage, event, context, processed, attempts, next_at from deferred where source = $1`,
    ),
  ).toBeGreaterThan(0);
});
