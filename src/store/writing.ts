// The writing of a transaction: claims, events, what was deferred, dead letters and the commit record, as the page that
// its holding gave. Its holding has taken the locks that it needs (holding.ts).
import type { PageKey } from '../domain/page.js';
import { jsonOfEvent, type DeadEvent, type PutOffEvent, type Return } from '../domain/stage.js';
import type { EventsDigest } from './chain.js';
import { insertCommit } from './commits.js';
import { insertDeadLetters } from './dead-letters.js';
import { insertDeferred } from './deferred.js';
import { claimKeys } from './event-hashes.js';
import { copyEvents, type PageLineage, type StoredEvent } from './events.js';
import type { Session } from './pool.js';
import { findRefusedEvents, isRefusal, type RefusedEvent } from './refused-events.js';

export interface Writing {
  readonly ingestedAt: Date;
  /** Inserted unless their key is already claimed; keys are distinct, ordinals ascend. */
  readonly events: readonly StoredEvent[];
  readonly deferred: readonly PutOffEvent[];
  readonly dead: readonly DeadEvent[];
  /** By ordinal, what events that come back have been through. */
  readonly returned: ReadonlyMap<number, Return>;
}

export interface Written {
  readonly inserted: number;
  /** Claimed before, by whomever. */
  readonly existing: number;
  /** Dead letters now, beside those of `dead`. */
  readonly refused: number;
  /** Of the rows inserted; null of none. */
  readonly digest: EventsDigest | null;
  /** Keys of the rows inserted. */
  readonly fresh: 'all' | ReadonlySet<string>;
}

/** Thrown by a write that can bring no letters: it changed nothing. Without these events it may be tried again. */
export class OnlyPagesBring extends Error {
  override readonly name = 'OnlyPagesBring';
  /** Events that Postgres refuses. */
  readonly refused: readonly RefusedEvent[];

  constructor(deferred: number, dead: number, refused: readonly RefusedEvent[]) {
    super(`found ${deferred} events deferred and ${dead} dead, expected none: only a page brings those`);
    this.refused = refused;
  }
}

/** Points of the transaction where tests stop it, as a crash would. */
export type PersistPoint = 'begun' | 'claimed' | 'inserted' | 'recorded';
export type AtPoint = (point: PersistPoint, session: Session) => Promise<void>;

/** `numbersChanges`: see Holding. Without it only events are written; anything else throws, for a page to bring it. */
export async function write(
  session: Session,
  numbersChanges: boolean,
  page: PageKey,
  writing: Writing,
  at: AtPoint,
): Promise<Written> {
  const { events, deferred, dead, returned, ingestedAt } = writing;
  const { inserted, refused, digest, fresh } = await insertEvents(session, lineageOf(page, writing), events, at);
  await at('inserted', session);
  const letters = [...dead, ...refused.map(deadLetterOf)];
  if (!numbersChanges && deferred.length + letters.length > 0)
    throw new OnlyPagesBring(deferred.length, letters.length, refused);
  await insertDeferred(session, page, deferred, returned);
  await insertDeadLetters(session, page, letters, returned);
  if (inserted > 0) await insertCommit(session, page, inserted, ingestedAt);
  return { inserted, existing: events.length - refused.length - inserted, refused: refused.length, digest, fresh };
}

/** Claims and copies. When Postgres refuses some, both are undone, those are taken out, and the rest go in again. */
async function insertEvents(
  session: Session,
  lineage: PageLineage,
  events: readonly StoredEvent[],
  at: AtPoint,
): Promise<Inserted & { refused: RefusedEvent[] }> {
  await session.query('savepoint events');
  try {
    return { ...(await claimAndCopy(session, lineage, events, at)), refused: [] };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await session.query('rollback to savepoint events');
  }
  const refused = await findRefusedEvents(session, lineage, events);
  const bad = new Set(refused.map((one) => one.stored));
  const good = events.filter((stored) => !bad.has(stored));
  return { ...(await claimAndCopy(session, lineage, good, at)), refused };
}

type Inserted = Pick<Written, 'inserted' | 'digest' | 'fresh'>;

async function claimAndCopy(
  session: Session,
  lineage: PageLineage,
  events: readonly StoredEvent[],
  at: AtPoint,
): Promise<Inserted> {
  const claims = events.map(({ event }) => event);
  const claimed = await claimKeys(session, lineage.source, lineage.ingestedAt, claims);
  await at('claimed', session);
  const fresh = claimed === 'all' ? events : events.filter(({ event }) => claimed.has(event.key));
  return { inserted: fresh.length, digest: await copyEvents(session, lineage, fresh), fresh: claimed };
}

function lineageOf(page: PageKey, { ingestedAt, returned }: Writing): PageLineage {
  return { source: page.source, epoch: page.epoch, page: page.seq, ingestedAt, isOldText: returned.size > 0 };
}

/** As text, because jsonb may be what refuses it. */
function deadLetterOf({ stored: { event, enrichment }, code, error }: RefusedEvent): DeadEvent {
  return {
    ordinal: event.ordinal,
    stage: 'persist',
    code,
    error,
    event: null,
    raw: Buffer.from(JSON.stringify({ ordinal: event.ordinal, ...jsonOfEvent(event, enrichment) })),
  };
}
