// A line of facts that has no room for all of them leaves out whole ones.
import { expect, test } from 'vitest';
import { fittedLine } from '../../../src/clients/terminal/fitted-line.js';
import { openTerminal } from '../../../src/clients/terminal/terminal.js';
import { progressParts } from '../../../src/clients/terminal/progress-line.js';
import { lookCourse } from '../../../src/clients/terminal/look-course.js';
import { widthOf } from '../../../src/clients/terminal/text-width.js';
import { noCounts } from '../../../src/domain/page.js';
import type { Progress } from '../../../src/workflows/messages.js';

const terminal = openTerminal(false);
const progress: Progress = {
  ...noCounts,
  source: 'acme/payments-api',
  type: 'git',
  origin: 'https://example.org/acme/payments-api.git',
  state: 'running',
  mode: 'once',
  epoch: 1,
  problems: [],
  preparing: false,
  polls: 0,
  nextPollAt: null,
  pagesFetched: 4,
  pagesCommitted: 3,
  recordsFetched: 20_000,
  recordsCommitted: 12_345,
  recordsExpected: 28_000,
  startedAt: '2026-01-01T00:00:00Z',
  workedMs: 0,
  lastCommitAt: null,
  fetched: 120_000,
  eventsPerSecond: 9_400,
  remainingMs: 125_000,
  reason: null,
  streams: null,
};

test.each([
  [120, 'acme/payments-api · ███████░░░░░░░░░ · 44 % · 12,345 of 28,000 records · 9,400/s · 2 min 5 s left'],
  [79, 'acme/payments-api · ███████░░░░░░░░░ · 44 % · 9,400/s · 2 min 5 s left'],
  [59, 'acme/payments-api · 44 % · 9,400/s · 2 min 5 s left'],
  [39, '44 % · 9,400/s · 2 min 5 s left'],
])('progress in %i cells', (cells, line) => {
  const shown = fittedLine(progressParts(progress, terminal, lookCourse()), cells);
  expect(shown.startsWith(line), shown).toBe(true);
  expect(widthOf(shown)).toBeLessThanOrEqual(cells);
});

test('a sync that waits says so first, cut where it must be', () => {
  const paused = { ...progress, state: 'paused' as const, reason: 'paused by ana: database maintenance, ticket 812' };
  const line = fittedLine(progressParts(paused, terminal, lookCourse()), 39);
  expect(line).toMatch(/^paused by ana: database/);
  expect(widthOf(line)).toBeLessThanOrEqual(39);
});

test('a look at the origin tells its step, as its source does', () => {
  const look = lookCourse();
  const preparing = { ...progress, preparing: true };
  expect(fittedLine(progressParts(preparing, terminal, look), 80)).toBe(
    'acme/payments-api · asking the origin what there is',
  );
  look.at({ what: 'receiving objects', done: 500, total: 2_000 });
  expect(fittedLine(progressParts(preparing, terminal, look), 120)).toBe(
    'acme/payments-api · receiving objects · ████░░░░░░░░░░░░ · 25 % · 500 of 2,000 objects',
  );
});
