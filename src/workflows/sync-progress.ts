// What a run knows of itself: answered to the query, shown in the Temporal UI, written to search attributes. Records, pages
// and events are those of the whole sync, over continue-as-new.
import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { CommittedPage } from '../activities/index.js';
import type { OpenedRun } from '../activities/open-run.js';
import { eventsPerSecond } from '../domain/event-figures.js';
import { addCounts, noCounts, type Counts } from '../domain/page.js';
import { sourceOfWorkflow } from '../domain/workflow-id.js';
import type { ToldProblem } from '../domain/source.js';
import type { StreamsStanding } from '../domain/streams.js';
import type { SyncState } from '../domain/sync-state.js';
import { bounded } from './activity-proxies.js';
import type { Progress } from './messages.js';
import { list } from './search-attributes.js';
import { Stopwatch } from './stopwatch.js';
import { progressText, syncDetails } from './sync-details.js';

type Run = Extract<OpenedRun, { kind: 'run' }>;
type InLine = Extract<OpenedRun, { kind: 'line' }>;

export class SyncProgress {
  private state: SyncState = 'running';
  private run: Run | undefined;
  private inLine: InLine | undefined;
  private counts: Counts = noCounts;
  private countsShown: Counts = noCounts;
  private upsertedAtMs = 0;
  private readonly startedAtMs = Date.now();
  private work = new Stopwatch();
  private pagesFetched = 0;
  private pagesCommitted = 0;
  private recordsFetched = 0;
  private recordsCommitted = 0;
  private recordsExpected: number | null = null;
  private lastCommitAtMs: number | null = null;
  private problems: readonly ToldProblem[] = [];
  private streams: StreamsStanding | null = null;
  private preparing = false;
  private reason: string | null = null;
  private polls = 0;
  private nextPollAt: string | null = null;

  is(state: SyncState): boolean {
    return this.state === state;
  }

  /** Before it was opened: others are before it. */
  lined(inLine: InLine): void {
    const { source, type, searchAttributes } = inLine;
    this.inLine = inLine;
    [this.state, this.reason] = ['waiting', 'waits for its turn: many sources started at once'];
    this.work.stop();
    setCurrentDetails(syncDetails(this.report()));
    if (searchAttributes) list({ source, type, state: 'waiting' });
  }

  opened(run: Run): void {
    this.run = run;
    if (this.state === 'waiting') [this.state, this.reason] = ['running', null];
    // From here on: before it has its source, a run waits for a worker or for the database.
    this.work = new Stopwatch();
    [this.counts, this.streams] = [run.counts, run.streams ?? null];
    [this.pagesFetched, this.pagesCommitted] = [run.pages, run.pages];
    [this.recordsFetched, this.recordsCommitted] = [run.records, run.records];
    this.show(true);
  }

  /** Before it was opened: only the workflow's id says of which source. */
  refused(state: SyncState, reason: string, searchAttributes: boolean): void {
    [this.state, this.reason] = [state, reason];
    const { workflowId } = workflowInfo();
    setCurrentDetails(syncDetails({ ...this.report(), source: workflowId }));
    if (searchAttributes) list({ source: sourceOfWorkflow(workflowId), state });
  }

  /** The origin is asked what there is; a clone takes minutes. */
  looks(): void {
    [this.preparing, this.nextPollAt] = [true, null];
    this.work.run();
    this.show(false);
  }

  /** More records, beside those that are stored. */
  expects(records: number | null, problems: readonly ToldProblem[]): void {
    [this.preparing, this.problems] = [false, problems];
    this.recordsExpected = records === null ? null : this.recordsCommitted + records;
    this.show(false);
  }

  /** Read to the end, and to be looked at again. */
  waits(untilMs: number): void {
    this.polls += 1;
    this.nextPollAt = new Date(untilMs).toISOString();
    this.work.stop();
    this.show(this.counts !== this.countsShown);
  }

  fetched(records: number): void {
    this.pagesFetched += 1;
    this.recordsFetched += records;
  }

  committed(records: number, { streams, ...counts }: CommittedPage): void {
    this.pagesCommitted += 1;
    this.recordsCommitted += records;
    this.counts = addCounts(this.counts, counts);
    this.streams = streams ?? this.streams;
    this.lastCommitAtMs = Date.now();
    this.show(false);
  }

  becomes(state: SyncState, reason: string | null = null): void {
    const changed = state !== this.state;
    this.state = state;
    this.reason = reason;
    if (state === 'running') this.work.run();
    else if (state !== 'pausing') this.work.stop();
    this.show(changed);
  }

  report(): Progress {
    const { state, pagesFetched, pagesCommitted, recordsFetched, recordsCommitted } = this;
    const { recordsExpected, reason, preparing, polls, nextPollAt, problems, streams } = this;
    const { source = '', type = '', origin = '' } = this.run ?? this.inLine ?? {};
    const { epoch = 0, plan } = this.run ?? {};
    const facts = {
      source,
      type,
      origin,
      state,
      mode: plan?.mode ?? 'once',
      epoch,
      preparing,
      polls,
      nextPollAt,
      reason,
      problems,
      streams,
    };
    const looks = plan?.news === undefined ? {} : { lookEveryMs: plan.pollIntervalMs };
    const records = { pagesFetched, pagesCommitted, recordsFetched, recordsCommitted, recordsExpected };
    const startedAt = new Date(this.startedAtMs).toISOString();
    const lastCommitAt = this.lastCommitAtMs === null ? null : new Date(this.lastCommitAtMs).toISOString();
    return {
      ...facts,
      ...looks,
      ...records,
      ...this.counts,
      startedAt,
      lastCommitAt,
      workedMs: this.workedMs,
      eventsPerSecond: eventsPerSecond(this.counts.fetched, this.workedMs),
      remainingMs: this.remainingMs(),
    };
  }

  /** Of this run alone, as its row has it. */
  get runWorkedMs(): number {
    return this.run === undefined ? 0 : this.work.elapsedMs;
  }

  private get workedMs(): number {
    return (this.run?.workedMs ?? 0) + this.runWorkedMs;
  }

  /** By the speed of this run alone: it is cut at some thousand history events, so that is about what is read now. */
  private remainingMs(): number | null {
    const committed = this.recordsCommitted - (this.run?.records ?? 0);
    if (this.recordsExpected === null || committed === 0) return null;
    return Math.round((Math.max(0, this.recordsExpected - this.recordsCommitted) * this.work.elapsedMs) / committed);
  }

  /** An upsert is a history event, so on changes of state at once and otherwise rarely; details cost nothing. */
  private show(changed: boolean): void {
    setCurrentDetails(syncDetails(this.report()));
    const { run } = this;
    if (run?.plan.searchAttributes !== true) return;
    if (!changed && Date.now() - this.upsertedAtMs < run.plan.searchAttributeEveryMs) return;
    this.upsertedAtMs = Date.now();
    this.countsShown = this.counts;
    const progress = run.plan.progressListed === true ? bounded(progressText(this.report())) : undefined;
    list({ source: run.source, type: run.type, state: this.state, events: this.counts.fetched, progress });
  }
}
