// What a source is doing, in a word: what Postgres cannot know is asked of Temporal, or said to be what was known last.
import { expect, test } from 'vitest';
import { stateText, type View } from '../../../src/clients/sources/source-state.js';
import type { LastRun, SourceStatus } from '../../../src/store/reading/source-status.js';

const open = { closedAt: null, outcome: null };
const continued = { closedAt: '2026-11-26T05:00:00Z', outcome: 'continued' };
const closed = (outcome: string) => ({ closedAt: '2026-11-26T05:00:00Z', outcome });
const ended = (end: 'terminated' | 'abandoned'): View => ({ ends: new Map([['acme/api', end]]) });
const working: View = { ends: new Map() };

test.each<[Partial<LastRun>, View, string]>([
  [open, working, 'running'],
  [open, null, 'running (last known)'],
  [open, ended('terminated'), 'terminated'],
  [open, ended('abandoned'), 'abandoned'],
  [continued, working, 'running'],
  [continued, ended('terminated'), 'terminated'],
  [closed('terminated'), working, 'terminated'],
  [closed('terminated'), null, 'terminated'],
  [closed('abandoned'), working, 'abandoned'],
  [closed('done'), null, 'idle'],
  // It said so itself before Temporal was asked.
  [closed('done'), ended('abandoned'), 'idle'],
])('a run with %j, where Temporal tells %j: %s', (lastRun, view, text) => {
  const source = { id: 'acme/api', lastRun, pause: null, wait: null, removal: null, removedAt: null };
  expect(stateText(source as unknown as SourceStatus, view)).toBe(text);
});
