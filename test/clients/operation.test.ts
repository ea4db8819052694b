// A running source, operated by our commands, on a Temporal and a Postgres that are not ours.
import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { uniqueSource } from '../support/temporal.js';
import { longSync, workerProcess } from '../support/worker-process.js';

const database = testDatabase();
const worker = workerProcess(database);
const { run } = worker;

async function long(name: string): Promise<string> {
  const id = uniqueSource(name);
  await worker.temporal.start(longSync(id));
  await eventually('pages are committed', async () => (await committed(id)) > 1);
  return id;
}

async function committed(id: string): Promise<number> {
  const { rows } = await database.pool.query<{ pages: number }>(
    'select count(*)::integer as pages from ledger where source = $1',
    [id],
  );
  return rows[0]!.pages;
}

async function statusOf(id: string): Promise<Record<string, unknown> | undefined> {
  return (await run('status', '--json')).items.find(({ source }) => source === id);
}

test('pause answers when the source stands at a page boundary; resume goes on; stop ends it', async () => {
  const id = await long('operated');
  const paused = await run('pause', id, '--reason', 'lunch', '--until', '2h', '--json');
  expect(paused).toMatchObject({
    code: 0,
    err: '',
    items: [
      { outcome: 'paused', source: id, reason: 'lunch', until: expect.stringMatching(/Z$/), by: expect.any(String) },
    ],
  });
  const pages = await committed(id);
  expect(await statusOf(id)).toMatchObject({ state: 'paused', pause: { reason: 'lunch' } });
  expect(await committed(id)).toBe(pages);
  expect(await run('resume', id, '--json')).toMatchObject({ code: 0, items: [{ outcome: 'resumed', running: true }] });
  await eventually('it reads on', async () => (await committed(id)) > pages);
  expect(await run('stop', id, '--json')).toMatchObject({ code: 0, items: [{ outcome: 'stopped' }] });
});

test('a source that does not run is paused too: its next sync is started and waits, and the command says so', async () => {
  const id = uniqueSource('asleep');
  expect(await run('sync', 'synthetic', '--id', id, '--set', 'events=10', '--json')).toMatchObject({ code: 0 });
  const paused = await run('pause', id, '--reason', 'maintenance');
  expect(paused.out).toMatch(new RegExp(`${id}: paused by .*: maintenance \\(no sync of it is running`));
  expect(await run('sync', id, '--json')).toMatchObject({
    code: 3,
    err: expect.stringMatching(/^needs attention: .* is paused by .*: maintenance; .* after `tributary resume /m),
    items: [{ outcome: 'paused', source: id, reason: expect.stringContaining('maintenance') }],
  });
  expect(await statusOf(id)).toMatchObject({ state: 'paused' });
  await run('resume', id);
  expect(await worker.temporal.client.workflow.getHandle(`sync/${id}`).result()).toMatchObject({
    outcome: 'done_empty',
  });
  expect(await run('resume', id)).toMatchObject({ code: 0, out: expect.stringContaining('was not paused') });
});

test('a known source is synced by its id alone', async () => {
  const id = uniqueSource('known');
  await run('sync', 'synthetic', '--id', id, '--set', 'events=10');
  expect(await run('sync', id, '--json')).toMatchObject({ code: 0, items: [{ outcome: 'done_empty', source: id }] });
  expect(await run('sync', uniqueSource('unknown'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('no source'),
  });
});

test('several known sources are synced at once: each is told as it ends, then the sum, with the worst exit code', async () => {
  const ids = [uniqueSource('one'), uniqueSource('two'), uniqueSource('wrong')];
  for (const [at, id] of ids.entries()) await run('sync', 'synthetic', '--id', id, '--set', 'events=10', `seed=${at}`);
  await run('sources', 'set', ids[1]!, 'options.events=15');
  await run('pause', ids[2]!);
  const several = await run('sync', ...ids, '--json');
  expect(several.items).toHaveLength(4);
  expect(several.items).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ outcome: 'done_empty', source: ids[0] }),
      expect.objectContaining({ outcome: 'done', source: ids[1], inserted: 5 }),
      expect.objectContaining({ outcome: 'paused', source: ids[2] }),
    ]),
  );
  // Asked for by its name, and not read.
  expect(several).toMatchObject({ code: 3 });
  expect(several.items.at(-1)).toMatchObject({ outcome: 'all', sources: 3, ended: 3, inserted: 5, problems: 1 });
  const told = await run('sync', ...ids.slice(0, 2));
  expect(told).toMatchObject({ code: 0, out: expect.stringMatching(/2 sources: 0 events inserted/) });
  expect(await run('sync', ids[0]!, uniqueSource('nobody'))).toMatchObject({
    code: 2,
    err: expect.stringContaining('no source'),
  });
  expect(await run('sync', ids[0]!, ids[0]!)).toMatchObject({ code: 2, err: expect.stringContaining('given twice') });
  // One that its worker cannot read any more fails by itself, and the exit code is that of all.
  await database.pool.query(`update sources set options = '{"surprise":1}' where id = $1`, [ids[0]]);
  const worst = await run('sync', ...ids.slice(0, 2), '--json');
  expect(worst.code).toBeGreaterThan(0);
  expect(worst.items.at(-1)).toMatchObject({ outcome: 'all', ended: 2, problems: 1 });
});

test('a followed source that somebody syncs is looked at now, and the command ends; one that is paused is not', async () => {
  const id = uniqueSource('followed');
  const words = ['synthetic', '--id', id, '--set', 'events=10'];
  expect(await run('follow', ...words, '--every', '1h', '--detach', '--json')).toMatchObject({
    code: 0,
    items: [{ outcome: 'started' }],
  });
  expect(await run('sync', id, '--json')).toMatchObject({
    code: 0,
    items: [{ outcome: 'followed', source: id, inserted: 10 }],
  });
  await run('pause', id);
  expect(await run('sync', id, '--json')).toMatchObject({
    code: 3,
    err: expect.stringContaining('it is followed, and goes on after'),
    items: [{ outcome: 'paused', source: id }],
  });
  await run('resume', id);
  expect(await run('stop', id, '--json')).toMatchObject({ code: 0, items: [{ outcome: 'stopped', inserted: 10 }] });
});

test('a schedule is made, listed, changed, triggered, paused, resumed and removed', async () => {
  const id = uniqueSource('scheduled');
  await run('sync', 'synthetic', '--id', id, '--set', 'events=10');
  const listed = async () => (await run('schedule', 'list', '--json')).items.find(({ source }) => source === id);
  expect(await run('schedule', id, '--every', '1.5h', '--json')).toMatchObject({
    code: 0,
    items: [{ outcome: 'created', everyMs: 5_400_000 }],
  });
  // The list is eventually consistent.
  await eventually('it is listed', async () => (await listed())?.['times'] === 'every 90m');
  expect(await run('schedule', id, '--cron', '*/5 1 * * *', '--timezone', 'Europe/Berlin', '--json')).toMatchObject({
    code: 0,
    items: [{ outcome: 'changed' }],
  });
  await eventually(
    'the change is listed',
    async () => (await listed())?.['times'] === 'cron */5 1 * * * Europe/Berlin',
  );
  const { policies, action } = await worker.temporal.client.schedule.getHandle(`sync/${id}`).describe();
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 3_600_000 });
  expect(action).toMatchObject({
    workflowType: 'syncSource',
    taskQueue: worker.temporal.taskQueue,
    args: [{ sourceId: id }],
  });
  expect(await run('schedule', 'trigger', id)).toMatchObject({ code: 0 });
  const started = await eventually('it has started', async () => (await listed())?.['lastRun']);
  expect(await worker.temporal.client.workflow.getHandle(started as string).result()).toMatchObject({
    outcome: 'done_empty',
    source: id,
  });
  expect(await run('schedule', 'pause', id, '--reason', 'night')).toMatchObject({ code: 0 });
  await eventually('it is paused', async () => {
    const schedule = await listed();
    return schedule?.['paused'] === true && schedule['note'] === 'night';
  });
  expect(await run('schedule', 'resume', id)).toMatchObject({ code: 0 });
  expect(await run('schedule', 'remove', id)).toMatchObject({ code: 0 });
  expect(await run('schedule', 'remove', id)).toMatchObject({
    code: 2,
    err: expect.stringContaining(`${id} has no schedule`),
  });
});

test('what Temporal cannot read as times is wrong use', async () => {
  const id = uniqueSource('times');
  await run('sync', 'synthetic', '--id', id, '--set', 'events=1');
  expect(await run('schedule', id, '--cron', '61 * * * *')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^error: cron: /),
  });
  expect(await run('schedule', id, '--cron', '0 * * * *', '--timezone', 'Mars/Olympus')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^error: (cron|timezone): /),
  });
  expect(await run('schedule', uniqueSource('nobody'), '--every', '5m')).toMatchObject({
    code: 2,
    err: expect.stringContaining('no source'),
  });
});

test('workers forget what they remember when they are told to', async () => {
  expect(await run('recent-hashes', 'clear', '--json')).toMatchObject({
    code: 0,
    items: [{ outcome: 'cleared', clearing: 1 }],
  });
});
