// recovery: what a kill -9 of Postgres costs at the worst moment, when the most log since the last checkpoint has to be redone,
// and what the settings that bound it cost of the speed (docs/decisions/0006-checkpoints.md).
//
//   npm run bench -- recovery --events 600000 --options '{"max_wal_size":"1GB"}'
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from '../src/store/pool.js';
import { startRig, type Rig } from './rig.js';

const mib = 1_024 * 1_024;
const lookEveryMs = 200;
/** Of the most log that the first sync ever left to redo: nearer to it, the next look may come too late. */
const worst = 0.9;
/** What is read while Postgres is killed: enough to come to the worst moment again. */
const loadFactor = 4;

/** `settings`: of Postgres, on top of the product's. */
export async function recovery(
  events: number,
  settings: Readonly<Record<string, string>>,
): Promise<Record<string, unknown>> {
  const rig = await startRig(settings);
  try {
    const { rows } = await rig.pool.query<{ name: string; setting: string }>(
      "select name, current_setting(name) as setting from pg_settings where name in ('max_wal_size', 'checkpoint_timeout', 'checkpoint_completion_target')",
    );
    const used = Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
    return { events, ...used, ...(await measure(rig, events)) };
  } catch (error) {
    // Closing may fail too, and would be told instead.
    process.stderr.write(`${String(error)}\n`);
    throw error;
  } finally {
    await rig.close();
  }
}

async function measure(rig: Rig, events: number): Promise<Record<string, unknown>> {
  await rig.sync(inputOf('warm-up', 40_000));
  const before = await logState(rig.pool);
  const measured = { done: false };
  const watching = watch(rig.pool, measured);
  const { ms } = await rig.sync(inputOf('measured', events)).finally(() => (measured.done = true));
  const peak = await watching;
  const after = await logState(rig.pool);
  const killed = await killAtWorst(rig, events * loadFactor, peak * worst);
  return {
    eventsPerSecond: Math.round(events / (ms / 1_000)),
    walBytesPerEvent: Math.round((after.written - before.written) / events),
    checkpoints: after.checkpoints - before.checkpoints,
    peakToRedoMib: Math.round(peak / mib),
    ...killed,
  };
}

function inputOf(name: string, events: number) {
  const options = { events, seed: name.length, duplicates: 0, bytes: 128, hostile: false, pageEvents: 1_000 };
  return { source: { type: 'synthetic', id: `bench/${name}`, options } };
}

interface LogState {
  readonly written: number;
  /** Since the redo point of the last complete checkpoint. */
  readonly toRedo: number;
  readonly checkpoints: number;
}

async function logState(pool: Pool): Promise<LogState> {
  const { rows } = await pool.query<Record<keyof LogState, string>>(
    `select pg_current_wal_lsn() - '0/0'::pg_lsn as written, pg_current_wal_lsn() - redo_lsn as "toRedo", num_done as checkpoints
       from pg_control_checkpoint(), pg_stat_checkpointer`,
  );
  const { written, toRedo, checkpoints } = rows[0]!;
  return { written: Number(written), toRedo: Number(toRedo), checkpoints: Number(checkpoints) };
}

/** The most there ever was to redo. */
async function watch(pool: Pool, until: { readonly done: boolean }): Promise<number> {
  let peak = 0;
  while (!until.done) {
    peak = Math.max(peak, (await logState(pool)).toRedo);
    await sleep(lookEveryMs);
  }
  return peak;
}

async function killAtWorst(rig: Rig, events: number, toRedoMin: number): Promise<Record<string, unknown>> {
  const sync = rig.sync(inputOf('under-load', events)).catch(() => {});
  let toRedo = 0;
  while (toRedo < toRedoMin) {
    await sleep(lookEveryMs);
    toRedo = (await logState(rig.pool)).toRedo;
  }
  const downMs = await rig.killPostgres();
  const start = performance.now();
  const firstPage = await nextCommit(rig.pool, start);
  await rig.client.workflow.getHandle('sync/bench/under-load').terminate('measured');
  await sync;
  const log = readFileSync(join(rig.home, 'postgres.log'), 'utf8');
  return {
    killedAtMib: Math.round(toRedo / mib),
    downMs: Math.round(downMs),
    redo: /redo done at .*/.exec(log)?.[0],
    firstPageAfterMs: Math.round(downMs + firstPage),
  };
}

/** Until a page is committed again. */
async function nextCommit(pool: Pool, start: number): Promise<number> {
  const count = async (): Promise<string> =>
    (await pool.query<{ pages: string }>('select count(*) as pages from ledger')).rows[0]!.pages;
  // The pool's connections died with the server.
  const patient = async (): Promise<string> => count().catch(async () => (await sleep(lookEveryMs), patient()));
  const before = await patient();
  while ((await patient()) === before) await sleep(lookEveryMs);
  return performance.now() - start;
}
