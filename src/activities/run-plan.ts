// The plan of a run: which stages, with which patience. Every number has its reason here.
import type { RetryPlan, RunPlan, StagePlan } from '../domain/plan.js';
import { paceOf, type SourceSettings } from '../domain/source-settings.js';
import { chosenStages, configuredStages, type StageName, type SyncInput } from '../domain/sync-input.js';
import { limits } from '../limits.js';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** A worker that was killed is noticed after this long; beaten by the activity shell every second (design §4.16). */
const heartbeatMs = 5 * second;

/** Tried at once, then ever more rarely: 10 tries span a minute, 30 about ten: an outage may end by itself. */
const patient = {
  heartbeatMs,
  initialIntervalMs: 200,
  maximumIntervalMs: 30 * second,
  attemptsMax: limits.attemptsWithoutProgressMax,
};

/** Pure computation over one page takes under a second; a minute says it hangs. It fails by a bug, so few tries. */
const computing: RetryPlan = { ...patient, startToCloseMs: minute, attemptsMax: 5 };
/** One page's statements, each bounded by the statement timeout of 10 s. */
const storing: RetryPlan = { ...patient, startToCloseMs: minute };
/** A page closes after 1 s of reading; a slow origin may need longer for its first record. */
const fetching: RetryPlan = { ...patient, startToCloseMs: 5 * minute };
/** The first clone of a large repository. Alive as long as it heartbeats. */
const preparing: RetryPlan = { ...patient, startToCloseMs: 24 * hour };

/**
 * As long as the source is followed. The SDK sends a heartbeat when four fifths of the timeout are over, and a thousand followers
 * send forty a second; a worker that was killed is noticed after 30 s. A try after any number of failures costs nothing.
 */
const awaiting: RetryPlan = {
  heartbeatMs: 30 * second,
  initialIntervalMs: 200,
  maximumIntervalMs: 30 * second,
  attemptsMax: 2 ** 31 - 1,
  startToCloseMs: 30 * 24 * hour,
};

/** An event stage, or embed, may ask the outside about each of 20,000 events. Alive as long as it heartbeats; a retry goes on where it was. */
const answering: RetryPlan = { ...patient, startToCloseMs: 24 * hour };

const stageRetry: Record<StageName, RetryPlan> = {
  validate: computing,
  hash: computing,
  deduplicate: storing,
  enrich: computing,
  persist: storing,
};

export interface PlanParts {
  readonly searchAttributes: boolean;
  /** Stages the worker has beside those that every worker has. */
  readonly ownStages: readonly string[];
}

/** `hasNews`: the source has a cheap look of its own. */
export function runPlan(
  settings: SourceSettings,
  { acceptDeletions }: Pick<SyncInput, 'acceptDeletions'>,
  { searchAttributes, ownStages }: PlanParts,
  hasNews: boolean,
): RunPlan {
  const stages = chosenStages(settings, ownStages);
  const pace = paceOf(settings);
  return {
    stages: stages.map((name) => stagePlan(name, stages)),
    deferring: stages.filter((name) => ownStages.includes(name) && !configuredStages.includes(name)),
    prepare: preparing,
    fetch: fetching,
    close: storing,
    closeBesideMs: limits.closeBesideMs,
    ...(hasNews && settings.mode === 'follow' ? { news: awaiting } : {}),
    batch: pace.batch,
    mode: settings.mode ?? 'once',
    acceptDeletions: acceptDeletions ?? false,
    pollIntervalMs: pace.pollIntervalMs,
    historyEventsMax: limits.historyEventsMax,
    historyBytesMax: limits.historyBytesMax,
    rawInFlightBytesMax: limits.rawInFlightBytesMax,
    searchAttributes,
    ...(searchAttributes ? { progressListed: true } : {}),
    searchAttributeEveryMs: limits.searchAttributeEveryMs,
  };
}

function stagePlan(name: string, all: readonly string[]): StagePlan {
  const retry = stageRetry[name as StageName] ?? answering;
  // Where memory has lost the page, persist runs all stages before it again: it needs the patience of the slowest.
  const patience =
    name === 'persist' && all.some((stage) => !(stage in stageRetry))
      ? { ...retry, startToCloseMs: answering.startToCloseMs }
      : retry;
  return { name, retry: patience, always: name === 'persist' };
}
