// Commits of events as a sync makes them, for tests of the feed: one page each, of one source.
import { numberCommits } from '../../src/store/commits.js';
import { persistPage } from '../../src/store/persist.js';
import type { EventDraft, JsonObject } from '../../src/domain/event.js';
import { aPage, aSourceRow, after, anEvent, openedRun, stored, type BuiltRun } from '../support/builders.js';
import type { TestDatabase } from '../support/database.js';

export interface CommitMaker {
  readonly source: string;
  /** Events of the next numbers; their ids are `event-<number>`. Numbered unless told otherwise. */
  commit(count: number, of?: (n: number) => Made, unnumbered?: boolean): Promise<void>;
}

export interface Made {
  readonly data?: JsonObject;
  readonly draft?: Partial<EventDraft>;
  readonly enrichment?: string;
}

export async function commitsOf(database: TestDatabase, id: string): Promise<CommitMaker> {
  let run: BuiltRun = await openedRun(database.pool, aSourceRow({ id }));
  let made = 0;
  return {
    source: id,
    async commit(count, of = () => ({}), unnumbered = false) {
      const events = Array.from({ length: count }, (_, ordinal) => {
        const n = made + ordinal;
        const { data = { n }, draft = {}, enrichment = null } = of(n);
        const identity = { kind: 'immutable', key: `event-${n}` } as const;
        return { ...stored(anEvent(id, ordinal, data, { identity, ...draft })), enrichment };
      });
      made += count;
      const page = aPage(run, { events, ingestedAt: new Date() });
      await persistPage(database.pool, page);
      run = after(run, page);
      if (!unnumbered) await numberCommits(database.pool);
    },
  };
}
