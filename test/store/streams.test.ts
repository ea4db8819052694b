// How streams stand, told in a few lines however many there are.
import { expect, test } from 'vitest';
import { persistPage } from '../../src/store/persist.js';
import { findStreams } from '../../src/store/streams.js';
import { aPage, openedRun } from '../support/builders.js';
import { testDatabase } from '../support/database.js';

const database = testDatabase();

function row(key: string, state: string, part: object = {}) {
  return { kind: 'stream', key, value: { state, position: {}, ended: null, records: 0, ...part } };
}

test('a source without streams has nothing to tell', async () => {
  const { source } = await openedRun(database.workerPool);
  expect(await findStreams(database.workerPool, source)).toBeNull();
});

test('of many streams all are counted, and those that want a look come first, the longest wait ahead, cut short', async () => {
  const run = await openedRun(database.workerPool);
  const [since, until] = ['2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z'];
  const healthy = Array.from({ length: 900 }, (_, at) => row(`channel/${at}`, 'up_to_date'));
  const limited = Array.from({ length: 9 }, (_, at) =>
    row(`limited/${at}`, 'rate_limited', { message: 'later', until, since }),
  );
  const broken = ['b', 'a'].map((name) =>
    row(name.repeat(300), 'needs_attention', { message: 'x'.repeat(999), since }),
  );
  const oldest = row('oldest', 'needs_attention', { since: '2026-01-01T00:00:00.000Z' });
  const gone = row('left', 'gone', { message: 'not listed', since });
  const statePatch = [...healthy, ...limited, ...broken, oldest, gone];
  await persistPage(database.workerPool, aPage(run, { statePatch }));
  const told = await findStreams(database.workerPool, run.source);
  expect(told?.states).toEqual({ gone: 1, needs_attention: 3, rate_limited: 9, up_to_date: 900 });
  expect(told?.told).toEqual([
    { name: 'oldest', state: 'needs_attention', message: '', since: '2026-01-01T00:00:00.000Z', until: null },
    { name: 'a'.repeat(200), state: 'needs_attention', message: 'x'.repeat(200), since, until: null },
    { name: 'b'.repeat(200), state: 'needs_attention', message: 'x'.repeat(200), since, until: null },
    { name: 'limited/0', state: 'rate_limited', message: 'later', since, until },
    { name: 'limited/1', state: 'rate_limited', message: 'later', since, until },
  ]);
});
