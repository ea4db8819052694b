// The feed that all readers of a process share: every committed event comes once, in the order of the commits, to everybody, from
// wherever each goes on; also past a transaction that stays open, a page larger than the window, and a session that is lost.
import fc from 'fast-check';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { feedStart, isAfter, positionText, wholeCommit, type FeedPosition } from '../../src/domain/feed-position.js';
import { liveLimits } from '../../src/live/limits.js';
import { createFeed, type FeedReader, type LiveFeed } from '../../src/live/feed.js';
import { feedHead, fits, readFeed, type FedEvent } from '../../src/live/fed-event.js';
import { startOf } from '../../src/live/start.js';
import { insertCommit, numberCommits } from '../../src/store/commits.js';
import { createPool } from '../../src/store/pool.js';
import { inTransaction } from '../../src/store/transaction.js';
import type { FeedFilter } from '../../src/store/reading/commit-feed.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { createGate } from '../support/gate.js';
import { commitsOf, type CommitMaker } from './committed.js';

const database = testDatabase();
const eventBytes = { dataBytes: 10_000, enrichmentBytes: 10_000 };
/** More of these than so many, and the window has moved on. */
const words = 'word '.repeat(1_000);
const windowful = Math.ceil(liveLimits.feedWindowBytes / words.length);
const large = (n: number) => ({ data: { n, words } });
let [maker, other]: CommitMaker[] = [];
let feed: LiveFeed;

beforeAll(async () => {
  [maker, other] = [await commitsOf(database, 'acme/api'), await commitsOf(database, 'acme/web')];
});
afterEach(() => feed.close());

function openFeed(pool = database.workerPool): LiveFeed {
  feed = createFeed({ pool, eventBytes });
  return feed;
}

/** So many events, however many batches they come in. */
async function take(reader: FeedReader, count: number): Promise<FedEvent[]> {
  const taken: FedEvent[] = [];
  await eventually(`${count} events`, async () => {
    taken.push(...(await reader.next(1_000)).events);
    return taken.length >= count;
  });
  return taken;
}

function namesOf(events: readonly FedEvent[]): string[] {
  return events.map(({ row }) => `${row.source} ${row.id}`);
}

function inOrder(events: readonly FedEvent[]): boolean {
  return events.every(({ position }, at) => at === 0 || isAfter(position, events[at - 1]!.position));
}

test('readers from the beginning, from the middle and from now on see each event behind their place once, in order', async () => {
  await maker!.commit(30);
  await other!.commit(5);
  await maker!.commit(7);
  const end = await feedHead(database.pool);
  openFeed();
  const [all, now] = [feed.open(feedStart, {}), feed.open(end, {})];
  const past = await take(all, 42);
  expect({ count: past.length, inOrder: inOrder(past) }).toEqual({ count: 42, inOrder: true });
  const middle = feed.open(past[33]!.position, {});
  await maker!.commit(3);
  await other!.commit(2);
  const [rest, fromMiddle, fromNow] = await Promise.all([take(all, 5), take(middle, 13), take(now, 5)]);
  expect(namesOf(rest)).toEqual(
    [37, 38, 39].map((n) => `acme/api event-${n}`).concat(['acme/web event-5', 'acme/web event-6']),
  );
  expect(namesOf(fromNow)).toEqual(namesOf(rest));
  expect(namesOf(fromMiddle)).toEqual(namesOf([...past.slice(34), ...rest]));
});

test('an event of a transaction that was open for long comes when it commits, after those that overtook it', async () => {
  openFeed();
  const reader = feed.open(await feedHead(database.pool), {});
  const gate = createGate();
  const slow = inTransaction(database.workerPool, async (session) => {
    const { rows } = await session.query<{ at: string }>('select clock_timestamp()::timestamptz(3)::text as at');
    await session.query(
      `insert into events (ingested_at, source, id, type, priority, epoch, page, ordinal, data) values ($1, 'slow', 'late', 'test.late', 2, 1, 1, 0, '{}')`,
      [rows[0]!.at],
    );
    await insertCommit(session, { source: 'slow', epoch: 1, seq: 1 }, 1, new Date(rows[0]!.at));
    await gate.pass();
  });
  await gate.reached;
  await maker!.commit(2);
  expect((await take(reader, 2)).every(({ row }) => row.source === 'acme/api')).toBe(true);
  gate.open();
  await slow;
  await numberCommits(database.workerPool);
  await maker!.commit(1);
  expect(namesOf(await take(reader, 2))).toEqual(['slow late', expect.stringMatching(/^acme\/api /)]);
});

test('a page larger than the window reaches a reader that keeps up, and one that comes when it is through', async () => {
  openFeed();
  const before = await feedHead(database.pool);
  const first = feed.open(before, {});
  const count = windowful + 500;
  const [, live] = await Promise.all([maker!.commit(count, large), take(first, count)]);
  expect({ count: new Set(namesOf(live)).size, inOrder: inOrder(live) }).toEqual({ count, inOrder: true });
  const later = await take(feed.open(before, {}), count);
  expect(namesOf(later)).toEqual(namesOf(live));
});

test('a reader that does not ask keeps nobody waiting, and goes on where it stood', async () => {
  openFeed();
  const before = await feedHead(database.pool);
  const [paused, awake] = [feed.open(before, {}), feed.open(before, {})];
  const count = 2 * windowful;
  const [, seen] = await Promise.all([maker!.commit(count, large), take(awake, count)]);
  expect(namesOf(await take(paused, count))).toEqual(namesOf(seen));
});

test('a word that is lost with its session costs time and no event', async () => {
  openFeed();
  const reader = feed.open(await feedHead(database.pool), {});
  await maker!.commit(1);
  await take(reader, 1);
  const ended = async () =>
    (
      await database.pool.query<{ pid: number }>(
        `select pid, pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and datname = current_database()`,
      )
    ).rows.length;
  expect(await ended()).toBe(1);
  await maker!.commit(2);
  expect(await take(reader, 2)).toHaveLength(2);
  await eventually('it listens again', async () => (await ended()) === 1);
});

test('when all sessions end at once, readers that wait have what comes afterwards', async () => {
  const pool = createPool(database.url, { name: 'test feed', connectionsMax: 3 });
  feed = createFeed({ pool, eventBytes });
  const reader = feed.open(await feedHead(database.pool), {});
  await maker!.commit(1);
  await take(reader, 1);
  const waiting = reader.next(60_000);
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tributary test feed'`,
  );
  await maker!.commit(4);
  expect([...(await waiting).events, ...(await take(reader, 0))]).toHaveLength(4);
  feed.close();
  await pool.end();
});

test('no session is held by readers that wait, but the one that listens', async () => {
  const pool = createPool(database.url, { name: 'test sessions', connectionsMax: 5 });
  feed = createFeed({ pool, eventBytes });
  const end = await feedHead(database.pool);
  const readers = Array.from({ length: 100 }, () => feed.open(end, {}));
  const asked = readers.map((reader) => reader.next(60_000));
  await eventually('all wait', () => pool.totalCount - pool.idleCount === 1 && pool.waitingCount === 0);
  await maker!.commit(1);
  expect((await Promise.all(asked)).every(({ events }) => events.length === 1)).toBe(true);
  feed.close();
  await eventually('nobody listens', () => pool.totalCount - pool.idleCount === 0);
  await pool.end();
});

test('without readers nothing is read; the next one has what came meanwhile', async () => {
  openFeed();
  const before = await feedHead(database.pool);
  const first = feed.open(before, {});
  await maker!.commit(1);
  await take(first, 1);
  first.close();
  await maker!.commit(2);
  expect(await take(feed.open(before, {}), 3)).toHaveLength(3);
});

test('what is larger than its bound is left out with its size, and everything around it is read', async () => {
  openFeed();
  const reader = feed.open(await feedHead(database.pool), {});
  const text = 'x'.repeat(eventBytes.dataBytes);
  await maker!.commit(3, (n) => (n % 2 === 0 ? { data: { text }, enrichment: JSON.stringify({ text }) } : {}));
  const rows = (await take(reader, 3)).map(({ row }) => row);
  const cut = rows.filter(({ data }) => data === null);
  expect(cut.length).toBeGreaterThan(0);
  expect(cut.every((row) => row.dataBytes > 10_000 && row.enrichmentBytes > 10_000 && row.enrichment === null)).toBe(
    true,
  );
  expect(rows.length).toBe(3);
});

test('a reader begins at what was stored since a time, at a place that is there, and is told of one that is not', async () => {
  const before = new Date();
  await maker!.commit(2);
  const end = await feedHead(database.pool);
  const since = await startOf(database.pool, undefined, before);
  expect({ since: positionText(since.after), now: (await startOf(database.pool, undefined, undefined)).after }).toEqual(
    { since: String(end.number - 1), now: end },
  );
  const place = { number: end.number, ordinal: 0 };
  expect(await startOf(database.pool, place, undefined)).toEqual({ after: place });
  expect((await startOf(database.pool, wholeCommit(end.number + 7), undefined)).reset?.reason).toBe('ahead');
  await database.pool.query('delete from commits where number = $1', [end.number - 1]);
  const gone = await startOf(database.pool, { number: end.number - 1, ordinal: 3 }, undefined);
  expect({ after: gone.after, reason: gone.reset?.reason }).toEqual({
    after: wholeCommit(end.number - 1),
    reason: 'gone',
  });
});

test('Postgres and the window filter alike', async () => {
  const types = ['git.commit', 'git.tag', 'a_b.c', 'axb.c', 'a%b', 'test'];
  await other!.commit(60, (n) => ({
    draft: {
      type: types[n % types.length]!,
      priority: ((n % 4) + 1) as 1 | 2 | 3 | 4,
      ...(n % 5 === 0 ? {} : { time: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString() }),
    },
  }));
  const end = await feedHead(database.pool);
  const after: FeedPosition = wholeCommit(end.number - 1);
  const bounds = { rows: 1_000, bytes: 10_000_000, ...eventBytes };
  const all = (await readFeed(database.pool, after, {}, bounds)).events;
  openFeed();
  const filters = fc.record(
    {
      source: fc.constantFrom('acme/api', 'acme/web'),
      types: fc.array(fc.constantFrom('git.*', '*', 'a_b.*', 'a*b*', 'test', '*.c', 'git.tag', '**t'), {
        maxLength: 2,
      }),
      priority: fc.integer({ min: 1, max: 4 }),
      since: fc.date({
        min: new Date('2025-12-31T23:50:00Z'),
        max: new Date('2026-01-01T01:10:00Z'),
        noInvalidDate: true,
      }),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(filters, async (filter: FeedFilter) => {
      const found = (await readFeed(database.pool, after, filter, bounds)).events;
      expect(namesOf(found)).toEqual(namesOf(all.filter((event) => fits(event, filter))));
    }),
    { numRuns: 40 },
  );
});
