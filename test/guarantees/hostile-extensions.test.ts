// Whatever a stage or a processor throws or does, to one event: its page goes on without that, the other sources are not
// disturbed, what happened is noted with the event, and nothing is lost.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { startExtensions, type Extensions } from '../../src/workers/extensions/index.js';
import { testDatabase } from '../support/database.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const told: string[] = [];
let extensions: Extensions;
let worker: TestWorker;

beforeAll(async () => {
  extensions = await startExtensions([join(packageRoot, 'test/support/hostile-extensions.mjs')], (line) =>
    told.push(line),
  );
  worker = await testWorker(database, { extensions });
});
afterAll(async () => {
  await worker.stop();
  extensions.end();
});

const events = 60;
const inputOf = (source: string) => ({
  source: { type: 'synthetic', id: source, options: { events, seed: source.length, pageEvents: 30 } },
  batch: { events: 30 },
});

/** What is thrown or done, and what is told of it. */
const inAnyWay: Readonly<Record<string, RegExp>> = {
  bare: /cannot be shown \(object\)/,
  message: /cannot be shown \(object\)/,
  symbol: /Symbol\(thrown\)/,
  proxy: /cannot be shown \(object\)/,
  text: /^x{200}/,
  nothing: /undefined/,
  exit: /ended its process \(exit code 3\)/,
  abort: /ended its process \(SIGABRT\)/,
  loop: /let nothing else run for 5 s/,
  // Where the processor is shared by many, the garbage collector is at it for longer than may be.
  heap: /ended its process \(SIGABRT\)|took more than 512 MiB|let nothing else run/,
};
const ofStages = {
  ...inAnyWay,
  answer: /kind is not to be read/,
  answerproxy: /revoked/,
  channel: /closed its channel|ended its process/,
  buffers: /took more than 512 MiB/,
};
const ofProcessors = {
  ...inAnyWay,
  answer: /kind is not to be read/,
  answerproxy: /revoked|no object/,
  never: /no answer within 1000 ms/,
};

async function deferredOf(source: string): Promise<{ index: number; error: string }[]> {
  const { rows } = await database.pool.query(
    `select ((event ->> 'dataText')::jsonb ->> 'index')::integer as index, error from deferred where source = $1`,
    [source],
  );
  return rows;
}

async function enrichmentOf(source: string): Promise<Map<number, { hostile: { error?: string }; after: object }>> {
  const { rows } = await database.pool.query(
    `select (data ->> 'index')::integer as index, enrichment from events where source = $1`,
    [source],
  );
  return new Map(rows.map(({ index, enrichment }) => [index, enrichment]));
}

test.concurrent.each(Object.entries(ofStages))(
  'a stage: %s',
  async (deed, text) => {
    const [bad, good] = [uniqueSource(`s.${deed}`), uniqueSource('s.good')];
    const [hurt, whole] = await Promise.all([worker.sync(inputOf(bad)), worker.sync(inputOf(good))]);
    expect(whole).toMatchObject({ outcome: 'done', inserted: events, deferred: 0 });
    expect(hurt).toMatchObject({ outcome: 'done_with_deferred', inserted: events - 1, deferred: 1, dead_letters: 0 });
    expect(await deferredOf(bad)).toEqual([{ index: 7, error: expect.stringMatching(text) }]);
    expect((await deferredOf(bad))[0]!.error.length).toBeLessThanOrEqual(2_000);
    expect(await verifySources(database.pool, { source: bad, contents: () => true })).toMatchObject([{ ok: true }]);
  },
  300_000,
);

test.concurrent.each(Object.entries(ofProcessors))(
  'a processor: %s',
  async (deed, text) => {
    const [bad, good] = [uniqueSource(`p.${deed}`), uniqueSource('p.good')];
    const results = await Promise.all([worker.sync(inputOf(bad)), worker.sync(inputOf(good))]);
    expect(results).toMatchObject(
      results.map(() => ({ outcome: 'done', inserted: events, deferred: 0, dead_letters: 0 })),
    );
    const [noted, other] = [await enrichmentOf(bad), await enrichmentOf(good)];
    expect(noted.get(7)).toMatchObject({
      hostile: { error: expect.stringMatching(text) },
      after: { skipped: 'needs hostile, which failed' },
    });
    noted.delete(7);
    for (const enrichment of [...noted.values(), ...other.values()])
      expect(enrichment).toMatchObject({ hostile: { seen: true }, after: { host: 'string' } });
  },
  300_000,
);

test.concurrent.each([
  ['s.stray', /stage hostile, event \d+-7 of s\.stray-\w+\): nobody waits for this/],
  ['p.stray', /processor hostile, page 1\.1 of p\.stray-\w+\): nobody waits for this/],
  ['s.timer', /stage hostile, event \d+-7 of s\.timer-\w+\): thrown by a timer/],
])(
  'what is thrown where nobody waits for it is told, with its place, and stops nothing: %s',
  async (deed, text) => {
    const [bad, good] = [uniqueSource(deed), uniqueSource('s.good')];
    const results = await Promise.all([worker.sync(inputOf(bad)), worker.sync(inputOf(good))]);
    expect(results).toMatchObject(results.map(() => ({ outcome: 'done', inserted: events, deferred: 0 })));
    expect(told.filter((line) => text.test(line))).not.toEqual([]);
  },
  300_000,
);
