// A transaction that writes events has two parts. Its writing (writing.ts) is the same for all. Its holding says who
// may write, as which page, and keeps the books: a page holds its source's cursor (persist.ts). Another holding waits
// for its own locks only, so that a few events need not stand behind the commit of a page of 20,000.
import type { Counts, PageKey } from '../domain/page.js';
import type { Pool, Session } from './pool.js';
import { assertNotRemoved } from './sources.js';
import { inTransaction } from './transaction.js';
import { write, type AtPoint, type Writing, type Written } from './writing.js';

export interface Holding {
  /**
   * True when the next number of the chain belongs to this transaction until it ends, as under the cursor's lock: rows
   * of deferred and dead_letters are noted under that number. If it is false, the source must not be removed meanwhile:
   * `writeUnder` sees to that.
   */
  readonly numbersChanges: boolean;
  /** Takes its locks and checks. Throws when it may not write, and has changed nothing then. */
  take(session: Session): Promise<Held>;
  /** Keeps the books on what was written, with the link over it. Returns what the caller is told. */
  keep(session: Session, page: PageKey, written: Written): Promise<Counts>;
}

/** Counts: the page was committed before, and nothing is written again. A page: the lineage of what is written. */
export type Held = { readonly committed: Counts } | { readonly page: PageKey };

const nowhere: AtPoint = async () => {};

export async function writeUnder(
  pool: Pool,
  holding: Holding,
  writing: Writing,
  at: AtPoint = nowhere,
): Promise<Counts> {
  return inTransaction(pool, async (session) => {
    const held = await holding.take(session);
    if ('committed' in held) return held.committed;
    const { page } = held;
    // A removal fences pages by taking the cursor. A holding without the cursor is refused here, whatever it locks
    // itself.
    if (!holding.numbersChanges) await assertNotRemoved(session, page.source);
    await at('begun', session);
    const written = await write(session, holding.numbersChanges, page, writing, at);
    const counts = await holding.keep(session, page, written);
    await at('recorded', session);
    return counts;
  });
}
