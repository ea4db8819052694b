// A source with a row of every kind that a proof rests on.
import { decideLetters } from '../../src/store/decide-letters.js';
import { writeUnder } from '../../src/store/holding.js';
import { persistPage } from '../../src/store/persist.js';
import { deferredQueue } from '../../src/store/queues.js';
import { after, anEvent, aPage, aRun, aSourceRow, openedRun, stored } from './builders.js';
import type { TestDatabase } from './database.js';
import { expressHolding, receiptsTable } from './express-holding.js';

/** Everything there can be: several epochs, state put in, changed and taken out, letters decided, events deferred and taken back, a write beside the pages. */
export async function fill(source: string, { workerPool: pool, pool: owner }: TestDatabase): Promise<void> {
  let run = await openedRun(pool, aSourceRow({ id: source }));
  const commit = async (part: Parameters<typeof aPage>[1]): Promise<void> => {
    const page = aPage(run, { ingestedAt: new Date(Date.UTC(2026, 10, 1, 0, run.seq, run.epoch)), ...part });
    await persistPage(pool, page);
    run = after(run, page);
  };
  const rich = (n: number) => ({
    ...stored(
      anEvent(
        source,
        n,
        { n, at: 'a\tb\\c' },
        {
          subject: `about ${n}`,
          time: `2026-10-01T00:00:0${n % 10}Z`,
          flags: n % 2 === 0 ? ['one'] : ['two', 'three'],
          raw: Buffer.from([n]),
        },
      ),
    ),
    enrichment: `{"metadata":{"n":${n}}}`,
  });
  const deferred = [1, 2].map((n) => putOff(n));
  await commit({
    events: [0, 1, 2].map(rich),
    deferred,
    statePatch: [tip('main', 1), tip('gone', 1)],
    dead: [letter(5), letter(6)],
  });
  await commit({
    events: [3, 4].map(rich),
    duplicate: 1,
    statePatch: [tip('main', 2), tip('next', 1), { kind: 'tip', key: 'gone', value: null }],
  });
  await decideLetters(owner, {
    source,
    decision: 'discarded',
    by: 'ada',
    reason: 'not ours',
    keys: [{ source, epoch: 1, page: 1, ordinal: 5 }],
  });
  await decideLetters(owner, {
    source,
    decision: 'redriven',
    by: 'bob',
    reason: null,
    keys: [{ source, epoch: 1, page: 1, ordinal: 6 }],
  });
  run = await openedRun(pool, aSourceRow({ id: source }), aRun());
  await commit({ events: [7].map(rich), queued: { queue: deferredQueue, keys: ['1.1.1'] } });
  const version = (n: number, deleted = false) => ({
    ...stored(
      anEvent(source, n, { n }, { identity: { kind: 'versioned', key: `thing\t${n % 2}`, version: `${n}`, deleted } }),
    ),
  });
  await commit({ events: [...[8, 9].map(rich), version(10), version(11), version(12, true)], dead: [letter(3)] });
  await owner.query(receiptsTable);
  const beside = {
    ingestedAt: new Date(Date.UTC(2026, 10, 2)),
    events: [rich(11)],
    deferred: [],
    dead: [],
    returned: new Map(),
  };
  await writeUnder(pool, expressHolding(source, 'delivery', beside.ingestedAt), beside);
}

const tip = (key: string, value: number) => ({ kind: 'tip', key, value });
const putOff = (ordinal: number) => ({
  ordinal,
  stage: 'own',
  event: { id: `later-${ordinal}` },
  context: { n: ordinal },
  processed: ['hash'],
  attempts: ordinal,
  nextAt: new Date(),
  error: `not yet ${ordinal}`,
});
const letter = (ordinal: number) => ({
  ordinal,
  stage: 'validate',
  code: `code_${ordinal}`,
  error: `error ${ordinal}`,
  event: { n: ordinal },
  raw: Buffer.from([ordinal]),
  part: ordinal,
  context: { n: ordinal },
});
