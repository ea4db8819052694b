// A wait is a value (design 9.2): what was read before it is stored, nobody asks before its time, also after a restart, and a
// stop, a pause and a poll end it at once. A follower that needs attention waits, too.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { NeedsAttention, WaitUntil } from '../../src/domain/errors.js';
import { defineSource, type Source } from '../../src/domain/source.js';
import { deletePause } from '../../src/store/pauses.js';
import { findWait } from '../../src/store/waits.js';
import type { Progress } from '../../src/workflows/messages.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import {
  testClient,
  testWorker,
  uniqueQueue,
  uniqueSource,
  type SyncHandle,
  type TestWorker,
} from '../support/temporal.js';

/** What an origin of the tests does when it is asked. */
interface Origin {
  /** At prepare, and before each of the ten records: what to throw, once. */
  readonly says: Map<'prepare' | number, () => Error>;
  readonly asked: { readonly at: number; readonly what: string }[];
  /** The origin said: not before. */
  quietUntil: number;
  early: number;
}

const records = 10;
const origins = new Map<string, Origin>();

function originOf(id: string): Origin {
  const origin = origins.get(id) ?? { says: new Map(), asked: [], quietUntil: 0, early: 0 };
  origins.set(id, origin);
  return origin;
}

function ask(id: string, what: 'prepare' | number): void {
  const origin = originOf(id);
  origin.asked.push({ at: Date.now(), what: String(what) });
  if (Date.now() < origin.quietUntil) origin.early += 1;
  const thrown = origin.says.get(what);
  origin.says.delete(what);
  if (thrown !== undefined) throw thrown();
}

function waits(id: string, ms: number): () => Error {
  return () => {
    const until = new Date(Date.now() + ms);
    originOf(id).quietUntil = until.getTime();
    return new WaitUntil('rate_limited', 'the origin has had enough', until);
  };
}

/** Until it is mended. */
function fails(id: string, at: number): void {
  const fail = () => {
    originOf(id).says.set(at, fail);
    return new NeedsAttention('token_expired', 'the token is no longer valid');
  };
  originOf(id).says.set(at, fail);
}

const cursor = z.strictObject({ v: z.literal(1), next: z.int() });

const scripted = defineSource<{ name?: string | undefined }, z.infer<typeof cursor>>({
  type: 'scripted',
  summary: 'an origin of the tests',
  options: z.strictObject({ name: z.string().optional() }),
  origin: () => 'a script',
  defaultId: () => 'scripted',
  cursor,
  initialCursor: { v: 1, next: 0 },
  mapperVersion: 1,
  async prepare({ sourceId }, committed) {
    ask(sourceId, 'prepare');
    return { cursor: committed };
  },
  async *read({ sourceId }, from) {
    for (let { next } = from; next < records; next++) {
      ask(sourceId, next);
      yield { records: [Buffer.from(String(next))], cursor: { v: 1, next: next + 1 } };
    }
    ask(sourceId, records);
  },
  toEvents: (record) => [
    { type: 'scripted.read', identity: { kind: 'immutable', key: Buffer.from(record).toString() }, data: {} },
  ],
}) as unknown as Source;

const database = testDatabase();
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database, { sources: [scripted] });
});
afterAll(() => worker.stop());

function order(id: string, mode: 'once' | 'follow' = 'once') {
  return { source: { type: 'scripted', id, options: {} }, mode, pollIntervalMs: 60_000 };
}

function latest({ workflowId }: Pick<SyncHandle, 'workflowId'>) {
  return worker.client.workflow.getHandle(workflowId);
}

function stateBecomes(handle: Pick<SyncHandle, 'workflowId'>, state: string): Promise<Progress> {
  return eventually(`${handle.workflowId} is ${state}`, async () => {
    const progress = await latest(handle)
      .query<Progress>('progress')
      .catch(() => null);
    return progress?.state === state ? progress : null;
  });
}

async function stored(source: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>('select count(*)::int as n from events where source = $1', [
    source,
  ]);
  return rows[0]!.n;
}

test.each([
  ['at prepare', 'prepare'],
  ['before the first record', 0],
  ['between records', 5],
  ['after the last record', records],
] as const)('a wait %s loses nothing, and nobody asks before its time', async (_, at) => {
  const id = uniqueSource('waits');
  originOf(id).says.set(at, waits(id, 1_500));
  const handle = await worker.start(order(id));
  expect(await stateBecomes(handle, 'rate_limited')).toMatchObject({
    reason: expect.stringContaining('the origin has had enough'),
  });
  expect(await handle.result()).toMatchObject({ outcome: 'done', inserted: records });
  expect([originOf(id).early, await stored(id)]).toEqual([0, records]);
  // What was read before the wait was not read again.
  const asked = originOf(id).asked.map(({ what }) => what);
  expect(asked).toEqual([...asked].filter((what, place) => asked.indexOf(what) === place || what === String(at)));
});

test('what was read before a wait is stored while it waits', async () => {
  const id = uniqueSource('stored');
  originOf(id).says.set(5, waits(id, 20_000));
  const handle = await worker.start(order(id));
  await stateBecomes(handle, 'rate_limited');
  await eventually('five are stored', async () => (await stored(id)) === 5);
  await handle.signal('stop');
  expect(await handle.result()).toMatchObject({ outcome: 'stopped', inserted: 5 });
});

test('a wait holds over a restart of everything that could forget it', async () => {
  const id = uniqueSource('restarted');
  const taskQueue = uniqueQueue('restarted');
  originOf(id).says.set(5, waits(id, 6_000));
  const client = await testClient(taskQueue);
  const first = await testWorker(database, { sources: [scripted], taskQueue });
  const handle = await client.start(order(id));
  await eventually('five are stored', async () => (await stored(id)) === 5);
  expect(await findWait(database.pool, id)).toMatchObject({ state: 'rate_limited' });
  // The run and the worker are gone: all that is left is the row.
  await client.client.workflow.getHandle(handle.workflowId).terminate('a test');
  await first.stop();
  const second = await testWorker(database, { sources: [scripted], taskQueue });
  expect(await second.sync(order(id))).toMatchObject({ outcome: 'done', total: 5 });
  expect([originOf(id).early, await stored(id)]).toEqual([0, records]);
  await Promise.all([second.stop(), client.close()]);
});

test('a stop and a pause end a wait at once, a poll asks now', async () => {
  const id = uniqueSource('ended');
  originOf(id).says.set(3, waits(id, 3_600_000));
  const handle = await worker.start(order(id));
  await stateBecomes(handle, 'rate_limited');
  await handle.signal('pause', { reason: 'a test' });
  await stateBecomes(handle, 'paused');
  await latest(handle).signal('resume');
  await stateBecomes(handle, 'rate_limited');
  expect(originOf(id).early).toBe(0);
  await latest(handle).signal('poll');
  expect(await latest(handle).result()).toMatchObject({ outcome: 'done', total: records });
  expect(originOf(id).early).toBeGreaterThan(0);
});

test('a wait that no quota asks for is looked at by a person', async () => {
  const id = uniqueSource('too-long');
  originOf(id).says.set('prepare', waits(id, 40 * 24 * 3_600_000));
  await expect(worker.sync(order(id))).rejects.toMatchObject({
    cause: { type: 'NeedsAttention', message: expect.stringContaining('31 days') },
  });
});

test('a follower that needs attention waits and says when it tries again; a poll tries now, and it goes on', async () => {
  const id = uniqueSource('follower');
  fails(id, 4);
  const handle = await worker.start(order(id, 'follow'));
  await eventually('it says when it tries again', async () =>
    (await stateBecomes(handle, 'needs_attention')).reason?.match(/no longer valid; tried again by itself \d{4}-/),
  );
  expect(await findWait(database.pool, id)).toMatchObject({ state: 'needs_attention', code: 'token_expired' });
  expect(await stored(id)).toBe(4);
  originOf(id).says.clear();
  await latest(handle).signal('poll');
  await eventually('all are stored', async () => (await stored(id)) === records);
  await eventually('all is well again', async () => (await findWait(database.pool, id)) === null);
  await latest(handle).signal('stop');
  expect(await latest(handle).result()).toMatchObject({ outcome: 'stopped', inserted: records });
});

test('a follower that needs attention is stopped and paused like any other', async () => {
  const id = uniqueSource('stopped');
  fails(id, 4);
  const handle = await worker.start(order(id, 'follow'));
  await stateBecomes(handle, 'needs_attention');
  await latest(handle).signal('pause', { reason: 'a test' });
  await stateBecomes(handle, 'paused');
  await latest(handle).signal('stop');
  expect(await latest(handle).result()).toMatchObject({ outcome: 'stopped', inserted: 4 });
  await deletePause(database.pool, id);
  originOf(id).says.clear();
  expect(await worker.sync(order(id))).toMatchObject({ outcome: 'done', total: records - 4 });
});
