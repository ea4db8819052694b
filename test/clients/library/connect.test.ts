// `connect`, as a program uses it, against a worker of the test and a source type of the program's own.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { connect, type Tributary } from '../../../src/clients/library/connect.js';
import type { EventQuery } from '../../../src/clients/library/event-listing.js';
import { InvalidInput } from '../../../src/domain/errors.js';
import { builtInSources } from '../../../src/sources/index.js';
import type { Progress } from '../../../src/workflows/messages.js';
import { testDatabase } from '../../support/database.js';
import { growing, growthOf } from '../../support/growing-source.js';
import { testWorker, uniqueQueue, uniqueSource, type TestWorker } from '../../support/temporal.js';

const database = testDatabase();
const taskQueue = uniqueQueue('library');
const home = mkdtempSync(join(tmpdir(), 'tributary-library-'));
let worker: TestWorker;
let tributary: Tributary;

const places = () => ({ databaseUrl: database.url, temporalAddress: inject('temporalAddress'), taskQueue, home });

beforeAll(async () => {
  worker = await testWorker(database, { taskQueue, sources: [...builtInSources, growing] });
  tributary = await connect({ ...places(), sources: [growing] });
});

afterAll(async () => {
  await tributary.close();
  await tributary.close();
  await worker.stop();
  rmSync(home, { recursive: true, force: true });
});

afterEach(() => void vi.unstubAllEnvs());

const madeUp = (id: string, events: number) => ({ type: 'synthetic', id, options: { events } });

test('a source is synced to its end; its events come one by one, or in pages that go on where one ended', async () => {
  const id = uniqueSource('library/pages');
  const sync = await tributary.sync(madeUp(id, 450), { batch: { events: 100 } });
  expect(sync).toMatchObject({ source: id, workflowId: `sync/${id}`, joined: false });
  const seen: Progress[] = [];
  expect(await sync.result({ onProgress: (progress) => void seen.push(progress) })).toMatchObject({
    outcome: 'done',
    inserted: 450,
    runId: sync.runId,
  });
  const all: string[] = [];
  for await (const event of tributary.events({ source: id, order: 'oldest' })) all.push(event.id);
  expect(new Set(all).size).toBe(450);
  const paged: string[] = [];
  let next: string | null | undefined;
  while (next !== null) {
    const query: EventQuery = { source: id, order: 'oldest', limit: 180, after: next };
    for await (const page of tributary.events(query).pages()) {
      paged.push(...page.events.map((event) => event.id));
      next = page.next;
    }
  }
  expect(paged).toEqual(all);
  const { settings } = (
    await database.pool.query<{ settings: object }>('select settings from sources where id = $1', [id])
  ).rows[0]!;
  expect(settings).toEqual({ 'batch.events': 100 });
});

test('a followed source of the program is joined, looks when it is told to, and is stopped', async () => {
  const id = uniqueSource('library/followed');
  growthOf(id).count = 3;
  const first = await tributary.sync({ type: 'growing', id }, { mode: 'follow', pollIntervalMs: 3_600_000 });
  const gone = new AbortController();
  const left = first.result({ signal: gone.signal });
  expect(await first.look()).toMatchObject({ inserted: 3, mode: 'follow' });
  gone.abort(new Error('seen enough'));
  await expect(left).rejects.toThrow('seen enough');
  growthOf(id).count = 5;
  const second = await tributary.sync(id);
  expect(second).toMatchObject({ joined: true, runId: first.runId });
  expect(await second.look()).toMatchObject({ inserted: 5 });
  expect(await tributary.stop(id)).toMatchObject({ outcome: 'stopped', source: id, inserted: 5 });
  expect(await tributary.stop(id)).toBeNull();
});

test('a pause is kept whether or not a sync runs, and the status shows it with its reason', async () => {
  const id = uniqueSource('library/paused');
  await (await tributary.sync(madeUp(id, 10))).result();
  const until = new Date(Date.now() + 3_600_000);
  const request = { reason: 'ticket 812', until, by: 'ana' };
  expect(await tributary.pause(id, request)).toEqual({ outcome: 'paused', source: id, inserted: null });
  const { sources, temporalAddress } = await tributary.status();
  expect(temporalAddress).toBe(inject('temporalAddress'));
  expect(sources.find((one) => one.source === id)).toMatchObject({
    state: 'paused',
    inserted: 10,
    pause: { reason: 'ticket 812', by: 'ana' },
  });
  expect(await tributary.resume(id)).toEqual({ paused: true, running: false });
  expect(await tributary.resume(id)).toEqual({ paused: false, running: false });
});

test('a sync that fails is a result with its reason, and no error', async () => {
  const sync = await tributary.sync({
    type: 'git',
    id: uniqueSource('library/gone'),
    options: { url: join(home, 'gone') },
  });
  expect(await sync.result()).toMatchObject({
    outcome: 'failed',
    inserted: 0,
    reason: expect.stringContaining('gone'),
  });
});

test('what is wrong is refused where it is asked, by the name of its field', async () => {
  const field = async (asked: () => unknown): Promise<string> => {
    const error = await (async () => asked())().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvalidInput);
    return (error as InvalidInput).field;
  };
  expect(await field(() => tributary.sync({ type: 'nothing' }))).toBe('source.type');
  expect(await field(() => tributary.sync('git'))).toBe('source');
  expect(await field(() => tributary.sync('library/unknown'))).toBe('source');
  expect(await field(() => tributary.sync(madeUp('library/a', -1)))).toBe('events');
  expect(await field(() => tributary.sync(madeUp('library/a', 1), { pollIntervalMs: 1 }))).toBe('pollIntervalMs');
  expect(await field(() => tributary.events({ since: 'soon' }))).toBe('since');
  expect(await field(() => tributary.events({ limit: 0 }))).toBe('limit');
  expect(await field(() => tributary.events({ after: 'nonsense' }))).toBe('after');
  expect(await field(() => tributary.pause('No Id'))).toBe('id');
  expect(await field(() => tributary.pause('library/unknown'))).toBe('id');
  expect(await field(() => tributary.stop('library/unknown'))).toBe('id');
  expect(await field(() => connect({ databaseUrl: 'mysql://here' }))).toBe('environment');
  expect(await field(() => connect({ ...places(), sources: [growing, growing] }))).toBe('sources');
});

test('with start: false nothing is started, and it is said what to do', async () => {
  for (const name of ['DATABASE_URL', 'TEMPORAL_ADDRESS']) vi.stubEnv(name, undefined);
  const nowhere = connect({ home: join(home, 'none'), start: false });
  await expect(nowhere).rejects.toMatchObject({ name: 'NeedsAttention', code: 'not_running' });
});

test('a program that only reads events gets on without Temporal', async () => {
  const reader = await connect({ ...places(), temporalAddress: '127.0.0.1:9' });
  try {
    const found = [];
    for await (const event of reader.events({ limit: 1 })) found.push(event);
    expect(found).toHaveLength(1);
  } finally {
    await reader.close();
  }
});
