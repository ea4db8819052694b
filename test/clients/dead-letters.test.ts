// `tributary dead-letters` and `deferred` as people run them, against a worker whose mapper is broken and then mended.
import { userInfo } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../support/database.js';
import { advance, countingStage } from '../support/event-stages.js';
import { eventually } from '../support/eventually.js';
import { faulty } from '../support/faults.js';
import { createGate } from '../support/gate.js';
import { mendableSource } from '../support/mendable-source.js';
import { testWorker, uniqueQueue, uniqueSource, type TestWorker } from '../support/temporal.js';
import { commandEnvironment } from '../support/worker-process.js';
import { startTributary, tributary, type Outcome } from './command.js';

const database = testDatabase();
const taskQueue = uniqueQueue('letters');
const mapper = mendableSource();
const gate = createGate();
let worker: TestWorker;
let holding = false;

beforeAll(async () => {
  const held = faulty(async (point, source) =>
    holding && source.startsWith('busy') && point === 'prepareSource.before' ? gate.pass() : undefined,
  );
  const later = countingStage('later', ({ source, attempt }) =>
    source.startsWith('later') && attempt === 1
      ? { kind: 'defer', afterMs: 3_600_000, error: 'not\u001b[2Jyet' }
      : advance,
  );
  worker = await testWorker(database, { taskQueue, sources: [mapper], stages: [later], ...held });
});
afterAll(() => worker.stop());

function run(...words: string[]): Promise<Outcome> {
  return tributary(words, environment());
}

function environment(): Record<string, string> {
  return commandEnvironment(database, taskQueue);
}

/** Of 11 records three die whole, and of eight two events of three. */
async function broken(name: string): Promise<string> {
  const source = uniqueSource(name);
  mapper.mended = false;
  await worker.sync({ source: { type: 'synthetic', id: source, options: { events: 11, seed: 5 } } });
  return source;
}

async function keysOf(...words: string[]): Promise<string[]> {
  return (await run('dead-letters', 'list', ...words, '--json')).items.map((item) => String(item['key']));
}

test('list shows one line a letter, by key, filtered, page by page', async () => {
  const source = await broken('listed');
  const all = await run('dead-letters', 'list', source, '--limit', '100', '--json');
  expect(all.items).toHaveLength(19);
  expect(all.items[0]).toEqual({
    key: `${source}@1.1.0`,
    source,
    epoch: 1,
    page: 1,
    ordinal: 0,
    stage: 'validate',
    code: 'not_understood',
    error: 'record 0 is not\nunderstood',
    deaths: 1,
    state: 'open',
    deadAt: expect.stringMatching(/Z$/),
  });
  const keys = all.items.map((item) => String(item['key']));
  const pages = [
    await keysOf(source, '--limit', '8'),
    await keysOf(source, '--limit', '8', '--after', keys[7]!),
    await keysOf(source, '--limit', '8', '--after', keys[15]!),
  ];
  expect(pages.flat()).toEqual(keys);
  expect(await keysOf(source, '--code', 'not_understood')).toHaveLength(3);
  expect(await keysOf(source, '--stage', 'persist')).toEqual([]);
  const words = await run('dead-letters', 'list', source, '--limit', '2');
  expect(words.out.split('\n')).toEqual([
    expect.stringMatching(/^key +stage +code +died \(UTC\) +deaths +error$/),
    expect.stringMatching(
      /@1\.1\.0 +validate +not_understood +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +1 +record 0 is not understood$/,
    ),
    expect.stringContaining('@1.1.2 '),
    `there are more: --after ${source}@1.1.2`,
    expect.stringContaining(`show ${source}@1.1.2`),
    '',
  ]);
  expect((await run('dead-letters', 'list', source, '--code', 'none')).out).toBe(
    `no open dead letters of ${source} that match\n`,
  );
});

test('show tells everything that is kept; --raw gives the bytes', async () => {
  const source = await broken('shown');
  const shown = await run('dead-letters', 'show', `${source}@1.1.2`);
  expect(shown.out).toMatch(/validate\n +code +bad_id\n +error +id has 0 characters/);
  expect(shown.out).toContain('event 2 of its record');
  expect(shown.out).toContain(`tributary dead-letters redrive ${source}@1.1.2`);
  const [item] = (await run('dead-letters', 'show', `${source}@1.1.3`, '--json')).items;
  expect(item).toMatchObject({
    key: `${source}@1.1.3`,
    part: 2,
    deaths: 1,
    state: 'open',
    decisions: [],
    context: {},
    earlierLetter: null,
    laterLetter: null,
  });
  // Its sibling holds the bytes of the record they share.
  const raw = await run('dead-letters', 'show', `${source}@1.1.3`, '--raw');
  expect(raw.out).toBe(Buffer.from(String(item!['raw']), 'base64').toString());
  expect(JSON.parse(raw.out)).toMatchObject({ data: { index: 1 } });
});

test('redrive by keys, then by filter: what is mended is stored, with the figures of the sync; what was done is said', async () => {
  const source = await broken('redriven');
  mapper.mended = true;
  const first = await run(
    'dead-letters',
    'redrive',
    `${source}@1.1.0`,
    `${source}@1.1.0`,
    '--json',
    '--reason',
    'mapper 1.2',
  );
  expect(first).toMatchObject({
    code: 0,
    err: '',
    items: [
      { source, redriven: 1 },
      { outcome: 'done', source, total: 3, inserted: 3, dead_letters: 0 },
    ],
  });
  const again = await run('dead-letters', 'redrive', `${source}@1.1.0`);
  expect(again).toMatchObject({
    code: 0,
    out: `${source}@1.1.0 was redriven before\nnothing to redrive: no open dead letter matches\n`,
  });
  expect((await run('dead-letters', 'show', `${source}@1.1.0`)).out).toMatch(
    new RegExp(`redriven +by ${userInfo().username}, .*: mapper 1\\.2\n[^]*it has come back`),
  );
  const rest = await run('dead-letters', 'redrive', '--source', source);
  expect(rest.out).toMatch(
    new RegExp(`^${source}: 18 dead letters redriven\n${source}: done in .*\n +total +22\n +inserted +22\n`),
  );
  expect(await run('verify', source, '--json')).toMatchObject({
    code: 0,
    items: [
      { ok: true, events: 33 },
      { lost: 0, doubled: 0, invented: 0 },
    ],
  });
  expect(await run('status', '--json')).toMatchObject({
    items: expect.arrayContaining([expect.objectContaining({ source, inserted: 33, dead_letters: 0, deferred: 0 })]),
  });
});

test('what dies again says so: the old key names the new one, and the new one the old', async () => {
  const source = await broken('again');
  const { out } = await run('dead-letters', 'redrive', `${source}@1.1.0`);
  expect(out).toContain(`\`tributary dead-letters list ${source}\` shows`);
  expect((await run('dead-letters', 'show', `${source}@1.1.0`)).out).toContain(
    `died again      tributary dead-letters show ${source}@2.1.0`,
  );
  const later = (await run('dead-letters', 'show', `${source}@2.1.0`)).out;
  expect(later).toContain('for the 2nd time');
  expect(later).toContain(`before     ${source}@1.1.0`);
});

test('--no-sync starts nothing: they wait, are listed as deferred, and a redrive of nothing takes them along', async () => {
  const source = await broken('waiting');
  mapper.mended = true;
  const marked = await run('dead-letters', 'redrive', '--source', source, '--code', 'not_understood', '--no-sync');
  expect(marked).toMatchObject({
    code: 0,
    out: `${source}: 3 dead letters redriven\n${source}: 3 redriven wait for its next sync\n`,
  });
  const { items } = await run('deferred', 'list', source, '--json');
  expect(items.map(({ stage, attempts }) => [stage, attempts])).toEqual(Array(3).fill(['validate', 0]));
  expect((await run('dead-letters', 'show', `${source}@1.1.0`)).out).toContain('it waits for the next sync');
  const taken = await run('dead-letters', 'redrive', '--source', source, '--code', 'not_understood', '--json');
  expect(taken).toMatchObject({
    code: 0,
    items: [{ redriven: 0 }, { outcome: 'done', source, total: 9, inserted: 9 }],
  });
  expect((await run('deferred', 'list', source)).out).toBe('nothing waits\n');
});

test('while a sync of the source runs, redrive leaves it alone, and that sync takes them back', async () => {
  const source = await broken('busy');
  holding = true;
  const handle = await worker.start({ sourceId: source });
  await gate.reached;
  mapper.mended = true;
  const { items } = await run('dead-letters', 'redrive', '--source', source, '--json');
  expect(items).toMatchObject([
    { source, redriven: 19 },
    { outcome: 'already_running', source },
  ]);
  gate.open();
  expect(await handle.result()).toMatchObject({ outcome: 'done', inserted: 25, dead_letters: 0 });
});

test('discard keeps the letter with who, when and why; it is no longer open, and its key still brings it back', async () => {
  const source = await broken('discarded');
  const { code, out } = await run('dead-letters', 'discard', `${source}@1.1.0`, '--reason', ' a test of ours ');
  expect({ code, first: out.split('\n')[0] }).toEqual({ code: 0, first: `${source}: 1 dead letter discarded` });
  expect(await keysOf(source, '--limit', '100')).toHaveLength(18);
  expect(await keysOf(source, '--state', 'discarded')).toEqual([`${source}@1.1.0`]);
  const [item] = (await run('dead-letters', 'show', `${source}@1.1.0`, '--json')).items;
  expect(item).toMatchObject({
    state: 'discarded',
    decisions: [{ decision: 'discarded', by: userInfo().username, reason: 'a test of ours', at: expect.any(String) }],
  });
  const again = await run('dead-letters', 'discard', `${source}@1.1.0`, '--reason', 'again');
  expect(again).toMatchObject({
    code: 0,
    out: `${source}@1.1.0 was discarded before\nnothing to discard: no open dead letter matches\n`,
  });
  expect(await run('verify', source, '--json')).toMatchObject({ code: 0 });
  mapper.mended = true;
  expect((await run('dead-letters', 'redrive', `${source}@1.1.0`, '--json')).items).toMatchObject([
    { redriven: 1 },
    { inserted: 3 },
  ]);
});

test('a key that is none, and a source nobody knows, are wrong use, and nothing is done', async () => {
  const source = await broken('unknown');
  const unknown = `error: keys: no dead letter ${source}@1.1.1 is known; \`tributary dead-letters list\` shows them\n`;
  expect(await run('dead-letters', 'redrive', `${source}@1.1.0`, `${source}@1.1.1`)).toMatchObject({
    code: 2,
    out: '',
    err: unknown,
  });
  expect(await run('dead-letters', 'discard', `${source}@1.1.0`, `${source}@1.1.1`, '--reason', 'x')).toMatchObject({
    code: 2,
    out: '',
    err: unknown,
  });
  expect(await keysOf(source, '--limit', '100')).toHaveLength(19);
  const nobody = 'error: source: no source nobody is known; `tributary status` lists them\n';
  for (const words of [
    ['dead-letters', 'list', 'nobody'],
    ['dead-letters', 'redrive', '--source', 'nobody'],
    ['deferred', 'list', 'nobody'],
  ]) {
    expect(await run(...words)).toMatchObject({ code: 2, out: '', err: nobody });
  }
  expect(await run('dead-letters', 'show', 'nobody@1.1.1')).toMatchObject({ code: 2, out: '' });
});

test('what a stage deferred is listed with its time and its reason, and cannot steer a terminal', async () => {
  const source = uniqueSource('later');
  mapper.mended = true;
  await worker.sync({ source: { type: 'synthetic', id: source, options: { events: 1, seed: 5 } } });
  const { out } = await run('deferred', 'list', source);
  expect(out.split('\n')[1]).toMatch(
    /@1\.1\.0 +later +deferred 1 time +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC +not \[2Jyet$/,
  );
  expect(await keysOf(source)).toEqual([]);
});

test('several sources: each sync is started and goes on by itself', async () => {
  const sources = [await broken('several-a'), await broken('several-b')];
  mapper.mended = true;
  const keys = sources.map((source) => `${source}@1.1.0`);
  const { code, items } = await startTributary(['dead-letters', 'redrive', ...keys, '--json'], environment()).ended;
  expect({ code, outcomes: items.map((item) => item['outcome'] ?? item['redriven']) }).toEqual({
    code: 0,
    outcomes: [1, 1, 'started', 'started'],
  });
  await eventually('both are stored', async () => {
    const { rows } = await database.pool.query<{ n: number }>(
      'select count(*)::integer as n from events where source = any($1)',
      [sources],
    );
    return rows[0]!.n === 2 * (8 + 3);
  });
});
