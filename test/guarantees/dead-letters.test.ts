// Dead letters come back when a person says so: each once, into the stage that refused it, and `verify` sees it all.
import { afterAll, expect, test } from 'vitest';
import type { Answer } from '../../src/domain/event-stage.js';
import { limits } from '../../src/limits.js';
import { decideLetters, type Decision } from '../../src/store/decide-letters.js';
import { listDeadLetters } from '../../src/store/reading/search-dead-letters.js';
import { listSourceStatus } from '../../src/store/reading/source-status.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { testDatabase } from '../support/database.js';
import { advance, countingStage, timesShown } from '../support/event-stages.js';
import { faulty } from '../support/faults.js';
import { createGate } from '../support/gate.js';
import { mendableSource } from '../support/mendable-source.js';
import { testWorker, uniqueSource, type TestWorker, type TestWorkerOptions } from '../support/temporal.js';

const database = testDatabase();
const workers: TestWorker[] = [];

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
});

async function workerWith(options: TestWorkerOptions): Promise<TestWorker> {
  const worker = await testWorker(database, options);
  workers.push(worker);
  return worker;
}

function inputOf(source: string, events: number, batch = 100) {
  return {
    source: { type: 'synthetic', id: source, options: { events, seed: 71, pageEvents: 10 } },
    batch: { events: batch },
  };
}

function decided(
  source: string,
  decision: Decision = 'redriven',
  part: { code?: string; stage?: string } = {},
): Promise<number> {
  return decideLetters(database.pool, {
    source,
    decision,
    by: 'ada',
    reason: decision === 'discarded' ? 'not ours' : null,
    ...part,
  });
}

async function open(source: string) {
  return listDeadLetters(database.pool, { source, state: 'open' }, 10_000);
}

async function ids(source: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>('select id from events where source = $1 order by id', [
    source,
  ]);
  return rows.map(({ id }) => id);
}

async function proofOf(source: string) {
  const [proof] = await verifySources(database.pool, { source, contents: () => true });
  return proof!;
}

const proved = { ok: true, lost: 0, doubled: 0, invented: 0 };

test('what a mapper refused comes back once it is mended: the store is what it would be had it never been broken', async () => {
  const [source, whole] = [uniqueSource('mended'), uniqueSource('whole')];
  const mapper = mendableSource();
  const worker = await workerWith({ sources: [mapper] });
  // Of 50 records ten die whole; of 40 one event of three lives.
  expect(await worker.sync(inputOf(source, 50))).toMatchObject({
    outcome: 'done',
    total: 130,
    inserted: 40,
    dead_letters: 90,
  });
  expect(await proofOf(source)).toMatchObject(proved);
  expect(await decided(source)).toBe(90);
  expect(await proofOf(source)).toMatchObject(proved);
  mapper.mended = true;
  expect(await worker.sync({ sourceId: source })).toMatchObject({
    outcome: 'done',
    total: 110,
    inserted: 110,
    dead_letters: 0,
    deferred: 0,
  });
  await worker.sync(inputOf(whole, 50));
  expect(await ids(source)).toEqual(await ids(whole));
  expect(await open(source)).toEqual([]);
  expect(await proofOf(source)).toMatchObject({ ...proved, events: 150 });
  expect(await listSourceStatus(database.pool, source)).toMatchObject([
    { fetched: 150, inserted: 150, deferred: 0, dead: 0 },
  ]);
  // Again, and again nothing: a decision is made once.
  expect(await decided(source)).toBe(0);
  expect(await worker.sync({ sourceId: source })).toMatchObject({ outcome: 'done_empty', total: 0 });
});

test('an event that dies again is a dead letter again, with its new error and the number of its deaths', async () => {
  const source = uniqueSource('again');
  const worker = await workerWith({ sources: [mendableSource()] });
  await worker.sync(inputOf(source, 6));
  const before = await open(source);
  expect(await decided(source)).toBe(before.length);
  expect(await worker.sync({ sourceId: source })).toMatchObject({
    total: before.length,
    inserted: 0,
    dead_letters: before.length,
  });
  const after = await open(source);
  expect(after.map(({ stage, code, deaths }) => [stage, code, deaths])).toEqual(
    before.map(({ stage, code }) => [stage, code, 2]),
  );
  const { rows } = await database.pool.query(
    'select earlier_letter from dead_letters where source = $1 and deaths = 2 order by epoch, page, ordinal',
    [source],
  );
  expect(rows.map(({ earlier_letter: key }) => key)).toEqual(
    before.map(({ epoch, page, ordinal }) => `${epoch}.${page}.${ordinal}`),
  );
  expect(await proofOf(source)).toMatchObject(proved);
});

test('the bytes of a record that several dead events share are there again after they died again', async () => {
  const source = uniqueSource('shared');
  const mapper = mendableSource();
  const worker = await workerWith({ sources: [mapper] });
  await worker.sync(inputOf(source, 3));
  for (let times = 0; times < 2; times++) {
    await decided(source);
    await worker.sync({ sourceId: source });
  }
  // Only the siblings without bytes of their own: those come from a letter that stays.
  const siblings = (await open(source)).filter(({ code }) => code === 'bad_id').filter((_, at) => at % 2 === 1);
  await decideLetters(database.pool, { source, keys: siblings, decision: 'redriven', by: 'ada', reason: null });
  mapper.mended = true;
  expect(await worker.sync({ sourceId: source })).toMatchObject({ total: 2, inserted: 2 });
  expect((await ids(source)).filter((id) => id.endsWith('.2'))).toEqual(['71-1.2', '71-2.2']);
  expect(await proofOf(source)).toMatchObject(proved);
});

test('what an event stage gave up goes on from that stage with its context; no stage before sees it again', async () => {
  const source = uniqueSource('given-up');
  let mended = false;
  const contexts: unknown[] = [];
  const before = countingStage('before', () => ({ kind: 'advance', context: { owner: 'payments' } }));
  const again: Answer = { kind: 'defer', afterMs: 0, context: { tried: true }, error: 'the list is away' };
  const failing = countingStage('failing', ({ data, attempt }, context) => {
    if (mended) contexts.push([attempt, context]);
    return mended || Number(data.index) > 2 ? advance : again;
  });
  const after = countingStage('after');
  const worker = await workerWith({ stages: [before, failing, after] });
  expect(await worker.sync(inputOf(source, 10))).toMatchObject({ total: 10, inserted: 7, dead_letters: 3 });
  mended = true;
  expect(await decided(source, 'redriven', { stage: 'failing', code: 'put_off_too_often' })).toBe(3);
  expect(await worker.sync({ sourceId: source })).toMatchObject({ total: 3, inserted: 3, dead_letters: 0 });
  expect(contexts).toEqual(Array(3).fill([1, { owner: 'payments', tried: true }]));
  expect([timesShown(before), timesShown(after)]).toEqual([{ 1: 10 }, { 1: 10 }]);
  const { rows } = await database.pool.query(
    `select count(*)::integer as n from events where source = $1 and enrichment -> 'context' ->> 'owner' = 'payments' and enrichment ? 'metadata'`,
    [source],
  );
  expect(rows).toEqual([{ n: 10 }]);
  expect(await proofOf(source)).toMatchObject(proved);
});

test(`a redriven event has ${limits.deferredAttemptsMax} attempts again, and deferred after that it still knows that it died`, async () => {
  const source = uniqueSource('attempts');
  const hopeless = countingStage('hopeless', () => ({ kind: 'defer', afterMs: 0 }));
  const worker = await workerWith({ stages: [hopeless] });
  await worker.sync(inputOf(source, 1));
  await decided(source);
  expect(await worker.sync({ sourceId: source })).toMatchObject({ total: 1, dead_letters: 1, deferred: 0 });
  expect(timesShown(hopeless)).toEqual({ [2 * limits.deferredAttemptsMax]: 1 });
  expect(await open(source)).toMatchObject([{ stage: 'hopeless', deaths: 2 }]);
  expect(await proofOf(source)).toMatchObject(proved);
});

test('what Postgres refused goes on from persist, as it was, and is stored once Postgres takes it', async () => {
  const source = uniqueSource('refused');
  await database.pool.query(`create or replace function refuse() returns trigger language plpgsql as $$ begin
    if new.source like 'refused-%' and (new.data ->> 'index')::integer % 4 = 0 then raise exception 'not today' using errcode = '22023'; end if; return new; end $$;
    create trigger refusing before insert on events for each row execute function refuse()`);
  const seen = countingStage('seen', () => ({ kind: 'advance', context: { seen: true } }));
  const worker = await workerWith({ stages: [seen] });
  expect(await worker.sync(inputOf(source, 20))).toMatchObject({ inserted: 15, dead_letters: 5 });
  await decided(source);
  expect(await worker.sync({ sourceId: source })).toMatchObject({ total: 5, inserted: 0, dead_letters: 5 });
  expect(await open(source)).toMatchObject(Array(5).fill({ stage: 'persist', code: '22023', deaths: 2 }));
  await database.pool.query('drop trigger refusing on events');
  await decided(source);
  expect(await worker.sync({ sourceId: source })).toMatchObject({ total: 5, inserted: 5 });
  expect(timesShown(seen)).toEqual({ 1: 20 });
  const { rows } = await database.pool.query(
    `select count(*)::integer as n from events where source = $1 and enrichment #>> '{context,seen}' = 'true' and enrichment ? 'metadata'`,
    [source],
  );
  expect(rows).toEqual([{ n: 20 }]);
  expect(await proofOf(source)).toMatchObject(proved);
});

test('what is discarded stays, with who and why; the proof holds; by its key it can still be brought back', async () => {
  const source = uniqueSource('discarded');
  const mapper = mendableSource();
  const worker = await workerWith({ sources: [mapper] });
  await worker.sync(inputOf(source, 11));
  expect(await decided(source, 'discarded', { code: 'not_understood' })).toBe(3);
  expect(await decided(source, 'discarded', { code: 'not_understood' })).toBe(0);
  expect(await listSourceStatus(database.pool, source)).toMatchObject([{ dead: 16, deferred: 0 }]);
  expect(await proofOf(source)).toMatchObject(proved);
  const discarded = await listDeadLetters(database.pool, { source, state: 'discarded' }, 10);
  expect(discarded).toHaveLength(3);
  mapper.mended = true;
  expect(await decided(source)).toBe(16);
  expect(
    await decideLetters(database.pool, {
      source,
      keys: discarded.slice(0, 1),
      decision: 'redriven',
      by: 'bob',
      reason: null,
    }),
  ).toBe(1);
  expect(await worker.sync({ sourceId: source })).toMatchObject({ inserted: 19, dead_letters: 0 });
  const { rows } = await database.pool.query(
    'select decision, decided_by, reason from dead_letter_decisions where source = $1 and (epoch, page, ordinal) = ($2, $3, $4) order by decided_at',
    [source, discarded[0]!.epoch, discarded[0]!.page, discarded[0]!.ordinal],
  );
  expect(rows).toEqual([
    { decision: 'discarded', decided_by: 'ada', reason: 'not ours' },
    { decision: 'redriven', decided_by: 'bob', reason: null },
  ]);
  expect(await proofOf(source)).toMatchObject(proved);
  expect(await listSourceStatus(database.pool, source)).toMatchObject([{ dead: 0, deferred: 0 }]);
});

test('redriven while the sync of the source runs, letters come back with that sync, and its sums are right', async () => {
  const source = uniqueSource('during');
  const mapper = mendableSource();
  const gate = createGate();
  const held = faulty(async (point, name, times) =>
    name === source && point === 'fetchPage.before' && times === 3 ? gate.pass() : undefined,
  );
  const worker = await workerWith({ ...held, sources: [mapper] });
  const handle = await worker.start({ ...inputOf(source, 30, 10), batch: { events: 10, inFlight: 1 } });
  await gate.reached;
  mapper.mended = true;
  const redriven = await decided(source);
  expect(redriven).toBeGreaterThan(0);
  gate.open();
  const result = await handle.result();
  expect(result).toMatchObject({ outcome: 'done', deferred: 0, dead_letters: redriven });
  expect(result.total).toBe(result.inserted + result.dead_letters);
  expect(await ids(source)).toHaveLength(90);
  expect(await open(source)).toEqual([]);
  expect(await proofOf(source)).toMatchObject(proved);
});

test('of many people who redrive at once, while a sync commits, each letter is redriven by one', async () => {
  const source = uniqueSource('crowd');
  const mapper = mendableSource();
  const worker = await workerWith({ sources: [mapper] });
  await worker.sync(inputOf(source, 200));
  const letters = (await open(source)).length;
  mapper.mended = true;
  const sync = worker.sync({ ...inputOf(source, 400, 10) });
  const counts = await Promise.all(
    Array.from({ length: 6 }, (_, at) => decided(source, at % 2 === 0 ? 'redriven' : 'discarded')),
  );
  await sync;
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(letters);
  const discarded = await listDeadLetters(database.pool, { source, state: 'discarded' }, 10_000);
  await decideLetters(database.pool, { source, keys: discarded, decision: 'redriven', by: 'ada', reason: null });
  await worker.sync({ sourceId: source });
  expect(await ids(source)).toHaveLength(1_200);
  expect(await proofOf(source)).toMatchObject(proved);
});

test('verify goes red when a redriven letter does not wait, or waits without a decision', async () => {
  const source = uniqueSource('red');
  const worker = await workerWith({ sources: [mendableSource()] });
  await worker.sync(inputOf(source, 6));
  await decided(source);
  const name = 'deferred events are as many as the ledger counts';
  const foundAfter = async (damage: string) => {
    await database.pool.query(damage, [source]);
    return (await proofOf(source)).invariants.find((invariant) => invariant.name === name)!.found;
  };
  expect(await foundAfter('delete from deferred where source = $1 and ordinal = 0')).toBe(1);
  expect(await foundAfter(`delete from dead_letter_decisions where source = $1 and ordinal = 0`)).toBe(0);
  expect(await foundAfter(`delete from dead_letter_decisions where source = $1 and ordinal = 2`)).toBe(1);
});
