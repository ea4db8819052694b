// followers: sources that are followed and have nothing new. Whether each is looked at when it is due, what a look costs all
// processes together, whether anything grows, and how fast all stop.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { cpuMs } from './cpu.js';
import { startRig, type Rig } from './rig.js';

export interface FollowersFigures {
  readonly sources: number;
  readonly seconds: number;
  readonly looks: number;
  readonly looksExpected: number;
  readonly lateP50Ms: number;
  readonly lateP99Ms: number;
  readonly lateMaxMs: number;
  /** Of all sources, from the first `stop` to the end of the last run; and how many had not ended after the time for it. */
  readonly stopS: number;
  readonly running: number;
  /** CPU for one stop, of worker, Temporal and Postgres. */
  readonly msPerStop: string;
  /** CPU for one look. */
  readonly workerMsPerLook: number;
  readonly temporalMsPerLook: number;
  readonly postgresMsPerLook: number;
  readonly allMsPerLook: number;
  /** At the start and the end of the seconds. */
  readonly workerMib: string;
  readonly descriptors: string;
  readonly historyEvents: string;
  readonly restarts: number;
}

const stopMsMax = 120_000;

export async function followers(sources: number, seconds: number): Promise<FollowersFigures> {
  const rig = await startRig({}, 'followers-worker.js');
  try {
    const ids = Array.from({ length: sources }, (_, at) => `quiet/${at}`);
    await startAll(rig, ids);
    await begin(rig, sources);
    const [before, start] = [standOf(rig, await historyOf(rig, ids[0]!)), performance.now()];
    await wait(seconds * 1_000);
    const after = standOf(rig, await historyOf(rig, ids[0]!));
    const { looks, lateMs } = await looksOf(rig);
    const spent = (performance.now() - start) / 1_000;
    const sorted = lateMs.toSorted((a, b) => a - b);
    const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    const per = (name: 'worker' | 'temporal' | 'postgres') => (after.cpu[name] - before.cpu[name]) / Math.max(1, looks);
    const stopped = await stopAll(rig, ids);
    return {
      sources,
      seconds: Math.round(spent),
      looks,
      looksExpected: Math.round(sources * spent),
      lateP50Ms: at(0.5),
      lateP99Ms: at(0.99),
      lateMaxMs: at(1),
      ...stopped,
      workerMsPerLook: round(per('worker')),
      temporalMsPerLook: round(per('temporal')),
      postgresMsPerLook: round(per('postgres')),
      allMsPerLook: round(per('worker') + per('temporal') + per('postgres')),
      workerMib: `${before.mib} → ${after.mib}`,
      descriptors: `${before.descriptors} → ${after.descriptors}`,
      historyEvents: `${before.history} → ${after.history}`,
      restarts: rig.workerRestarts(),
    };
  } finally {
    await rig.close();
  }
}

async function startAll(rig: Rig, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const input = { source: { type: 'quiet', id, options: { name: id } }, mode: 'follow', pollIntervalMs: 1_000 };
    await rig.client.workflow.start('syncSource', { taskQueue: 'tributary', workflowId: `sync/${id}`, args: [input] });
  }
}

const beginMsMax = 600_000;

/** All were looked at of late: what their start cost is over. */
async function begin(rig: Rig, sources: number): Promise<void> {
  const start = performance.now();
  for (let seen = 0; seen < sources && performance.now() - start < beginMsMax;) {
    await wait(2_000);
    seen = (await looksOf(rig)).sources;
    process.stderr.write(`${seen} of ${sources} were looked at\n`);
  }
  await wait(2_000);
  await looksOf(rig);
}

interface Looks {
  readonly sources: number;
  readonly looks: number;
  readonly lateMs: readonly number[];
}

/** Since they were asked for last. */
async function looksOf(rig: Rig): Promise<Looks> {
  const file = join(rig.home, 'looks.json');
  rmSync(file, { force: true });
  process.kill(rig.pids().worker, 'SIGHUP');
  for (;;) {
    await wait(50);
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Looks;
    } catch {
      // Not written yet, or not to its end.
    }
  }
}

function standOf(rig: Rig, history: number) {
  const { worker, temporal, postgres } = rig.pids();
  return {
    cpu: { worker: cpuMs(worker), temporal: cpuMs(temporal), postgres: cpuMs(postgres) },
    mib: Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${worker}/status`, 'utf8'))?.[1]) / 1_024),
    descriptors: readdirSync(`/proc/${worker}/fd`).length,
    history,
  };
}

async function historyOf(rig: Rig, id: string): Promise<number> {
  return (await rig.client.workflow.getHandle(`sync/${id}`).describe()).historyLength;
}

function eachCpuMs(rig: Rig): number[] {
  const { worker, temporal, postgres } = rig.pids();
  return [worker, temporal, postgres].map(cpuMs);
}

async function stopAll(rig: Rig, ids: readonly string[]) {
  const start = performance.now();
  const before = eachCpuMs(rig);
  const giveUp = wait(stopMsMax, undefined, { ref: false });
  const ends = ids.map(async (id) => {
    const handle = rig.client.workflow.getHandle(`sync/${id}`);
    await handle.signal('stop');
    await Promise.race([handle.result(), giveUp]);
    return performance.now() - start < stopMsMax;
  });
  const ended = await Promise.all(ends.map((end) => end.catch(() => false)));
  const stopS = round((performance.now() - start) / 1_000);
  return {
    stopS,
    running: ended.filter((one) => !one).length,
    msPerStop: eachCpuMs(rig)
      .map((after, at) => round((after - before[at]!) / ids.length))
      .join(' + '),
  };
}

function round(figure: number): number {
  return Math.round(figure * 100) / 100;
}
