/** What a source is doing, as the search attribute `TributaryState` and the query `progress` say it. */
export type SyncState =
  | 'waiting'
  | 'running'
  | 'stopping'
  | 'pausing'
  | 'paused'
  | 'rate_limited'
  | 'needs_attention'
  | 'superseded'
  | 'done'
  | 'failed';
