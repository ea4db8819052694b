// Wrong changes that break ARCHITECTURE's invariants, and the test that notices each. `find` stands once in its file:
// where the code moved on, the list is to be mended.
import type { WrongChange } from './mutated-tree.js';

const persist = 'src/store/persist.ts';
const writing = 'src/store/writing.ts';
const persistTest = 'test/store/persist.test.ts';

/** By the letters of the table. */
export const invariants: readonly WrongChange[] = [
  {
    what: 'L: an event of each page is claimed and not stored',
    file: writing,
    find: 'digest: await copyEvents(session, lineage, fresh)',
    replace: 'digest: await copyEvents(session, lineage, fresh.slice(1))',
    test: 'test/guarantees/checker.test.ts',
    named: 'not disturbed',
  },
  {
    what: 'L: the ledger does not ask for every event',
    file: 'sql/0001_store.sql',
    find: 'fetched = inserted + duplicate',
    replace: 'fetched >= inserted + duplicate',
    test: persistTest,
    named: 'does not account for every event',
  },
  {
    what: 'D: what another page claimed is stored again',
    file: writing,
    find: "claimed === 'all' ? events : events.filter(({ event }) => claimed.has(event.key))",
    replace: 'events',
    test: persistTest,
    named: 'A1.13',
  },
  {
    what: 'D: an event that somebody claims at the same moment is taken by both',
    file: 'src/store/event-hashes.ts',
    find: 'on conflict (hash) do nothing',
    replace: 'on conflict (hash) do update set source = excluded.source',
    test: 'test/store/event-hashes.test.ts',
    named: 'one winner',
  },
  {
    what: 'C: a page that fails on its way keeps what was written until then',
    file: 'src/store/transaction.ts',
    find: "session.query('rollback')",
    replace: "session.query('commit')",
    test: persistTest,
    named: 'leaves nothing behind',
  },
  {
    what: 'C: a skip that rests on memory alone is believed',
    file: persist,
    find: 'await assertSkipsHold(session, request);',
    replace: '',
    test: persistTest,
    named: 'a cache never hides an event',
  },
  {
    what: 'P: a run is not told of the pause that Postgres has',
    file: 'src/activities/open-run.ts',
    find: ',\n    await findPause(pool, id),',
    replace: ',\n    null,',
    test: 'test/guarantees/operation.test.ts',
    named: 'stays paused when its run is terminated',
  },
  {
    what: 'P: a pause or resume said before openRun answered is overwritten by what Postgres had',
    file: 'src/workflows/controls.ts',
    find: 'if (!this.said) this.pause = pause;',
    replace: 'this.pause = pause;',
    test: 'test/guarantees/pause-kept.test.ts',
    named: 'said while the run opens',
  },
  {
    what: 'O: a decided letter is decided again',
    file: 'src/store/decide-letters.ts',
    find: 'where d.source = $1 and d.epoch = l.epoch',
    replace: 'where false and d.source = $1 and d.epoch = l.epoch',
    test: 'test/store/decide-letters.test.ts',
    named: 'decide each letter once',
  },
  {
    what: 'O: a letter that was redriven and does not wait is no fault',
    file: 'src/store/proving/proofs.ts',
    find: "and decision = 'redriven'",
    replace: 'and false',
    test: 'test/guarantees/dead-letters.test.ts',
    named: 'verify goes red',
  },
  ...(
    [
      ['epoch', 'cursor?.epoch === page.epoch &&', 'cursor !== undefined &&', 'same run holds'],
      ['run', 'cursor.runId === runId &&', '', 'belongs to another run'],
      ['position', 'cursor.digest === fromDigest', 'true', 'begins elsewhere'],
    ] as const
  ).map(([part, find, replace, named]) => ({
    what: `F: a page of another ${part} is stored`,
    file: persist,
    find,
    replace,
    test: persistTest,
    named,
  })),
  {
    what: 'F: a page whose number is not the next is stored',
    file: persist,
    find: 'cursor.seq === page.seq - 1',
    replace: 'cursor.seq >= page.seq - 1',
    test: persistTest,
    named: 'a page that',
  },
  {
    what: 'F: a run that lost its source does not say so',
    file: 'src/workflows/failure-kind.ts',
    find: "if (type === 'Fenced') return 'fenced';",
    replace: '',
    test: 'test/guarantees/one-run-at-a-time.test.ts',
    named: 'ends superseded',
  },
  {
    what: 'F: a write beside the pages goes to a source that is removed',
    file: 'src/store/holding.ts',
    find: 'if (!holding.numbersChanges) await assertNotRemoved(session, page.source);',
    replace: '',
    test: 'test/store/holding.test.ts',
    named: 'is being removed',
  },
  {
    what: 'H: history grows to the end of the run',
    file: 'src/workflows/page-pipeline.ts',
    find: 'return continueAsNewSuggested ||',
    replace: 'return continueAsNewSuggested &&',
    test: 'test/guarantees/history.test.ts',
  },
  {
    what: 'R: the workflow asks for another activity than it did',
    file: 'src/workflows/sync-source.ts',
    find: 'const result = await close(run, progress, outcome, null);',
    replace: 'await close(run, progress, outcome, null);\n  const result = await close(run, progress, outcome, null);',
    test: 'test/workflows/replay.test.ts',
    named: 'every recorded history',
  },
  {
    what: 'M: keys are remembered without a bound',
    file: 'src/stages/recent-keys.ts',
    find: 'new LRUCache<string, true>({ max })',
    replace: 'new LRUCache<string, true>({ max: 1_000_000 })',
    test: 'test/stages/recent-keys.test.ts',
  },
  {
    what: 'M: a page is taken into memory whether there is room or not',
    file: 'src/activities/room.ts',
    find: 'return this.bytesTaken + bytes <= this.bytesMax;',
    replace: 'return true;',
    test: 'test/activities/room.test.ts',
  },
  {
    what: 'A: what was redriven and has come back waits still',
    file: 'src/store/figures.ts',
    find: 'deferred + redriven - returned as deferred',
    replace: 'deferred + redriven as deferred',
    test: 'test/guarantees/figures.test.ts',
    named: 'all tell the same of each figure',
  },
  {
    what: 'A: a sync works while it is paused',
    file: 'src/workflows/sync-progress.ts',
    find: "else if (state !== 'pausing') this.work.stop();",
    replace: '',
    test: 'test/guarantees/figures.test.ts',
    named: 'works neither while it is paused',
  },
];
