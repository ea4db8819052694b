// events: what `tributary events` costs on many events, for each filter alone and together, with values that are frequent,
// rare, only long ago and nowhere, and deep in the pages. In a Postgres of its own.
import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../src/local/free-port.js';
import { startPostgres } from '../src/local/postgres-server.js';
import type { EventFilter, EventOrder, EventPlace } from '../src/store/reading/event-filter.js';
import { migrate } from '../src/store/migrate.js';
import { createPool, type Pool } from '../src/store/pool.js';
import { searchEvents } from '../src/store/reading/search-events.js';
import { statistics } from '../src/store/reading/statistics.js';
import { authorAt, pathAt, shaOf, wordAt } from './event-history.js';
import { fillStore } from './event-store.js';
import { createRegistry } from '../src/sources/index.js';

const { catalogue } = createRegistry();

/** Enough for a 95th percentile, and the slowest filter still ends. */
const rounds = 25;
const limit = 50;

export async function eventsBench(events: number): Promise<Record<string, unknown>> {
  const home = await mkdtemp(join(tmpdir(), 'tributary-bench-events-'));
  // The account that runs Postgres must be able to pass through.
  await chmod(home, 0o711);
  const postgres = await startPostgres({
    directory: join(home, 'postgres'),
    port: await freePort(54_531),
    logFile: join(home, 'postgres.log'),
  });
  const pool = createPool(postgres.url, { name: 'bench', connectionsMax: 1, statementTimeoutMs: 0 });
  try {
    await migrate(pool);
    const copyMicros = await fillStore(pool, events);
    // What autovacuum does by itself within a minute.
    await pool.query('vacuum analyze events');
    return { events, copyMicros: Math.round(copyMicros * 10) / 10, ...(await measure(pool, events)) };
  } finally {
    await pool.end();
    await postgres.stop();
    await rm(home, { recursive: true, force: true });
  }
}

/** Each on the one connection of `pool`, so that its server process can be watched. */
async function measure(pool: Pool, events: number): Promise<Record<string, unknown>> {
  const figures: Record<string, unknown> = {};
  const clock = await clockOf(pool);
  const all: Took[] = [];
  for (const [name, query] of Object.entries(queries(events / 5))) {
    const { took, found } = await timed(pool, query, clock);
    all.push(...took);
    figures[name] = `${told(took)}, ${found} found`;
  }
  const stats: Took[] = [];
  for (let round = 0; round < 5; round++) stats.push(await timedOnce(() => statistics(pool, { days: 7 }), clock));
  const percentiles = {
    p50Ms: percentile(
      all.map(({ ms }) => ms),
      0.5,
    ),
    p95Ms: percentile(
      all.map(({ ms }) => ms),
      0.95,
    ),
    p95CpuMs: percentile(
      all.map(({ cpuMs }) => cpuMs),
      0.95,
    ),
  };
  return { ...figures, stats: told(stats), ...percentiles };
}

interface Took {
  readonly ms: number;
  /** Of the server process: what a query costs where nothing else runs. NaN where /proc is not. */
  readonly cpuMs: number;
}

function told(took: readonly Took[]): string {
  const [ms, cpuMs] = [took.map((one) => one.ms), took.map((one) => one.cpuMs)];
  return `p50 ${percentile(ms, 0.5)} ms, p95 ${percentile(ms, 0.95)} ms, p95 CPU ${percentile(cpuMs, 0.95)} ms`;
}

type CpuClock = () => number;

async function clockOf(pool: Pool): Promise<CpuClock> {
  const { rows } = await pool.query<{ pid: number }>('select pg_backend_pid() as pid');
  return () => {
    try {
      return Number(readFileSync(`/proc/${rows[0]!.pid}/schedstat`, 'latin1').split(' ')[0]) / 1_000_000;
    } catch {
      return Number.NaN;
    }
  };
}

interface Query {
  readonly filter: (round: number) => EventFilter;
  readonly order?: EventOrder;
  /** Go on from the event at this share of time. */
  readonly deep?: boolean;
}

function queries(commits: number): Record<string, Query> {
  const path = (prefix: string) => ({ file: null, prefix, regex: null });
  const since = (round: number) => new Date(Date.UTC(2014 + (round % 10), round % 12, 1));
  const sha = (round: number) => shaOf(Math.floor(((round + 0.5) * commits) / (rounds + 1)));
  return {
    'no filter': { filter: () => ({}) },
    'no filter, deep': { filter: () => ({}), deep: true },
    'no filter, oldest': { filter: () => ({}), order: 'oldest' },
    source: { filter: (round) => ({ source: ['acme/api', 'acme/docs'][round % 2] }) },
    'source, none': { filter: () => ({ source: 'acme/none' }) },
    type: { filter: (round) => ({ types: [['git.commit', 'git.file_change', 'git.ref_moved'][round % 3]!] }) },
    'type, pattern': { filter: () => ({ types: ['git.*'] }), deep: true },
    'source and type': { filter: () => ({ source: 'acme/docs', types: ['git.ref_moved'] }) },
    'since, until': {
      filter: (round) => ({ since: since(round), until: new Date(since(round).getTime() + 86_400_000) }),
    },
    'priority 2': { filter: () => ({ priority: 2 }) },
    'priority 3': { filter: () => ({ priority: 3 }) },
    'priority 4': { filter: () => ({ priority: 4 }) },
    'text, frequent': { filter: (round) => ({ text: wordAt(round % 3) }) },
    'text, middling': { filter: (round) => ({ text: wordAt(20 + round * 3) }) },
    'text, rare': { filter: (round) => ({ text: wordAt(3_000 + round) }) },
    'text, two words': { filter: (round) => ({ text: `${wordAt(round)} ${wordAt(40 + round)}` }) },
    'text, only long ago': { filter: () => ({ text: 'subversion' }) },
    'text, none': { filter: () => ({ text: 'nowhere' }) },
    'text, deep': { filter: (round) => ({ text: wordAt(round % 20) }), deep: true },
    'author, frequent': { filter: (round) => ({ author: `Family${round % 3}` }) },
    'author, rare': { filter: (round) => ({ author: authorAt(500 + round).email }) },
    'author, none': { filter: () => ({ author: 'nobody' }) },
    'author, deep': { filter: (round) => ({ author: authorAt(round).name }), deep: true },
    'author, their changes': {
      filter: (round) => ({ author: authorAt(round * 20).email, types: ['git.file_change'] }),
    },
    'path, one file': { filter: (round) => ({ path: path(pathAt(round * 40, false)) }) },
    'path, folder': { filter: (round) => ({ path: path(`src/part${round}/`) }) },
    'path, only long ago': { filter: () => ({ path: path('legacy/') }) },
    'path, none': { filter: () => ({ path: path('no/such/file') }) },
    'path, deep': { filter: (round) => ({ path: path(`src/part${round}/`) }), deep: true },
    'path, its commits': { filter: (round) => ({ path: path(pathAt(round * 40, false)), types: ['git.commit'] }) },
    'path, in one import': { filter: () => ({ path: path('import/') }) },
    commit: { filter: (round) => ({ commit: sha(round) }) },
    'commit, abbreviated': { filter: (round) => ({ commit: sha(round).slice(0, 7) }) },
    'commit, none': { filter: () => ({ commit: 'ffffffffffff' }) },
    'author and path': { filter: (round) => ({ author: authorAt(round * 10).email, path: path(`src/part${round}/`) }) },
    'source, text and since': {
      filter: (round) => ({ source: 'acme/web', text: wordAt(round * 10), since: since(round) }),
    },
    'author and text': { filter: (round) => ({ author: authorAt(round).email, text: wordAt(round * 10) }) },
    'path, text and author': {
      filter: (round) => ({ path: path('src/'), text: wordAt(round), author: authorAt(round).email }),
    },
  };
}

async function timed(
  pool: Pool,
  { filter, order = 'newest', deep = false }: Query,
  clock: CpuClock,
): Promise<{ took: Took[]; found: number }> {
  const took: Took[] = [];
  let found = 0;
  for (let round = 0; round < rounds; round++) {
    const after = deep ? placeAt(0.3 + (0.6 * round) / rounds) : undefined;
    const search = { filter: filter(round), order, limit, after };
    took.push(await timedOnce(async () => (found += (await searchEvents(pool, search, catalogue)).length), clock));
  }
  return { took, found };
}

async function timedOnce(work: () => Promise<unknown>, cpuMs: CpuClock): Promise<Took> {
  const [start, cpuStart] = [performance.now(), cpuMs()];
  await work();
  return { ms: performance.now() - start, cpuMs: cpuMs() - cpuStart };
}

/** Between two events, at a share of the history's time. */
function placeAt(share: number): EventPlace {
  const [start, end] = [Date.UTC(2012, 0, 1), Date.UTC(2026, 0, 1)];
  return {
    time: new Date(start + share * (end - start)).toISOString(),
    ingestedAt: new Date(end).toISOString(),
    source: 'acme/api',
    id: 'x',
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]! * 10) / 10;
}
