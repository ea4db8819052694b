// npm run torture: syncs of several sources at once while the worker, Temporal and Postgres are killed (SIGKILL) again and
// again, at random moments of a printed seed. Afterwards everything that was there to read is in the table, once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client, Connection, WorkflowExecutionAlreadyStartedError, WorkflowFailedError } from '@temporalio/client';
import { keepLoopbackDirect } from '../src/config.js';
import type { SyncResult } from '../src/domain/sync-result.js';
import { createPool, type Pool } from '../src/store/pool.js';
import {
  checkLedger,
  expectedOfSynthetic,
  type SyntheticOptions,
  type Verdict,
} from '../test/support/ledger-checker.js';
import { startVictims, type Victim, type Victims } from './victims.js';

export interface TortureOptions {
  /** How long processes are killed; healing comes on top. */
  readonly seconds: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface TortureFigures extends Verdict {
  readonly seed: number;
  readonly sources: number;
  readonly kills: Readonly<Record<string, number>>;
  /** Syncs that gave up and were started again, as a person would. */
  readonly restarts: number;
  /** From the last kill until the last sync was done. */
  readonly healedInMs: number;
}

/** What is read at once; each round of a lane is a source of its own. */
const lanes: readonly Partial<SyntheticOptions>[] = [
  { events: 6_000, pageEvents: 250 },
  { events: 4_000, pageEvents: 100, duplicates: 0.3 },
  { events: 4_000, pageEvents: 100, duplicates: 0.1, hostile: true },
  { events: 1_500, pageEvents: 25, bytes: 1_000, hostile: true },
];
const pageEvents = 500;
/** A sync that is not done this long after the last kill will never be. */
const healingMsMax = 180_000;

export async function torture({ seconds, seed, say }: TortureOptions): Promise<TortureFigures> {
  say(`torture: seed ${seed}, ${seconds} s`);
  const directory = await mkdtemp(join(tmpdir(), 'tributary-torture-'));
  const victims = await startVictims(directory);
  try {
    const until = performance.now() + seconds * 1_000;
    const run: Lane = { victims, seed, until, giveUpAt: until + healingMsMax, sources: new Map(), restarts: 0, say };
    const killing = killAtRandom(victims, seed, until, say);
    const reading = Promise.all(lanes.map((_, lane) => readRounds(run, lane)));
    // Whichever fails first is told; the other ends with its time.
    const [{ kills, lastAt }] = await Promise.all([killing, reading]);
    const healedInMs = Math.round(performance.now() - lastAt);
    const expected = [...run.sources].map(([source, options]) => expectedOfSynthetic(source, options));
    const verdict = await checked(victims.databaseUrl, (pool) => checkLedger(pool, expected));
    return { ...verdict, seed, sources: expected.length, kills, restarts: run.restarts, healedInMs };
  } finally {
    await victims.end();
    await rm(directory, { recursive: true, force: true });
  }
}

async function checked<T>(databaseUrl: string, check: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createPool(databaseUrl, { name: 'torture', statementTimeoutMs: 120_000 });
  try {
    return await check(pool);
  } finally {
    await pool.end();
  }
}

async function killAtRandom(victims: Victims, seed: number, until: number, say: TortureOptions['say']) {
  const random = randomOf(seed);
  const kills: Record<string, number> = { worker: 0, temporal: 0, postgres: 0 };
  let lastAt = performance.now();
  while (performance.now() < until) {
    await sleep(500 + random() * 2_500);
    // Sometimes two at the same moment.
    const all: readonly Victim[] = [victims.worker, victims.temporal, victims.postgres];
    const chosen = new Set([
      all[Math.floor(random() * 3)]!,
      ...(random() < 0.2 ? [all[Math.floor(random() * 3)]!] : []),
    ]);
    for (const victim of chosen) {
      if (!victim.kill()) continue;
      kills[victim.name]! += 1;
      lastAt = performance.now();
    }
  }
  say(`killed: ${JSON.stringify(kills)}; healing`);
  return { kills, lastAt };
}

interface Lane {
  readonly victims: Victims;
  readonly seed: number;
  readonly until: number;
  readonly giveUpAt: number;
  readonly sources: Map<string, Partial<SyntheticOptions>>;
  restarts: number;
  readonly say: TortureOptions['say'];
}

/** One source after the other until the time is up; the last one is read to its end. */
async function readRounds(run: Lane, lane: number): Promise<void> {
  for (let round = 0; round === 0 || performance.now() < run.until; round++) {
    const source = `torture/${lane}.${round}`;
    const options = { ...lanes[lane], seed: (run.seed + lane * 1_000 + round) >>> 0 };
    run.sources.set(source, options);
    const input = { source: { type: 'synthetic', id: source, options }, batch: { events: pageEvents } };
    while (!(await syncedOnce(run, source, input)));
  }
}

/** True when the sync is done. False: it could not be asked, or gave up; then again. */
async function syncedOnce(run: Lane, source: string, input: object): Promise<boolean> {
  if (performance.now() > run.giveUpAt)
    throw new Error(`${source} was not done ${healingMsMax / 1_000} s after the last kill (seed ${run.seed})`);
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address: run.victims.temporalAddress, connectTimeout: '5s' });
    const { outcome } = await resultOf(new Client({ connection }), `sync/${source}`, input, run.giveUpAt);
    return outcome === 'done' || outcome === 'done_empty';
  } catch (error) {
    if (error instanceof WorkflowFailedError) {
      run.restarts += 1;
      run.say(`${source}: ${error.cause?.message ?? error.message}; started again`);
    }
    await sleep(200);
    return false;
  } finally {
    await connection?.close().catch(() => {});
  }
}

async function resultOf(client: Client, workflowId: string, input: object, giveUpAt: number): Promise<SyncResult> {
  // A killed server may leave a call waiting for ever.
  return client.withDeadline(Date.now() + Math.min(20_000, giveUpAt - performance.now() + 1_000), async () => {
    try {
      const handle = await client.workflow.start('syncSource', { taskQueue: 'tributary', workflowId, args: [input] });
      return (await handle.result()) as SyncResult;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return (await client.workflow.getHandle(workflowId).result()) as SyncResult;
    }
  });
}

/** mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z = (z + Math.imul(z ^ (z >>> 7), z | 61)) ^ z;
    return ((z ^ (z >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

async function main(): Promise<void> {
  keepLoopbackDirect();
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [seconds, seed] = [Number(values.seconds), Number(values.seed ?? Date.now() % 1_000_000_007)];
  if (!(seconds >= 1 && seconds <= 86_400) || !Number.isInteger(seed)) {
    process.stderr.write('usage: npm run torture -- [--seconds 1–86400] [--seed INTEGER] [--json]\n');
    process.exit(2);
  }
  const figures = await torture({ seconds, seed, say: (line) => void process.stderr.write(`${line}\n`) });
  if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
  else
    for (const [name, value] of Object.entries(figures))
      process.stdout.write(`${name.padEnd(12)} ${JSON.stringify(value)}\n`);
  const { lost, doubled, invented, altered, astray } = figures;
  process.exit(lost + doubled + invented + altered + astray === 0 ? 0 : 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
