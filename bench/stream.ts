// stream: events through the door and the live stream of one process, seen by clients of another over loopback. One event a call,
// from the call and from its answer to each client; then many, to one client and to all; then clients that read nothing.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { record, type GivenEvent } from '../src/clients/library/recording.js';
import { openOwnDoor } from '../src/clients/record/open-door.js';
import { loadConfig } from '../src/config.js';
import { installed } from '../src/extensions/installed.js';
import { limits } from '../src/limits.js';
import { openStream, type LiveStream } from '../src/live/stream.js';
import { createPool } from '../src/store/pool.js';
import { startRig } from './rig.js';
import type { Seen, Watch } from './stream-clients.js';

export interface StreamFigures {
  readonly clients: number;
  /** From the call of the door that commits one event until a client has it; over all clients. */
  readonly callToSeenP50Ms: number;
  readonly callToSeenP99Ms: number;
  /** From its answer, which is after the commit; 0 where a client had it before. */
  readonly answerToSeenP50Ms: number;
  readonly answerToSeenP99Ms: number;
  readonly answerP50Ms: number;
  /** Events a second through the door, 10,000 a call, and until the last client has the last. */
  readonly givenPerSecondUnwatched: number;
  readonly givenPerSecond: number;
  readonly seenPerSecondByOne: number;
  readonly seenPerSecondByAll: number;
  readonly events: number;
  readonly missed: number;
  /** Of clients that were dropped: where they get no processor for ten seconds. */
  readonly returns: number;
  /** Resident memory of the door's process with so many clients that read nothing, above that without. */
  readonly pausedClients: number;
  readonly pausedMib: number;
  readonly peakMib: number;
}

const clients = 50;
const singleCalls = 500;
const pausedClients = 100;

export async function streamBench(events: number): Promise<StreamFigures> {
  const rig = await startRig();
  const config = loadConfig();
  const door = await openOwnDoor(config, rig.databaseUrl, await installed(config));
  const pool = createPool(rig.databaseUrl, { name: 'bench stream', connectionsMax: 4 });
  const served = await serve(openStream({ pool, clientsMax: pausedClients }));
  const give = (some: readonly GivenEvent[]) => record(async () => door, some, { source: 'bench/stream' });
  let next = 0;
  const make = (count: number) => Array.from({ length: count }, () => givenOf(next++));
  try {
    for (let n = 0; n < 5; n += 1) await give(make(1_000));
    const single = await latencies(served.url, make(singleCalls), give);
    const unwatched = await rate(make(events), give);
    const one = await flood(served.url, 1, make(events), give);
    const all = await flood(served.url, clients, make(events), give);
    const before = process.memoryUsage().rss;
    const paused = await watching(served.url, { clients: pausedClients, paused: true });
    await rate(make(events), give);
    const pausedMib = Math.round((process.memoryUsage().rss - before) / 1_024 / 1_024);
    paused.kill();
    return {
      clients,
      ...single,
      givenPerSecondUnwatched: Math.round(unwatched),
      givenPerSecond: Math.round(all.given),
      seenPerSecondByOne: Math.round(one.seen),
      seenPerSecondByAll: Math.round(all.seen),
      events,
      missed: one.missed + all.missed,
      returns: one.returns + all.returns,
      pausedClients,
      pausedMib,
      peakMib: Math.round(process.resourceUsage().maxRSS / 1_024),
    };
  } finally {
    served.close();
    await door.close();
    await pool.end();
    await rig.close();
  }
}

function givenOf(n: number): GivenEvent {
  const data = {
    n,
    actor: `user-${n % 97}`,
    words: 'an event of a usual size, some three hundred bytes as it is stored. '.repeat(2),
  };
  return { type: 'bench.happened', id: `event-${n}`, time: new Date().toISOString(), subject: `user-${n % 97}`, data };
}

type Give = (some: readonly GivenEvent[]) => Promise<unknown>;

async function rate(all: readonly GivenEvent[], give: Give): Promise<number> {
  const start = performance.now();
  for (let from = 0; from < all.length; from += limits.doorEventsMax)
    await give(all.slice(from, from + limits.doorEventsMax));
  return all.length / ((performance.now() - start) / 1_000);
}

async function latencies(url: string, all: readonly GivenEvent[], give: Give) {
  const watchers = await watching(url, { clients, paused: false, events: all.length });
  const [called, answered]: [bigint[], bigint[]] = [[], []];
  for (const event of all) {
    called.push(process.hrtime.bigint());
    await give([event]);
    answered.push(process.hrtime.bigint());
    // The next begins when this one is through: what is measured is one event and not a line of them.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { times } = await seenBy(watchers);
  const first = Math.min(...times.map(([n]) => n));
  const after = (from: readonly bigint[]) =>
    times.map(([n, at]) => Math.max(0, Number(BigInt(at) - from[n - first]!) / 1e6)).toSorted((a, b) => a - b);
  const [calls, answers] = [after(called), after(answered)];
  const took = called.map((at, n) => Number(answered[n]! - at) / 1e6).toSorted((a, b) => a - b);
  return {
    callToSeenP50Ms: share(calls, 0.5),
    callToSeenP99Ms: share(calls, 0.99),
    answerToSeenP50Ms: share(answers, 0.5),
    answerToSeenP99Ms: share(answers, 0.99),
    answerP50Ms: share(took, 0.5),
  };
}

function share(sorted: readonly number[], of: number): number {
  return Math.round(100 * sorted[Math.floor(of * (sorted.length - 1))]!) / 100;
}

async function flood(url: string, count: number, all: readonly GivenEvent[], give: Give) {
  const watchers = await watching(url, { clients: count, paused: false, events: all.length });
  const start = process.hrtime.bigint();
  const given = await rate(all, give);
  const { counts, returns, last } = await seenBy(watchers);
  const seconds = Number(BigInt(last) - start) / 1e9;
  const missed = counts.reduce((sum, of) => sum + all.length - of, 0);
  return { given, seen: all.length / seconds, missed, returns };
}

/** Resolves when all clients are there. */
async function watching(url: string, watch: Omit<Watch, 'url'>): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('stream-clients.js', import.meta.url)), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.send({ url, ...watch });
  await once(child, 'message');
  return child;
}

async function seenBy(child: ChildProcess): Promise<Seen> {
  const [seen] = (await once(child, 'message')) as [Seen];
  child.kill();
  return seen;
}

async function serve(stream: LiveStream) {
  const server = createServer((request, response) => void stream.handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/stream`,
    close() {
      stream.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
