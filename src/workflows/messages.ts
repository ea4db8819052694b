// What people may say to a running sync and ask of it. Every message also works without an argument.
import { defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { Counts } from '../domain/page.js';
import type { SyncState } from '../domain/sync-state.js';

export const stopSignal = defineSignal<[unknown?]>('stop');
export const pokeSignal = defineSignal<[unknown?]>('poke');
export const progressQuery = defineQuery<Progress>('progress');

export interface Progress extends Counts {
  readonly source: string;
  readonly type: string;
  readonly state: SyncState;
  readonly epoch: number;
  readonly pagesFetched: number;
  readonly pagesCommitted: number;
  readonly recordsFetched: number;
  readonly recordsCommitted: number;
  /** Null when the source cannot tell. */
  readonly recordsExpected: number | null;
  readonly startedAt: string;
  readonly eventsPerSecond: number;
  readonly reason: string | null;
}

export const searchAttributes = {
  source: defineSearchAttributeKey('TributarySource', 'KEYWORD'),
  type: defineSearchAttributeKey('TributarySourceType', 'KEYWORD'),
  state: defineSearchAttributeKey('TributaryState', 'KEYWORD'),
  events: defineSearchAttributeKey('TributaryEvents', 'INT'),
};
