// What a run knows of itself: answered to the query, shown in the Temporal UI, written to search attributes.
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { addCounts, noCounts, type Counts } from '../domain/page.js';
import type { RunPlan } from '../domain/plan.js';
import type { SyncState } from '../domain/sync-state.js';
import { searchAttributes, type Progress } from './messages.js';

export class SyncProgress {
  private state: SyncState = 'running';
  private source = '';
  private type = '';
  private epoch = 0;
  private counts: Counts = noCounts;
  private countsBefore: Counts = noCounts;
  private plan: RunPlan | undefined;
  private countsShown: Counts = noCounts;
  private upsertedAtMs = 0;
  private readonly startedAtMs = Date.now();
  private pagesFetched = 0;
  private pagesCommitted = 0;
  private recordsFetched = 0;
  private recordsCommitted = 0;
  private recordsExpected: number | null = null;
  private reason: string | null = null;
  private polls = 0;
  private nextPollAt: string | null = null;

  get isRunning(): boolean {
    return this.state === 'running';
  }

  opened(run: { source: string; type: string; epoch: number; plan: RunPlan; counts: Counts }): void {
    this.source = run.source;
    this.type = run.type;
    this.epoch = run.epoch;
    this.plan = run.plan;
    this.counts = run.counts;
    this.countsBefore = run.counts;
    this.show(true);
  }

  /** More records, beside those that are stored. */
  expects(records: number | null): void {
    this.recordsExpected = records === null ? null : this.recordsCommitted + records;
  }

  /** Read to the end, and to be looked at again. */
  waits(untilMs: number): void {
    this.polls += 1;
    this.nextPollAt = new Date(untilMs).toISOString();
    this.show(this.counts !== this.countsShown);
  }

  looks(): void {
    this.nextPollAt = null;
    this.show(false);
  }

  fetched(records: number): void {
    this.pagesFetched += 1;
    this.recordsFetched += records;
  }

  committed(records: number, counts: Counts): void {
    this.pagesCommitted += 1;
    this.recordsCommitted += records;
    this.counts = addCounts(this.counts, counts);
    this.show(false);
  }

  becomes(state: SyncState, reason: string | null = null): void {
    const changed = state !== this.state;
    this.state = state;
    this.reason = reason;
    this.show(changed);
  }

  report(): Progress {
    const { source, type, state, epoch, pagesFetched, pagesCommitted, recordsFetched, recordsCommitted } = this;
    const { recordsExpected, reason } = this;
    const { polls, nextPollAt } = this;
    const mode = this.plan?.mode ?? 'once';
    const facts = { source, type, state, mode, epoch, polls, nextPollAt, pagesFetched, pagesCommitted, recordsFetched, recordsCommitted };
    const startedAt = new Date(this.startedAtMs).toISOString();
    return { ...facts, ...this.counts, recordsExpected, reason, startedAt, eventsPerSecond: this.rate() };
  }

  private rate(): number {
    const elapsedMs = Math.max(1, Date.now() - this.startedAtMs);
    return Math.round(((this.counts.fetched - this.countsBefore.fetched) * 1_000) / elapsedMs);
  }

  /** An upsert is a history event, so on changes of state at once and otherwise rarely; details cost nothing. */
  private show(changed: boolean): void {
    setCurrentDetails(this.details());
    const { plan } = this;
    if (plan?.searchAttributes !== true) return;
    if (!changed && Date.now() - this.upsertedAtMs < plan.searchAttributeEveryMs) return;
    this.upsertedAtMs = Date.now();
    this.countsShown = this.counts;
    upsertSearchAttributes([
      { key: searchAttributes.source, value: this.source },
      { key: searchAttributes.type, value: this.type },
      { key: searchAttributes.state, value: this.state },
      { key: searchAttributes.events, value: this.counts.fetched },
    ]);
  }

  /** Bullets, not a table: UIs before 2.53 show a table as pipes. */
  private details(): string {
    const { counts, recordsExpected, nextPollAt } = this;
    const share = recordsExpected === null || recordsExpected === 0 ? '' : ` of ${recordsExpected} (${Math.floor((100 * this.recordsCommitted) / recordsExpected)} %)`;
    return [
      `- **${this.source}** is **${this.state}**${this.reason === null ? '' : `: ${this.reason}`}`,
      `- ${this.recordsCommitted}${share} records stored, in ${this.pagesCommitted} pages`,
      `- ${counts.inserted} events inserted, ${counts.duplicate + counts.existing} known, ${counts.dead} dead letters`,
      nextPollAt === null ? `- ${this.rate()} events/s` : `- followed: looked at again at ${nextPollAt}`,
    ].join('\n');
  }
}
