// What is listed of dead letters and of what waits: by key, in any state, with all that is kept and what became of it.
import { expect, test } from 'vitest';
import type { DeadEvent } from '../../../src/domain/stage.js';
import { decideLetters } from '../../../src/store/decide-letters.js';
import { persistPage } from '../../../src/store/persist.js';
import { letterQueue } from '../../../src/store/queues.js';
import {
  findDeadLetter,
  listDeadLetters,
  listLetterSources,
  type LetterState,
} from '../../../src/store/reading/search-dead-letters.js';
import { listDeferred, listRedrivenSources } from '../../../src/store/reading/search-deferred.js';
import { after, aPage, openedRun } from '../../support/builders.js';
import { testDatabase } from '../../support/database.js';

const database = testDatabase();

function dead(ordinal: number, part: Partial<DeadEvent> = {}): DeadEvent {
  return {
    ordinal,
    stage: 'validate',
    code: 'bad',
    error: 'bad',
    event: null,
    raw: Buffer.from(`record ${ordinal}`),
    ...part,
  };
}

test('each is in one state: open, redriven or discarded', async () => {
  const run = await openedRun(database.workerPool);
  await persistPage(database.workerPool, aPage(run, { dead: [0, 1, 2, 3].map((n) => dead(n)) }));
  const { source } = run;
  const key = (ordinal: number) => ({ source, epoch: run.epoch, page: 1, ordinal });
  await decideLetters(database.pool, { source, keys: [key(1), key(2)], decision: 'discarded', by: 'ada', reason: 'x' });
  await decideLetters(database.pool, { source, keys: [key(2), key(3)], decision: 'redriven', by: 'bob', reason: null });
  const ordinals = async (state?: LetterState) =>
    (await listDeadLetters(database.pool, { source, state }, 10)).map((letter) => [letter.ordinal, letter.state]);
  expect(await ordinals()).toEqual([
    [0, 'open'],
    [1, 'discarded'],
    [2, 'redriven'],
    [3, 'redriven'],
  ]);
  expect([await ordinals('open'), await ordinals('discarded'), await ordinals('redriven')]).toEqual([
    [[0, 'open']],
    [[1, 'discarded']],
    [
      [2, 'redriven'],
      [3, 'redriven'],
    ],
  ]);
  expect(await listLetterSources(database.pool, { source, code: 'bad' })).toEqual([source]);
  expect(await listLetterSources(database.pool, { source, code: 'other' })).toEqual([]);
  expect(await listRedrivenSources(database.pool, [source])).toEqual([
    { id: source, type: 'synthetic', origin: `origin of ${source}`, redriven: 2 },
  ]);
  expect(
    (await listDeferred(database.pool, source, 10, key(2))).map(({ ordinal, attempts }) => [ordinal, attempts]),
  ).toEqual([[3, 0]]);
  expect(await findDeadLetter(database.pool, key(2))).toMatchObject({
    waits: true,
    laterLetter: null,
    runId: run.runId,
    decisions: [
      { decision: 'discarded', by: 'ada', reason: 'x' },
      { decision: 'redriven', by: 'bob', reason: null },
    ],
  });
});

test('a letter without bytes of its own shows those of its record; one that died again names the other, and is named', async () => {
  const run = await openedRun(database.workerPool);
  const first = aPage(run, { dead: [dead(0, { part: 0 }), dead(1, { part: 1, raw: null, holder: 0 })] });
  await persistPage(database.workerPool, first);
  const { source, epoch } = run;
  await decideLetters(database.pool, { source, decision: 'redriven', by: 'ada', reason: null });
  const queued = { queue: letterQueue, keys: [0, 1].map((ordinal) => `${epoch}.1.${ordinal}`) };
  const returned = new Map([[0, { attempts: 0, processed: [], letter: { deaths: 1, key: `${epoch}.1.1` } }]]);
  await persistPage(database.workerPool, aPage(after(run, first), { dead: [dead(0)], removed: 1, queued, returned }));
  expect(await findDeadLetter(database.pool, { source, epoch, page: 1, ordinal: 1 })).toMatchObject({
    raw: Buffer.from('record 0'),
    waits: false,
    laterLetter: `${epoch}.2.0`,
  });
  expect(await findDeadLetter(database.pool, { source, epoch, page: 2, ordinal: 0 })).toMatchObject({
    deaths: 2,
    earlierLetter: `${epoch}.1.1`,
    state: 'open',
  });
  expect(await findDeadLetter(database.pool, { source, epoch, page: 1, ordinal: 0 })).toMatchObject({
    waits: false,
    laterLetter: null,
    state: 'redriven',
  });
  expect(await findDeadLetter(database.pool, { source, epoch, page: 9, ordinal: 9 })).toBeUndefined();
});

test('a page that takes letters back without accounting for each is refused by Postgres itself', async () => {
  const run = await openedRun(database.workerPool);
  const first = aPage(run, { dead: [dead(0), dead(1)] });
  await persistPage(database.workerPool, first);
  const { source, epoch } = run;
  await decideLetters(database.pool, { source, decision: 'redriven', by: 'ada', reason: null });
  const queued = { queue: letterQueue, keys: [0, 1].map((ordinal) => `${epoch}.1.${ordinal}`) };
  const short = aPage(after(run, first), { removed: 1, queued });
  await expect(persistPage(database.workerPool, short)).rejects.toThrow('what_comes_back_is_a_page_of_its_own');
  expect(await persistPage(database.workerPool, { ...short, removed: 7, remapped: 1 })).toMatchObject({ fetched: 7 });
});
