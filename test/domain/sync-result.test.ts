// What a sync gives back: every event counted once, in the terms of requirement P7.
import { expect, test } from 'vitest';
import { noCounts } from '../../src/domain/page.js';
import { syncResult, type SyncOutcome } from '../../src/domain/sync-result.js';

test('every count of the ledger is in it; what was suppressed is a duplicate; failures of processors are errors', () => {
  const counts = {
    fetched: 28,
    inserted: 1,
    duplicate: 2,
    existing: 3,
    suppressed: 4,
    removed: 5,
    deferred: 6,
    dead: 7,
    failures: 8,
  };
  expect(syncResult('done', 'acme', 'run', counts, 9)).toEqual({
    outcome: 'done',
    source: 'acme',
    total: 28,
    inserted: 1,
    skipped_duplicate: 6,
    skipped_existing: 3,
    removed: 5,
    deferred: 6,
    dead_letters: 7,
    errors: 8,
    processing_time_ms: 9,
    runId: 'run',
  });
});

test.each<[SyncOutcome, number]>([
  ['done', 0],
  ['done_empty', 0],
  ['stopped', 0],
  ['superseded', 0],
  ['paused', 0],
  ['needs_attention', 1],
  ['failed', 1],
])('%s has %i errors, and the reason that is given', (outcome, errors) => {
  expect(syncResult(outcome, 'acme', 'run', noCounts, 0, 'why')).toMatchObject({ outcome, errors, reason: 'why' });
});
