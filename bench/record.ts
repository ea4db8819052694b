// record: events of a program through the door in this process: 10,000 events a call, one call at a time and two; again, when
// all are known; and one event a call. As a ratio to plain COPY of the same rows, measured before and after.
import { loadConfig } from '../src/config.js';
import { installed } from '../src/extensions/installed.js';
import { record, type GivenEvent } from '../src/clients/library/recording.js';
import { openOwnDoor } from '../src/clients/record/open-door.js';
import { limits } from '../src/limits.js';
import { syntheticRecord } from '../src/sources/synthetic.js';
import { copyRate } from './copy-limit.js';
import { startRig } from './rig.js';

export interface RecordFigures {
  readonly events: number;
  readonly eventsPerSecond: number;
  /** With two calls at once: while one writes, the other is made ready. */
  readonly eventsPerSecondOfTwo: number;
  readonly knownPerSecond: number;
  readonly copyPerSecond: number;
  readonly ratioToCopy: number;
  readonly ratioToCopyOfTwo: number;
  /** Of this process, for an event of the calls one at a time. */
  readonly cpuMicroseconds: number;
  /** A call of one event. */
  readonly oneP50Ms: number;
  readonly oneP99Ms: number;
  readonly peakMib: number;
}

const singleCalls = 500;

export async function recordBench(events: number): Promise<RecordFigures> {
  const rig = await startRig();
  const config = loadConfig();
  const door = await openOwnDoor(config, rig.databaseUrl, await installed(config));
  try {
    const synthetic = { events, seed: 42, duplicates: 0, bytes: 128, hostile: false, pageEvents: 1_000 };
    const all = Array.from({ length: events }, (_, at) => givenOf(syntheticRecord(synthetic, at)));
    const give = (source: string, some: readonly GivenEvent[]) => record(async () => door, some, { source });
    await give('bench/warm-up', all.slice(0, limits.doorEventsMax));
    await give('bench/warm-up', all.slice(0, limits.doorEventsMax));
    const copyBefore = await copyRate(rig.pool, 'bench/copy-before', synthetic);
    const cpu = process.cpuUsage();
    const one = await rate(all, 1, (some) => give('bench/one', some), 'inserted');
    const { user, system } = process.cpuUsage(cpu);
    const two = await rate(all, 2, (some) => give('bench/two', some), 'inserted');
    const known = await rate(all, 1, (some) => give('bench/one', some), 'skipped_existing');
    const copyAfter = await copyRate(rig.pool, 'bench/copy-after', synthetic);
    const single = await latencies(all, (some) => give('bench/single', some));
    const copy = (copyBefore + copyAfter) / 2;
    return {
      events,
      eventsPerSecond: Math.round(one),
      eventsPerSecondOfTwo: Math.round(two),
      knownPerSecond: Math.round(known),
      copyPerSecond: Math.round(copy),
      ratioToCopy: Math.round((100 * one) / copy) / 100,
      ratioToCopyOfTwo: Math.round((100 * two) / copy) / 100,
      cpuMicroseconds: Math.round((10 * (user + system)) / events) / 10,
      ...single,
      peakMib: Math.round(process.resourceUsage().maxRSS / 1_024),
    };
  } finally {
    await door.close();
    await rig.close();
  }
}

function givenOf(bytes: Buffer): GivenEvent {
  const { id, kind, time, data } = JSON.parse(bytes.toString()) as {
    id: string;
    kind: string;
    time: string;
    data: { actor: string };
  };
  return { type: `bench.${kind}`, id, time, subject: data.actor, data };
}

type Give = (some: readonly GivenEvent[]) => ReturnType<typeof record>;

async function rate(all: readonly GivenEvent[], atOnce: number, give: Give, told: 'inserted' | 'skipped_existing') {
  const start = performance.now();
  let [next, sum] = [0, 0];
  const giver = async (): Promise<void> => {
    while (next < all.length) {
      const from = next;
      next += limits.doorEventsMax;
      const counts = await give(all.slice(from, next));
      sum += counts[told];
    }
  };
  await Promise.all(Array.from({ length: atOnce }, giver));
  if (sum !== all.length) throw new Error(`expected ${all.length} ${told}, found ${sum}`);
  return all.length / ((performance.now() - start) / 1_000);
}

async function latencies(all: readonly GivenEvent[], give: Give) {
  const took: number[] = [];
  for (const event of all.slice(0, singleCalls)) {
    const start = performance.now();
    await give([event]);
    took.push(performance.now() - start);
  }
  const sorted = took.toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(100 * sorted[Math.floor(share * (sorted.length - 1))]!) / 100;
  return { oneP50Ms: at(0.5), oneP99Ms: at(0.99) };
}
