// Pages on their way through one run: several in flight, each through its stages, committed in page order. When a page
// fails, those before it commit and those after it are abandoned.
import { condition, workflowInfo } from '@temporalio/workflow';
import type { FetchedPage, FetchRequest } from '../activities/fetch-page.js';
import type { StageActivity } from '../activities/index.js';
import type { OpenedRun } from '../activities/open-run.js';
import { amount } from '../domain/figures.js';
import type { PageKey } from '../domain/page.js';
import type { RunPlan } from '../domain/plan.js';
import { activitiesWith } from './activity-proxies.js';
import type { Controls, Interruption } from './controls.js';
import type { SyncProgress } from './sync-progress.js';
import { waitedOut } from './waiting.js';

type Run = Extract<OpenedRun, { kind: 'run' }>;

/** end: nothing is left to read. full: history is long, go on in a new run. stopped, paused: somebody asked. */
export interface PipelineEnd extends Place {
  readonly how: 'end' | 'full' | Interruption;
}

/** The last page of this run, and the position after it. */
export interface Place {
  readonly seq: number;
  readonly digest: string;
}

/** What the pages of one round have in common. */
export interface Look {
  readonly round: number;
  readonly acceptDeletions?: true;
}

interface Flight {
  pages: number;
  bytes: number;
  failed: boolean;
  failure: unknown;
}

function noFlight(): Flight {
  return { pages: 0, bytes: 0, failed: false, failure: undefined };
}

/** Reads and commits from `from` to the end. Throws what made the first page fail, after all before it are committed. */
export async function runPages(
  run: Run,
  from: Place,
  look: Look,
  progress: SyncProgress,
  controls: Controls,
): Promise<PipelineEnd> {
  const flight = noFlight();
  let committed: Promise<boolean> = Promise.resolve(true);
  let { seq, digest } = from;
  let how: PipelineEnd['how'] | undefined;
  let [due, start, askNow] = [false, true, false];
  while (how === undefined && !flight.failed) {
    await condition(() => flight.failed || controls.interruption !== undefined || hasRoom(run, controls, flight));
    if (flight.failed) break;
    how = interrupted(run, controls);
    if (how !== undefined) break;
    const page = await fetchNext(
      run,
      flight,
      controls,
      { seq: seq + 1, digest },
      { ...look, start, ...(askNow ? { askNow } : {}) },
    );
    // Failed, or interrupted: which of them is seen when the loop goes on.
    if (page === undefined) continue;
    if (page.last) [how, due] = ['end', page.due === true];
    // Where it is empty, time was up before anything came: the same page is asked for again.
    if (!page.empty) {
      [seq, digest] = [page.seq, page.digest];
      // What a late attempt of the round before brought back is no page of the source.
      if (page.resumeStage === null && page.queue === undefined) start = false;
      progress.fetched(page.records);
      committed = passThrough(run, flight, progress, page, committed);
    }
    askNow = page.wait !== undefined && (await waitedOut(page.wait, progress, controls, () => flight.failed));
  }
  await committed;
  if (flight.failed) throw flight.failure;
  return how === 'end' ? bringBack(run, { seq, digest }, due, progress, controls) : { how: how ?? 'end', seq, digest };
}

/**
 * Brings back what waits in a queue and is due, page by page, until nothing is due. The last page told whether anything
 * is; a run whose stages may defer events looks in any case. One page at a time: until a page commits, its rows are
 * due. The loop ends: what is deferred again and again becomes a dead letter.
 */
export async function bringBack(
  run: Run,
  { seq, digest: from }: Place,
  due: boolean,
  progress: SyncProgress,
  controls: Controls,
): Promise<PipelineEnd> {
  const { source, epoch, plan } = run;
  const flight = noFlight();
  let digest = from;
  for (let last = seq; ; last++) {
    const how = due || plan.deferring.length > 0 ? interrupted(run, controls) : 'end';
    if (how !== undefined) return { how, seq: last, digest };
    const { fetchDeferred } = activitiesWith(plan.fetch, `page ${last + 1}`);
    const batch = controls.batchOf(plan.batch);
    const page = await fetchDeferred({ page: { source, epoch, seq: last + 1 }, digest, batch, stages: plan.deferring });
    if (page.empty) return { how: 'end', seq: last, digest };
    digest = page.digest;
    if (!(await passThrough(run, flight, progress, page, Promise.resolve(true)))) throw flight.failure;
  }
}

/** Why no further page is begun, if so. */
function interrupted(run: Run, controls: Controls): Interruption | 'full' | undefined {
  return controls.interruption ?? (historyFull(run) ? 'full' : undefined);
}

function hasRoom({ plan: { batch: planned, rawInFlightBytesMax } }: Run, controls: Controls, flight: Flight): boolean {
  const batch = controls.batchOf(planned);
  return flight.pages < batch.inFlight && (flight.pages === 0 || flight.bytes + batch.bytes <= rawInFlightBytesMax);
}

export function historyFull({ plan }: Pick<Run, 'plan'>): boolean {
  const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > plan.historyEventsMax || historySize > plan.historyBytesMax;
}

async function fetchNext(
  { source, epoch, plan }: Run,
  flight: Flight,
  controls: Controls,
  { seq, digest }: Place,
  how: Look & Pick<FetchRequest, 'start' | 'askNow'>,
): Promise<FetchedPage | undefined> {
  try {
    const { fetchPage } = activitiesWith(plan.fetch, `page ${seq}`);
    const request = { page: { source, epoch, seq }, fromDigest: digest, batch: controls.batchOf(plan.batch), ...how };
    return await controls.unlessInterrupted(() => fetchPage(request));
  } catch (error) {
    fail(flight, error);
    return undefined;
  }
}

/** True when the page is committed. Never throws: a failure is kept in `flight` and ends the fetching. */
async function passThrough(
  run: Run,
  flight: Flight,
  progress: SyncProgress,
  page: FetchedPage,
  before: Promise<boolean>,
): Promise<boolean> {
  flight.pages += 1;
  flight.bytes += page.bytes;
  try {
    const persist = await runStages(run, progress, page);
    if (!(await before)) return false;
    // Records that come back were counted when the source gave them.
    progress.committed(page.resumeStage === null ? page.records : 0, await persist());
    return true;
  } catch (error) {
    // A page before this one is still to commit, and its failure would be the one to tell.
    await before;
    fail(flight, error);
    return false;
  } finally {
    flight.pages -= 1;
    flight.bytes -= page.bytes;
  }
}

/** All stages but persist, which must wait for its turn. */
async function runStages(run: Run, progress: SyncProgress, page: FetchedPage) {
  const key: PageKey = { source: run.source, epoch: run.epoch, seq: page.seq };
  const plans = stagesOf(run, page);
  const names: string[] = [];
  let remaining = page.records;
  for (const { name, retry, always } of plans) {
    names.push(name);
    if (name === 'persist') break;
    // A stage with nothing to do is not scheduled: a round trip and 6 history events for nothing.
    if (remaining === 0 && !always) continue;
    const stages = activitiesWith(retry, `page ${page.seq}: ${amount(remaining, 'event')}`) as unknown as Record<
      string,
      StageActivity
    >;
    const report = await stages[name]!({ page: key, stages: [...names] });
    remaining = report.remaining;
  }
  const { retry } = plans.find((stage) => stage.name === 'persist')!;
  const { persist } = activitiesWith(retry, `page ${page.seq}: ${amount(remaining, 'event')}`);
  return () => persist({ page: key, stages: names, workedMs: progress.runWorkedMs });
}

/** An event that comes back goes on from the stage that deferred it. */
function stagesOf({ plan: { stages } }: Run, { resumeStage }: FetchedPage): RunPlan['stages'] {
  return resumeStage === null ? stages : stages.slice(stages.findIndex(({ name }) => name === resumeStage));
}

function fail(flight: Flight, error: unknown): void {
  if (flight.failed) return;
  flight.failed = true;
  flight.failure = error;
}
