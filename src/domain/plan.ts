// What a run will do, as data: openRun makes it, the workflow follows it. Adding a stage or a source type changes this
// data and no workflow code. Types only, so that workflows may import it.

/** How one activity may fail: numbers in milliseconds. */
export interface RetryPlan {
  readonly startToCloseMs: number;
  readonly heartbeatMs: number;
  readonly initialIntervalMs: number;
  readonly maximumIntervalMs: number;
  readonly attemptsMax: number;
}

export interface StagePlan {
  /** Name of the activity type. */
  readonly name: string;
  readonly retry: RetryPlan;
  /** Runs also when no event of the page is left; persist does. */
  readonly always: boolean;
}

export interface RunPlan {
  readonly stages: readonly StagePlan[];
  /** Names of the stages that may defer events; without any, no event comes back, and the run does not look. */
  readonly deferring: readonly string[];
  readonly prepare: RetryPlan;
  readonly fetch: RetryPlan;
  readonly close: RetryPlan;
  /** Closing is tried once beside the workflow task, in this time; a plan of before it leaves all tries to the activity. */
  readonly closeBesideMs?: number;
  /** For a followed source with a cheap look of its own: one long activity awaits its news. Without it, each look is a prepare. */
  readonly news?: RetryPlan;
  readonly batch: BatchPlan;
  readonly mode: 'once' | 'follow';
  readonly pollIntervalMs: number;
  /** For the first look only. */
  readonly acceptDeletions: boolean;
  readonly historyEventsMax: number;
  readonly historyBytesMax: number;
  readonly rawInFlightBytesMax: number;
  /** False where the namespace does not know them: an upsert would fail each task for ever. */
  readonly searchAttributes: boolean;
  /** They know of `TributaryProgress`, too; a plan of before it does not, and its worker could not add it. */
  readonly progressListed?: true;
  readonly searchAttributeEveryMs: number;
}

export interface BatchPlan {
  readonly events: number;
  readonly bytes: number;
  readonly inFlight: number;
}
