// Redriven letters on their way back: by stage, within the bounds of a page, and bytes that several share once.
import { expect, test } from 'vitest';
import type { DeadEvent } from '../../src/domain/stage.js';
import { decideLetters } from '../../src/store/decide-letters.js';
import { findDueLetters } from '../../src/store/due-letters.js';
import { listDeadLetters } from '../../src/store/reading/search-dead-letters.js';
import { persistPage } from '../../src/store/persist.js';
import { aPage, openedRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

function dead(ordinal: number, part: Partial<DeadEvent> = {}): DeadEvent {
  return {
    ordinal,
    stage: 'validate',
    code: 'bad',
    error: 'bad',
    event: null,
    raw: Buffer.alloc(100, ordinal),
    ...part,
  };
}

async function redriven(letters: readonly DeadEvent[]): Promise<string> {
  const run = await openedRun(database.workerPool);
  await persistPage(database.workerPool, aPage(run, { dead: letters }));
  await decideLetters(database.pool, { source: run.source, decision: 'redriven', by: 'ada', reason: null });
  return run.source;
}

function due(source: string, part: { stages?: string[]; eventsMax?: number; bytesMax?: number } = {}) {
  return findDueLetters(database.workerPool, {
    source,
    stages: ['validate', 'persist'],
    now: new Date(Date.now() + 60_000),
    eventsMax: 100,
    bytesMax: 1_000_000,
    ...part,
  });
}

test('bytes that letters share come with the first of them and count once', async () => {
  const source = await redriven([
    dead(0, { part: 0 }),
    ...[1, 2, 3].map((n) => dead(n, { part: n, raw: null, holder: 0 })),
    dead(4),
    dead(5),
  ]);
  const found = await due(source, { bytesMax: 110 });
  expect(found).toMatchObject({ kind: 'records', stage: 'validate' });
  const records = found?.kind === 'records' ? found.records : [];
  expect(
    records.map(({ ordinal, part, holder, record }) => [ordinal, part, holder, record?.byteLength ?? null]),
  ).toEqual([
    [0, 0, 0, 100],
    [1, 1, 0, null],
    [2, 2, 0, null],
    [3, 3, 0, null],
    [4, null, 4, 100],
  ]);
  // At least one comes, however large.
  expect(await due(source, { bytesMax: 1 })).toMatchObject({ records: [{ ordinal: 0 }] });
  expect(await due(source, { eventsMax: 2 })).toMatchObject({ records: [{ ordinal: 0 }, { ordinal: 1 }] });
});

test('one stage at a time, and only those the run has', async () => {
  const event = { id: 'x', key: 'k', dataText: '{}' };
  const given = { event, context: { a: 1 }, processed: ['validate'], raw: null };
  const source = await redriven([
    dead(0, { stage: 'owner', ...given }),
    dead(1, { stage: 'hash' }),
    dead(2, { stage: 'persist', raw: Buffer.from(JSON.stringify({ ordinal: 2, ...event })) }),
  ]);
  expect(await due(source, { stages: ['validate', 'persist', 'owner'] })).toEqual({
    kind: 'events',
    stage: 'owner',
    events: [
      {
        epoch: 1,
        page: 1,
        ordinal: 0,
        letter: { deaths: 1, key: '1.1.0' },
        event,
        context: { a: 1 },
        processed: ['validate'],
        attempts: 0,
      },
    ],
  });
  expect(await due(source)).toMatchObject({ kind: 'records', stage: 'validate', records: [{ ordinal: 1 }] });
  expect(await due(source, { stages: ['persist'] })).toMatchObject({
    kind: 'events',
    stage: 'persist',
    events: [{ ordinal: 2, event: { id: 'x' } }],
  });
  expect(await due(source, { stages: ['other'] })).toBeUndefined();
});

test('a letter that keeps too little is not redriven, and may be discarded', async () => {
  const source = await redriven([
    dead(0, { stage: 'validate', raw: null }),
    dead(1, { stage: 'owner', event: { id: 'x' } }),
  ]);
  expect(await due(source)).toBeUndefined();
  expect(await listDeadLetters(database.pool, { source, state: 'open' }, 10)).toHaveLength(2);
  expect(await decideLetters(database.pool, { source, decision: 'discarded', by: 'ada', reason: 'old' })).toBe(2);
});
