// What people may say to a running sync and ask of it. Every message also works without an argument.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { BatchChange } from '../domain/batch.js';
import type { Counts } from '../domain/page.js';
import type { BatchPlan } from '../domain/plan.js';
import type { ToldProblem } from '../domain/source.js';
import type { StreamsStanding } from '../domain/streams.js';
import type { SyncState } from '../domain/sync-state.js';

export const stopSignal = defineSignal<[unknown?]>('stop');
/** {"reason": text, "until": ISO time, "by": text}, each of them optional. */
export const pauseSignal = defineSignal<[unknown?]>('pause');
export const resumeSignal = defineSignal<[unknown?]>('resume');
/** The origin has something new: a followed source is looked at now, a sync looks once more before it ends. */
export const pollSignal = defineSignal<[unknown?]>('poll');
export const setBatchUpdate = defineUpdate<Partial<BatchPlan>, [BatchChange]>('setBatch');
export const progressQuery = defineQuery<Progress>('progress');

/** How far a run is. Counts are events, except where a name says pages or records; times are ISO 8601. */
export interface Progress extends Counts {
  readonly source: string;
  readonly type: string;
  /** Its url, path or the like, as people know it. */
  readonly origin: string;
  readonly state: SyncState;
  readonly mode: 'once' | 'follow';
  /** 0 until the run has taken the source. */
  readonly epoch: number;
  /** Parts of the origin that the last look had to leave out; at most some. */
  readonly problems: readonly ToldProblem[];
  /** How its streams stand, as far as pages are stored; null where it has none. */
  readonly streams: StreamsStanding | null;
  /** The origin is being asked what there is. */
  readonly preparing: boolean;
  /** Times this run read a followed source to its end; a cheap look with nothing new is none. */
  readonly polls: number;
  /** When it is looked at next, and from then on again and again where there is `lookEveryMs`; null while it is being read. */
  readonly nextPollAt: string | null;
  /** It has a cheap look of its own, at this interval: the heartbeat of `awaitNews` tells when the last one was. */
  readonly lookEveryMs?: number;
  readonly pagesFetched: number;
  readonly pagesCommitted: number;
  readonly recordsFetched: number;
  readonly recordsCommitted: number;
  /** Null when the source cannot tell. */
  readonly recordsExpected: number | null;
  /** When this run began; times are ISO 8601. */
  readonly startedAt: string;
  /** Of this run; null before its first. */
  readonly lastCommitAt: string | null;
  /** The sync worked so long: from its openings on, without its pauses and waits. */
  readonly workedMs: number;
  /** Fetched, over that time. */
  readonly eventsPerSecond: number;
  /** At the speed of this run; null when nobody can tell. */
  readonly remainingMs: number | null;
  readonly reason: string | null;
}
