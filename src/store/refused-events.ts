// Finding the events Postgres refuses. A record it cannot hold (SQLSTATE class 22: data, 54: too large) must not keep its
// neighbours out, so they are found by halving, each try inside a savepoint that leaves nothing behind.
import { copyEvents, type PageLineage, type StoredEvent } from './events.js';
import type { Session } from './pool.js';

export interface RefusedEvent {
  readonly stored: StoredEvent;
  readonly code: string;
  readonly error: string;
}

/** Is this an error about one record, not about the page? */
export function isRefusal(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(22|54)/.test(error.code);
}

/** The events of the list that cannot be stored; the transaction is as it was. */
export async function findRefusedEvents(
  session: Session,
  lineage: PageLineage,
  events: readonly StoredEvent[],
): Promise<RefusedEvent[]> {
  const refusal = await tryCopy(session, lineage, events);
  if (refusal === undefined) return [];
  if (events.length === 1) return [{ stored: events[0]!, code: refusal.code, error: refusal.message }];
  const middle = events.length >> 1;
  const first = await findRefusedEvents(session, lineage, events.slice(0, middle));
  const second = await findRefusedEvents(session, lineage, events.slice(middle));
  return [...first, ...second];
}

async function tryCopy(session: Session, lineage: PageLineage, events: readonly StoredEvent[]) {
  await session.query('savepoint attempt');
  try {
    await copyEvents(session, lineage, events);
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return error;
  } finally {
    await session.query('rollback to savepoint attempt');
    await session.query('release savepoint attempt');
  }
}
