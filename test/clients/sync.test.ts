// The commands against a Temporal and a Postgres that are not ours, with `tributary worker` at work.
import { expect, inject, test } from 'vitest';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { standStill } from '../support/standing-source.js';
import { uniqueSource } from '../support/temporal.js';
import { workerProcess } from '../support/worker-process.js';
import { startTributary, tributary } from './command.js';

const database = testDatabase();
const worker = workerProcess(database);
const { environment, run } = worker;

const fields = [
  'outcome',
  'source',
  'total',
  'inserted',
  'skipped_duplicate',
  'skipped_existing',
  'removed',
  'deferred',
  'dead_letters',
  'errors',
  'processing_time_ms',
  'runId',
];

async function pagesOf(source: string): Promise<number> {
  const { rows } = await database.pool.query<{ pages: number }>(
    'select count(*)::integer as pages from ledger where source = $1',
    [source],
  );
  return rows[0]!.pages;
}

/** Whether the signal has reached the sync. */
async function wasTold(source: string, signal: string): Promise<boolean> {
  const { events } = await worker.temporal.client.workflow.getHandle(`sync/${source}`).fetchHistory();
  return events!.some((event) => event.workflowExecutionSignaledEventAttributes?.signalName === signal);
}

test('a sync inserts all; the next one inserts nothing and says so', async () => {
  const id = uniqueSource('twice');
  const words = ['sync', 'synthetic', '--id', id, '--set', 'events=1500', 'duplicates=0.5'];
  const first = await run(...words, '--json');
  expect(first).toMatchObject({ code: 0, err: '', items: [{ outcome: 'done', source: id, total: 1500, errors: 0 }] });
  expect(Object.keys(first.items[0]!)).toEqual(fields);
  const { inserted, skipped_duplicate, skipped_existing } = first.items[0] as Record<string, number>;
  expect(inserted! + skipped_duplicate! + skipped_existing!).toBe(1500);
  const again = await run(...words);
  expect(again).toMatchObject({ code: 0, err: '' });
  expect(again.out).toContain(`${id}: nothing new, inserted 0`);
  expect(again.out).toContain('Newest events');
  expect(again.out).not.toContain('\u001b');
});

test('the summary has the figures, five events and the addresses, and masks a password that is not ours', async () => {
  const id = uniqueSource('summary');
  const withPassword = new URL(database.url);
  withPassword.password ||= 'unneeded';
  const { code, out } = await tributary(['sync', 'synthetic', '--id', id, '--set', 'events=7'], {
    ...environment(),
    DATABASE_URL: withPassword.href,
  });
  expect(code).toBe(0);
  expect(out).toMatch(/total +7\n +inserted +7\n/);
  expect(out.match(/synthetic\.(order|user)\./g)).toHaveLength(5);
  expect(out).toContain(':***@');
  expect(out).not.toContain(withPassword.password);
});

test('events are CloudEvents, filtered and in order', async () => {
  const id = uniqueSource('events');
  await run('sync', 'synthetic', '--id', id, '--set', 'events=450');
  const { items } = await run('events', '--source', id, '--limit', '1000', '--json');
  expect(items.map((event) => event['ordinal'])).toEqual(Array.from({ length: 450 }, (_, at) => 449 - at));
  expect(items[0]).toMatchObject({
    specversion: '1.0',
    id: '1-449',
    source: id,
    time: '2026-01-01T00:07:29Z',
    data: { index: 449 },
  });
  expect(Object.keys(items[0]!).filter((name) => !/^[a-z0-9]{1,20}$/.test(name))).toEqual([]);
  const paid = await run(
    'events',
    '--source',
    id,
    '--type',
    'synthetic.order.paid',
    '--since',
    '2026-01-01T00:01:00Z',
    '--until',
    '2026-01-01T00:02:00Z',
    '--limit',
    '1000',
    '--json',
  );
  expect(paid.items).toEqual(
    items.filter(
      ({ type, time }) =>
        type === 'synthetic.order.paid' && time! >= '2026-01-01T00:01:00Z' && time! < '2026-01-01T00:02:00Z',
    ),
  );
  expect(paid.items.length).toBeGreaterThan(1);
  expect((await run('events', '--source', id, '--limit', '2')).out.trimEnd().split('\n')).toHaveLength(3);
});

test('status tells each source on a line, and the stack on the last', async () => {
  const id = uniqueSource('status');
  await run('sync', 'synthetic', '--id', id, '--set', 'events=5');
  const { items } = await run('status', '--json');
  expect(items.find((item) => item['source'] === id)).toMatchObject({
    type: 'synthetic',
    state: 'idle',
    outcome: 'done',
    inserted: 5,
    dead_letters: 0,
  });
  expect(items.at(-1)).toMatchObject({
    stack: 'external',
    temporalAddress: inject('temporalAddress'),
    temporalUi: null,
    temporalCli: null,
  });
});

test('a source that is refused by the worker is wrong use: one line, exit code 2', async () => {
  const { code, err, items } = await run('sync', 'git', '/nowhere', '--id', uniqueSource('nowhere'), '--json');
  expect(code).toBe(2);
  expect(err).toMatch(/^error: url: found no git repository at \/nowhere[^\n]*\n$/);
  expect(items).toMatchObject([{ outcome: 'failed', inserted: 0, errors: 1 }]);
});

test('an origin that does not answer may be right all the same: it failed, exit code 1', async () => {
  const { code, err, items } = await run(
    'sync',
    'git',
    'http://127.0.0.1:1/x.git',
    '--id',
    uniqueSource('away'),
    '--json',
  );
  expect({ code, items }).toMatchObject({ code: 1, items: [{ outcome: 'failed', inserted: 0 }] });
  expect(err).toMatch(/^error: url: http:\/\/127\.0\.0\.1:1\/x\.git cannot be reached; check the host[^\n]*\n$/);
});

test('Ctrl-C leaves the sync running; stop ends it; the next sync goes on', async () => {
  const id = uniqueSource('left');
  const words = ['sync', 'synthetic', '--id', id, '--set', 'events=300000', '--json'];
  const sync = startTributary(words, environment());
  await eventually('a page is committed', async () => (await pagesOf(id)) > 0);
  const goOn = await standStill(database, id);
  sync.child.kill('SIGINT');
  const left = await sync.ended;
  expect(left).toMatchObject({ code: 130, items: [{ outcome: 'detached', source: id, workflowId: `sync/${id}` }] });
  const before = await pagesOf(id);
  const stopping = run('stop', id, '--json');
  await eventually('it was told to stop', () => wasTold(id, 'stop'));
  await goOn();
  const stopped = await stopping;
  expect(stopped).toMatchObject({ code: 0, items: [{ outcome: 'stopped', runId: left.items[0]!['runId'] }] });
  expect(await pagesOf(id), 'the pages in flight').toBeGreaterThan(before);
  const rest = await run(...words);
  expect(rest).toMatchObject({ code: 0, items: [{ outcome: 'done' }] });
  expect(Number(rest.items[0]!['inserted'])).toBeGreaterThan(0);
  expect(Number(rest.items[0]!['inserted']) + Number(stopped.items[0]!['inserted'])).toBe(300_000);
  expect(await run('stop', id, '--json')).toMatchObject({ code: 0, items: [{ outcome: 'not_running' }] });
  expect((await run('stop', uniqueSource('unknown'))).code).toBe(2);
});

test('two commands follow one sync', async () => {
  const id = uniqueSource('shared');
  const words = ['sync', 'synthetic', '--id', id, '--set', 'events=100000', '--json'];
  const first = startTributary(words, environment());
  await eventually('it runs', async () => (await pagesOf(id)) > 0);
  const goOn = await standStill(database, id);
  // What it accepts was said when it started: joined, it would not do what it was asked.
  expect(await run(...words, '--accept-deletions')).toMatchObject({
    code: 2,
    err: expect.stringContaining(`accept-deletions: a sync of ${id} runs already`),
  });
  const second = startTributary(words, environment());
  await eventually('it has joined', () => second.said().includes(`joined the sync of ${id}`));
  await goOn();
  const joined = await second.ended;
  expect(joined).toMatchObject({ code: 0, items: [{ outcome: 'done', inserted: 100_000 }] });
  expect((await first.ended).items).toEqual(joined.items);
});

test('detached, it returns at once and the sync is done without it', async () => {
  const id = uniqueSource('detached');
  const { code, items } = await run('sync', 'synthetic', '--id', id, '--set', 'events=10', '--detach', '--json');
  expect({ code, items }).toMatchObject({ code: 0, items: [{ outcome: 'started', source: id }] });
  await eventually('it is stored', async () => (await pagesOf(id)) === 1);
});

test('a terminated sync fails with what it did', async () => {
  const id = uniqueSource('terminated');
  const sync = startTributary(['sync', 'synthetic', '--id', id, '--set', 'events=300000', '--json'], environment());
  await eventually('it runs', async () => (await pagesOf(id)) > 0);
  const goOn = await standStill(database, id);
  await worker.temporal.client.workflow.getHandle(`sync/${id}`).terminate('test');
  const { code, err, items } = await sync.ended;
  await goOn();
  expect({ code, items }).toMatchObject({ code: 1, items: [{ outcome: 'cancelled' }] });
  expect(Number(items[0]!['inserted'])).toBeGreaterThan(0);
  expect(err).toContain('error: the sync was terminated');
});

test('a reader that closes the pipe early ends the command quietly', async () => {
  const id = uniqueSource('pipe');
  await run('sync', 'synthetic', '--id', id, '--set', 'events=2000', 'bytes=2000');
  const listing = startTributary(['events', '--source', id, '--limit', '2000', '--json'], environment());
  listing.child.stdout!.once('data', () => listing.child.stdout!.destroy());
  expect(await listing.ended).toMatchObject({ code: 0, err: '' });
});
