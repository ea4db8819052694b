// many: sources started at once, against one alone in the same run. What one worker makes of them: its memory, its rate, and
// whether each gets its turn.
import { setTimeout as wait } from 'node:timers/promises';
import { startRig, type Rig } from './rig.js';

export interface ManyFigures {
  readonly sources: number;
  readonly eventsPerSource: number;
  readonly done: number;
  /** Of one source alone, and of all together. */
  readonly onePerSecond: number;
  readonly allPerSecond: number;
  readonly ratioToOne: number;
  /** From the start of all to the end of each. */
  readonly fastestS: number;
  readonly slowestS: number;
  readonly slowestToFastest: number;
  /** From openRun to closeRun, as `runs` has them. */
  readonly medianOpenS: number;
  readonly longestOpenS: number;
  readonly longestToMedian: number;
  readonly workerPeakMib: number | null;
  readonly workerMib: number;
  readonly restarts: number;
}

export async function many(sources: number, events: number): Promise<ManyFigures> {
  const rig = await startRig();
  try {
    const options = { bytes: 400, pageEvents: 1_000 };
    await rig.sync({
      source: { type: 'synthetic', id: 'bench/warm-up', options: { ...options, events: 40_000, seed: 1 } },
    });
    const alone = Math.max(events, 100_000);
    const one = await rig.sync({
      source: { type: 'synthetic', id: 'bench/one', options: { ...options, events: alone, seed: 2 } },
    });
    return await together(rig, sources, events, alone / (one.ms / 1_000));
  } finally {
    await rig.close();
  }
}

async function together(rig: Rig, sources: number, events: number, onePerSecond: number): Promise<ManyFigures> {
  const start = performance.now();
  const watching = new AbortController();
  const progress = watch(rig, sources * events, watching.signal);
  const ends = await Promise.all(
    Array.from({ length: sources }, async (_, at) => {
      const options = { bytes: 400, pageEvents: 1_000, events, seed: 100 + at };
      const { result } = await rig.sync({ source: { type: 'synthetic', id: `bench/many-${at}`, options } });
      return { done: result.outcome === 'done' && result.inserted === events, s: (performance.now() - start) / 1_000 };
    }).map((one) => one.catch(() => ({ done: false, s: Infinity }))),
  );
  watching.abort();
  await progress;
  const seconds = ends.map(({ s }) => s).toSorted((a, b) => a - b);
  const [fastest, slowest] = [seconds[0]!, seconds.at(-1)!];
  const open = await openSeconds(rig);
  const allPerSecond = (sources * events) / slowest;
  return {
    sources,
    eventsPerSource: events,
    done: ends.filter(({ done }) => done).length,
    onePerSecond: Math.round(onePerSecond),
    allPerSecond: Math.round(allPerSecond),
    ratioToOne: round(allPerSecond / onePerSecond),
    fastestS: round(fastest),
    slowestS: round(slowest),
    slowestToFastest: round(slowest / fastest),
    ...open,
    workerPeakMib: rig.workerPeakMib(),
    workerMib: rig.workerMib,
    restarts: rig.workerRestarts(),
  };
}

async function openSeconds(rig: Rig) {
  const { rows } = await rig.pool.query<{ s: number }>(
    `select extract(epoch from max(closed_at) - min(opened_at))::float8 as s from runs where source like 'bench/many-%' group by source order by 1`,
  );
  const [median, longest] = [rows[Math.floor(rows.length / 2)]?.s ?? 0, rows.at(-1)?.s ?? 0];
  return { medianOpenS: round(median), longestOpenS: round(longest), longestToMedian: round(longest / median) };
}

/** One line every few seconds on stderr: this takes minutes. */
async function watch(rig: Rig, total: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await wait(5_000, undefined, { signal }).catch(() => undefined);
    const { rows } = await rig.pool.query<{ n: string; open: string }>(
      `select (select coalesce(sum(inserted), 0) from ledger where source like 'bench/many-%') as n,
              (select count(*) from runs where closed_at is null and source like 'bench/many-%') as open`,
    );
    process.stderr.write(
      `${rows[0]!.n} of ${total} events, ${rows[0]!.open} open, worker ${rig.workerPeakMib()} MiB, ${rig.workerRestarts()} restarts\n`,
    );
  }
}

function round(figure: number): number {
  return Math.round(figure * 100) / 100;
}
