// The commands about sources: what is set, changed and shown, and an end of one.
import { expect, test } from 'vitest';
import { NeedsAttention } from '../../src/domain/errors.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { growing } from '../support/growing-source.js';
import { testWorker, uniqueSource } from '../support/temporal.js';
import { workerProcess } from '../support/worker-process.js';
import { tributary } from './command.js';

const database = testDatabase();
const worker = workerProcess(database);
const { environment, run } = worker;

async function synced(name: string, ...set: string[]): Promise<string> {
  const id = uniqueSource(name);
  expect(await run('sync', 'synthetic', '--id', id, '--set', 'events=10', ...set)).toMatchObject({ code: 0 });
  return id;
}

async function rowOf(id: string) {
  const { rows } = await database.pool.query<{ options: object; settings: object }>(
    'select options, settings from sources where id = $1',
    [id],
  );
  return rows[0];
}

test('a sync typed again keeps the options; one that names some changes just those, and says what', async () => {
  const id = await synced('options', 'seed=7', 'bytes=9');
  expect(await run('sync', 'synthetic', '--id', id, '--set', 'seed=7', '--json')).toMatchObject({
    code: 0,
    err: '',
    items: [{ outcome: 'done_empty' }],
  });
  expect((await run('sync', id, '--json')).items[0]).not.toHaveProperty('changed');
  expect(await rowOf(id)).toMatchObject({ options: { events: 10, seed: 7, bytes: 9 } });
  const named = await run('sync', id, '--set', 'events=12', '--json');
  expect(named).toMatchObject({
    code: 0,
    err: `${id}: changed options.events 10 → 12\n`,
    items: [{ inserted: 2, changed: { 'options.events': [10, 12] } }],
  });
  const unset = await run('sync', id, '--set', 'bytes=', '--json');
  expect(unset).toMatchObject({ code: 0, items: [{ changed: { 'options.bytes': [9, 128] } }] });
  expect(await rowOf(id)).toMatchObject({ options: { events: 12, seed: 7, bytes: 128 } });
  expect(await run('sync', id, '--set', 'seed=8')).toMatchObject({
    code: 2,
    err: expect.stringContaining('the origin of a source is fixed'),
  });
  expect(await run('sync', id, '--set', 'nope=')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^error: nope: is not an option here/),
  });
});

test('set stores what is named, unset takes it back, show says where each comes from', async () => {
  const id = await synced('set');
  const rules = [{ type: 'synthetic.order.*', priority: 4 }];
  const set = await run(
    'sources',
    'set',
    id,
    'pollIntervalMs=10s',
    'batch.events=500',
    `priorities=${JSON.stringify(rules)}`,
    'options.events=20',
    '--json',
  );
  const changed = {
    pollIntervalMs: [null, 10_000],
    'batch.events': [null, 500],
    priorities: [null, rules],
    'options.events': [10, 20],
  };
  expect(set).toMatchObject({ code: 0, items: [{ outcome: 'set', source: id, changed }] });
  expect(await run('sources', 'set', id, 'batch.events=', '--unset', 'pollIntervalMs')).toMatchObject({
    code: 0,
    out: `${id}: batch.events 500 → default, pollIntervalMs 10000 → default; where a run is at work, from its next look on\n`,
  });
  expect(await run('sync', id, '--json')).toMatchObject({ items: [{ inserted: 10 }] });
  const { rows } = await database.pool.query(
    `select distinct priority from events where source = $1 and type like 'synthetic.order.%' and ordinal >= 0 and (data->>'index')::int >= 10`,
    [id],
  );
  expect(rows).toEqual([{ priority: 4 }]);
  expect(await run('sources', 'show', id, '--json')).toMatchObject({
    code: 0,
    items: [
      {
        source: id,
        state: 'idle',
        inserted: 20,
        options: { events: { value: 20, from: 'set' }, seed: { value: 1, from: 'default' } },
        settings: {
          priorities: { value: rules, from: 'set' },
          mode: { value: 'once', from: 'default' },
          pollIntervalMs: { value: 60_000, from: 'default' },
        },
        schedule: null,
        run: null,
      },
    ],
  });
  expect((await run('sources', 'show', id)).out).toMatch(/events +20 +set/);
  const listed = (await run('sources', 'list', '--json')).items.find(({ source }) => source === id);
  expect(listed).toMatchObject({ state: 'idle', settings: { priorities: rules } });
});

test('what cannot be set is refused by its field, and nothing of it is stored', async () => {
  const id = await synced('refused');
  const before = await rowOf(id);
  const wrong: [string[], string][] = [
    [['mode=sometimes'], 'mode: expected "once" or "follow"'],
    [['batch.events=0'], 'batch.events: expected a whole number from 1 to'],
    [['batch.events=99999999'], 'batch.events: expected'],
    [['batch.size=3'], 'batch.size: is no setting; expected one of mode,'],
    [['pollIntervalMs=1ms'], 'pollIntervalMs: expected'],
    [['pollIntervalMs=soon'], 'pollIntervalMs: found "soon", expected a time'],
    [['stages=["persist"]'], 'stages: expected stages in the order'],
    [['stages=["validate","hash","deduplicate","mine","persist"]'], 'stages.3: this worker has no such stage'],
    [['priorities=[{"type":"a","priority":7}]'], 'priorities.0.priority: expected 4'],
    [['rawRetentionDays=-1'], 'rawRetentionDays: expected'],
    [['burst=1'], 'burst: is no setting'],
    [['__proto__=1'], '__proto__: is no setting'],
    [['options.events=many'], 'options.events: '],
    [['options.nope=1'], 'options.nope: is not an option here'],
    [['options.nope='], 'options.nope: is not an option here'],
    [['options.seed=2'], 'options: would make it a source of seed 2'],
    [['mode=follow', '--unset', 'mode'], 'mode: is set and unset'],
    [['mode=follow', 'batch.events=0'], 'batch.events: expected'],
    [['rubbish'], 'settings: found "rubbish", expected key=value'],
    [[], 'settings: are missing'],
  ];
  for (const [words, message] of wrong) {
    const { code, err } = await run('sources', 'set', id, ...words);
    expect({ words, code, err }).toMatchObject({ code: 2, err: expect.stringMatching(/^error: [^\n]+\n$/) });
    expect(err).toContain(message);
  }
  expect(await rowOf(id)).toEqual(before);
  expect(await run('sources', 'set', uniqueSource('nobody'), 'mode=once')).toMatchObject({
    code: 2,
    err: expect.stringContaining('no source'),
  });
}, 120_000);

test('follow sets mode and interval; a sync of such a source starts it, waits for its first look and leaves it', async () => {
  const id = uniqueSource('followed');
  await run('follow', 'synthetic', '--id', id, '--set', 'events=10', '--every', '1h', '--detach');
  await run('stop', id);
  expect(await rowOf(id)).toMatchObject({ settings: { mode: 'follow', pollIntervalMs: 3_600_000 } });
  expect(await run('sync', id, '--json')).toMatchObject({ code: 0, items: [{ outcome: 'followed', source: id }] });
  expect(await run('sources', 'show', id, '--json')).toMatchObject({
    items: [{ state: 'running', run: { mode: 'follow', nextLookAt: expect.any(String) } }],
  });
  // It runs: what is said now is set, and taken up with its next look.
  const again = await run('follow', id, '--every', '2h', '--set', 'events=15', '--detach', '--json');
  expect(again).toMatchObject({
    code: 0,
    items: [
      { outcome: 'already_running', changed: { pollIntervalMs: [3_600_000, 7_200_000], 'options.events': [10, 15] } },
    ],
  });
  expect(again.err).toContain('options.events from its next run on, the rest from its next look on');
  await eventually('it has the new interval', async () => {
    const { nextPollAt } = await worker.temporal.client.workflow
      .getHandle(`sync/${id}`)
      .query<{ nextPollAt: string | null }>('progress');
    return nextPollAt !== null && Date.parse(nextPollAt) - Date.now() > 3_700_000;
  });
  expect(await run('stop', id, '--json')).toMatchObject({ code: 0, items: [{ outcome: 'stopped' }] });
});

test('a sync of a followed source that needs attention says so and ends, whether it finds it or starts it', async () => {
  const id = uniqueSource('attention');
  const prepare = () => Promise.reject(new NeedsAttention('expired', 'the token has expired'));
  const troubled = await testWorker(database, { sources: [{ ...growing, type: 'troubled', prepare }] });
  try {
    await troubled.start({ source: { type: 'troubled', id, options: {} }, mode: 'follow', pollIntervalMs: 3_600_000 });
    const said = (...words: string[]) =>
      tributary(words, { ...environment(), TRIBUTARY_TASK_QUEUE: troubled.taskQueue });
    const expected = {
      code: 3,
      items: [{ outcome: 'needs_attention', source: id }],
      err: expect.stringContaining('needs attention: the token has expired'),
    };
    expect(await said('sync', id, '--json')).toMatchObject(expected);
    await said('stop', id);
    expect(await said('sync', id, '--json')).toMatchObject(expected);
    await said('stop', id);
  } finally {
    await troubled.stop();
  }
}, 120_000);
