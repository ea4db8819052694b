// What a list of workflows can be filtered and arranged by. Each upsert is a history event.
import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { SyncState } from '../domain/sync-state.js';

const keys = {
  source: defineSearchAttributeKey('TributarySource', 'KEYWORD'),
  type: defineSearchAttributeKey('TributarySourceType', 'KEYWORD'),
  state: defineSearchAttributeKey('TributaryState', 'KEYWORD'),
  events: defineSearchAttributeKey('TributaryEvents', 'INT'),
  progress: defineSearchAttributeKey('TributaryProgress', 'KEYWORD'),
};

/** What is not known, or not this run's own, is left out. */
export interface Listed {
  readonly source?: string | undefined;
  readonly type?: string | undefined;
  readonly state: SyncState;
  readonly events?: number | undefined;
  readonly progress?: string | undefined;
}

/** To be called only where the namespace knows them: elsewhere it would fail every workflow task, for ever and unseen. */
export function list({ source, type, state, events, progress }: Listed): void {
  upsertSearchAttributes([
    ...(source === undefined ? [] : [{ key: keys.source, value: source }]),
    ...(type === undefined ? [] : [{ key: keys.type, value: type }]),
    { key: keys.state, value: state },
    ...(events === undefined ? [] : [{ key: keys.events, value: events }]),
    ...(progress === undefined ? [] : [{ key: keys.progress, value: progress }]),
  ]);
}
