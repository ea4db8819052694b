// Whatever a stage, a processor or a mapper throws or does, to one event or record: its page goes on without that, the other
// sources are not disturbed, what happened is noted with the event, and nothing is lost.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadModules } from '../../src/extensions/module.js';
import { packageRoot } from '../../src/package-root.js';
import { builtInSources } from '../../src/sources/index.js';
import { decideLetters } from '../../src/store/decide-letters.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { startExtensions, type Extensions } from '../../src/workers/extensions/index.js';
import { testDatabase } from '../support/database.js';
import { share } from '../support/share.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
const told: string[] = [];
let extensions: Extensions;
let worker: TestWorker;

beforeAll(async () => {
  const modules = [join(packageRoot, 'test/support/hostile-extensions.mjs')];
  extensions = await startExtensions(modules, (line) => told.push(line));
  const [{ sources } = { sources: [] }] = await loadModules(modules);
  worker = await testWorker(database, { extensions, sources: [...builtInSources, ...sources] });
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
  // An extension has no way to speak for the process that runs it.
  send: /process\.send is not a function/,
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

const ofMappers = {
  ...inAnyWay,
  text: /^x{2000}$/,
  answer: /gave no list of events/,
  answerproxy: /revoked/,
  list: /type is not to be read/,
  listproxy: /revoked/,
  circle: /nested deeper than 100 levels/,
  function: /could not be cloned/,
  huge: /its events have 200\d{5} characters as text, expected at most 16777216/,
  channel: /closed its channel|ended its process/,
};
const ofCode = {
  message: /cannot be shown \(object\)/,
  exit: /ended its process \(exit code 3\)/,
  loop: /let nothing else run for 5 s/,
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

test.concurrent.each(share(Object.entries(ofStages), 3))(
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

test.concurrent.each(share(Object.entries(ofProcessors), 2))(
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

const mappedBy = (source: string, deed: string) => ({
  ...inputOf(source),
  source: { type: 'hostile', id: source, options: { events, seed: 4, pageEvents: 30, deed } },
});

async function lettersOf(source: string): Promise<{ index: number; code: string; error: string; deaths: number }[]> {
  const { rows } = await database.pool.query(
    `select (convert_from(raw, 'UTF8')::jsonb -> 'data' ->> 'index')::integer as index, code, error, deaths
       from dead_letters where source = $1 order by epoch, page`,
    [source],
  );
  return rows;
}

test.concurrent.each(share(Object.entries(ofMappers), 5))(
  'a mapper: %s',
  async (deed, text) => {
    const bad = uniqueSource(`m.${deed}`);
    const hurt = await worker.sync(mappedBy(bad, `m.${deed}`));
    expect(hurt).toMatchObject({ outcome: 'done', inserted: events - 1, deferred: 0, dead_letters: 1 });
    const code = { circle: 'too_deep', huge: 'too_large' }[deed] ?? 'mapper_failed';
    expect(await lettersOf(bad)).toMatchObject([{ index: 7, code, error: expect.stringMatching(text) }]);
    expect(await verifySources(database.pool, { source: bad, contents: () => true })).toMatchObject([{ ok: true }]);
  },
  300_000,
);

test.concurrent('beside them, a source with the same mapper gets all of its events', async () => {
  for (let sync = 0; sync < 5; sync++) {
    const whole = await worker.sync(mappedBy(uniqueSource('m.good'), ''));
    expect(whole).toMatchObject({ outcome: 'done', inserted: events, dead_letters: 0 });
  }
}, 300_000);

test.concurrent('a redriven record goes the same way: it ends its process again and is a letter again; mended, it is an event', async () => {
  const id = uniqueSource('m.redriven');
  const redrive = () => decideLetters(database.pool, { source: id, decision: 'redriven', by: 'ada', reason: null });
  expect(await worker.sync(mappedBy(id, 'm.exit'))).toMatchObject({ inserted: events - 1, dead_letters: 1 });
  await redrive();
  expect(await worker.sync(mappedBy(id, 'm.exit'))).toMatchObject({ inserted: 0, dead_letters: 1 });
  const error = 'mapper hostile ended its process (exit code 3) at this record';
  expect(await lettersOf(id)).toMatchObject([
    { index: 7, error, deaths: 1 },
    { index: 7, error, deaths: 2 },
  ]);
  await redrive();
  expect(await worker.sync(mappedBy(id, ''))).toMatchObject({ inserted: 1, dead_letters: 0 });
  expect(await verifySources(database.pool, { source: id, contents: () => true })).toMatchObject([{ ok: true }]);
}, 300_000);

test.concurrent.each(Object.entries(ofCode))(
  "a source's function for fields of code: %s",
  async (deed, text) => {
    const bad = uniqueSource(`c.${deed}`);
    expect(await worker.sync(mappedBy(bad, `c.${deed}`))).toMatchObject({ outcome: 'done', inserted: events });
    const { rows } = await database.pool.query(
      `select enrichment -> 'code' as code from events where source = $1 order by (data ->> 'index')::integer`,
      [bad],
    );
    expect(rows[7]).toEqual({ code: { error: expect.stringMatching(text) } });
    for (const { code } of rows.toSpliced(7, 1)) expect(code).toEqual({ symbol_name: expect.stringMatching(/^user-/) });
  },
  300_000,
);

test.concurrent.each([
  ['s.stray', /stage hostile, event \d+-7 of s\.stray-\w+\): nobody waits for this/],
  ['p.stray', /processor hostile, page 1\.1 of p\.stray-\w+\): nobody waits for this/],
  ['s.timer', /stage hostile, event \d+-7 of s\.timer-\w+\): thrown by a timer/],
  ['m.stray', /mapper hostile, page m\.stray-\w+#1\.1\): nobody waits for this/],
  ['m.rejected', /mapper hostile, page m\.rejected-\w+#1\.1\): nobody waits for this/],
])(
  'what is thrown where nobody waits for it is told, with its place, and stops nothing: %s',
  async (deed, text) => {
    const [bad, good] = [uniqueSource(deed), uniqueSource('s.good')];
    const sync = deed.startsWith('m.') ? mappedBy(bad, deed) : inputOf(bad);
    const results = await Promise.all([worker.sync(sync), worker.sync(inputOf(good))]);
    const inserted = deed === 'm.rejected' ? events - 1 : events;
    expect(results).toMatchObject([
      { outcome: 'done', inserted, deferred: 0 },
      { outcome: 'done', inserted: events, deferred: 0 },
    ]);
    expect(told.filter((line) => text.test(line))).not.toEqual([]);
  },
  300_000,
);
