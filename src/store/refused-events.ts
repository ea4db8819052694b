// Finding the events Postgres refuses. A record it cannot hold (SQLSTATE class 22: data, 54: too large) must not keep its
// neighbours out. Postgres itself says which: each is tried alone, a thousand in one statement (sql/0018), so that a page of
// which all are refused takes a second or two; halving the page took half a minute for 1,200.
import { arrayText } from './event-line.js';
import type { PageLineage, StoredEvent } from './events.js';
import type { Session } from './pool.js';

export interface RefusedEvent {
  readonly stored: StoredEvent;
  readonly code: string;
  readonly error: string;
}

/** Events in one statement: a tenth of a second, and as many sub-transactions as Postgres has to remember. */
export const eventsPerTrial = 1_000;
/** Bytes of them: as hex text in a parameter they are twice as many. */
const bytesPerTrial = 16 * 1_024 * 1_024;

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
  // In hash order, as claims are: two pages that claim the same keys would wait for each other.
  const ordered = events.toSorted((one, other) => (one.event.key < other.event.key ? -1 : 1));
  const refused: RefusedEvent[] = [];
  await session.query('savepoint trial');
  for (const some of trials(ordered)) refused.push(...(await tryAlone(session, lineage, some)));
  await session.query('rollback to savepoint trial');
  await session.query('release savepoint trial');
  return refused.toSorted((one, other) => one.stored.event.ordinal - other.stored.event.ordinal);
}

function* trials(events: readonly StoredEvent[]): Generator<StoredEvent[]> {
  let [some, bytes]: [StoredEvent[], number] = [[], 0];
  for (const stored of events) {
    const size = stored.event.dataText.length + (stored.enrichment?.length ?? 0) + (stored.event.raw?.length ?? 0);
    if (some.length === eventsPerTrial || (some.length > 0 && bytes + size > bytesPerTrial)) {
      yield some;
      [some, bytes] = [[], 0];
    }
    some.push(stored);
    bytes += size;
  }
  if (some.length > 0) yield some;
}

async function tryAlone(
  session: Session,
  { source, epoch, page, ingestedAt }: PageLineage,
  events: readonly StoredEvent[],
): Promise<RefusedEvent[]> {
  const column = (of: (stored: StoredEvent) => string | null): (Buffer | null)[] =>
    events.map((stored) => bytesOf(of(stored)));
  const { rows } = await session.query<{ at: number; code: string; error: string }>({
    text: 'select at, code, error from refused_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)',
    values: [
      source,
      epoch,
      page,
      ingestedAt,
      column(({ event }) => event.key),
      column(({ event }) => String(event.ordinal)),
      column(({ event }) => event.type),
      column(({ event }) => event.id),
      column(({ event }) => event.subject),
      column(({ event }) => event.time),
      column(({ event }) => String(event.priority)),
      column(({ event }) => `\\x${event.contentHash}`),
      column(({ event }) => arrayText(event.flags)),
      events.map(({ event }) => (event.raw === null ? null : Buffer.from(event.raw))),
      column(({ event }) => event.dataText),
      column(({ enrichment }) => enrichment),
      column(({ event }) => event.entity),
      column(({ event }) => event.version),
      column(({ event }) => event.versionOrder),
    ],
  });
  return rows.map(({ at, code, error }) => ({ stored: events[at]!, code, error }));
}

/** As COPY sends it. */
function bytesOf(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text);
}
