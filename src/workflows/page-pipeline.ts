// Pages on their way through one run: several in flight, each through its stages, committed in page order. When a page
// fails, those before it commit and those after it are abandoned.
import { condition, workflowInfo } from '@temporalio/workflow';
import type { FetchedPage } from '../activities/fetch-page.js';
import type { OpenedRun } from '../activities/open-run.js';
import type { PageKey } from '../domain/page.js';
import type { StageName } from '../domain/sync-input.js';
import { activitiesWith } from './activity-proxies.js';
import type { SyncProgress } from './sync-progress.js';

type Run = Extract<OpenedRun, { kind: 'run' }>;

/** end: nothing is left to read. full: history is long, go on in a new run. stopped: somebody asked. */
export type PipelineEnd = 'end' | 'full' | 'stopped';

interface Flight {
  pages: number;
  bytes: number;
  failed: boolean;
  failure: unknown;
}

/** Reads and commits until the end. Throws what made the first page fail, after all before it are committed. */
export async function runPages(run: Run, progress: SyncProgress, stopAsked: () => boolean): Promise<PipelineEnd> {
  const flight: Flight = { pages: 0, bytes: 0, failed: false, failure: undefined };
  let committed: Promise<boolean> = Promise.resolve(true);
  let { seq, digest } = run;
  let end: PipelineEnd | undefined;
  while (end === undefined && !flight.failed) {
    await condition(() => flight.failed || stopAsked() || hasRoom(run, flight));
    if (flight.failed) break;
    end = stopAsked() ? 'stopped' : historyFull(run) ? 'full' : undefined;
    if (end !== undefined) break;
    const page = await fetchNext(run, flight, { seq: seq + 1, digest });
    if (page === undefined || page.empty) {
      end = 'end';
      break;
    }
    [seq, digest] = [page.seq, page.digest];
    progress.fetched(page.records);
    committed = passThrough(run, flight, progress, page, committed);
    if (page.last) end = 'end';
  }
  await committed;
  if (flight.failed) throw flight.failure;
  return end ?? 'end';
}

function hasRoom({ plan: { batch, rawInFlightBytesMax } }: Run, flight: Flight): boolean {
  return flight.pages < batch.inFlight && (flight.pages === 0 || flight.bytes + batch.bytes <= rawInFlightBytesMax);
}

function historyFull({ plan }: Run): boolean {
  const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > plan.historyEventsMax || historySize > plan.historyBytesMax;
}

async function fetchNext(
  { source, epoch, plan }: Run,
  flight: Flight,
  { seq, digest }: { seq: number; digest: string },
): Promise<FetchedPage | undefined> {
  try {
    const { fetchPage } = activitiesWith(plan.fetch, `page ${seq}`);
    return await fetchPage({ page: { source, epoch, seq }, fromDigest: digest, batch: plan.batch });
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
    const persist = await runStages(run, page);
    if (!(await before)) return false;
    progress.committed(page.records, await persist());
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
async function runStages({ source, epoch, plan }: Run, page: FetchedPage) {
  const key: PageKey = { source, epoch, seq: page.seq };
  const names: StageName[] = [];
  let remaining = page.records;
  for (const { name, retry, always } of plan.stages) {
    names.push(name as StageName);
    if (name === 'persist') break;
    // A stage with nothing to do is not scheduled: a round trip and 6 history events for nothing.
    if (remaining === 0 && !always) continue;
    const report = await activitiesWith(retry, `page ${page.seq}: ${remaining} events`)[name as Exclude<StageName, 'persist'>]({
      page: key,
      stages: [...names],
    });
    remaining = report.remaining;
  }
  const { retry } = plan.stages.find((stage) => stage.name === 'persist')!;
  return () => activitiesWith(retry, `page ${page.seq}: ${remaining} events`).persist({ page: key, stages: names });
}

function fail(flight: Flight, error: unknown): void {
  if (flight.failed) return;
  flight.failed = true;
  flight.failure = error;
}
