// Proves the promise from the database alone: per source, each invariant with what was found against it. Everything is
// read from one snapshot, so a sync that commits meanwhile does not look like damage.
import { digestOf } from '../domain/position.js';
import { readContents, type EventContent } from './event-contents.js';
import type { Pool, Session } from './pool.js';
import * as proofs from './proofs.js';
import { inTransaction } from './transaction.js';

export interface Invariant {
  readonly name: string;
  /** What breaks it; 0 when it holds. */
  readonly found: number;
  /** What the number counts. */
  readonly unit: string;
}

export interface SourceProof {
  readonly source: string;
  readonly ok: boolean;
  readonly pages: number;
  /** Events, by the ledger. */
  readonly events: number;
  readonly lost: number;
  readonly doubled: number;
  readonly invented: number;
  readonly altered: number;
  readonly invariants: readonly Invariant[];
}

/** Is this event what its hash says? Sources know what the hash leaves out, and the store does not know sources. */
export type ContentCheck = (event: EventContent) => boolean;

/** `check` null: contents are not read. */
export async function verifySources(pool: Pool, source: string | null, check: ContentCheck | null): Promise<SourceProof[]> {
  return inTransaction(pool, async (session) => {
    await session.query('set transaction isolation level repeatable read read only');
    // The joins over all events are done in memory or spilt to disk; 4 MiB is for many small queries.
    await session.query(`set local work_mem = '64MB'`);
    // Tables that grew since they were last analysed look empty to the planner: nested loops over 20,000 events took a minute.
    await session.query('set local enable_nestloop = off');
    const found = await gather(session, source, check);
    const known = new Map((await proofs.listPositions(session, source)).map((row) => [row.source, row]));
    const named = new Set([...known.keys(), ...Object.values(found).flatMap((tally) => [...(tally?.keys() ?? [])])]);
    return [...named].toSorted().map((one) => proofOf(one, known.get(one), found));
  });
}

type Found = Awaited<ReturnType<typeof gather>>;

/** One after the other: they share a session, which is a snapshot. */
async function gather(session: Session, source: string | null, check: ContentCheck | null) {
  return {
    unbalanced: await proofs.unbalancedPages(session, source),
    missing: await proofs.eventsMissingFromPages(session, source),
    extra: await proofs.eventsBeyondPages(session, source),
    doubled: await proofs.doubledEvents(session, source),
    withoutHash: await proofs.eventsWithoutHash(session, source),
    withoutEvent: await proofs.hashesWithoutEvent(session, source),
    gaps: await proofs.pageGaps(session, source),
    broken: await proofs.brokenChains(session, source),
    dead: await proofs.wrongDeadLetters(session, source),
    deferred: await proofs.wrongDeferred(session, source),
    commits: await proofs.wrongCommits(session, source),
    altered: check === null ? null : await alteredEvents(session, source, check),
  };
}

async function alteredEvents(session: Session, source: string | null, check: ContentCheck): Promise<proofs.Tally> {
  const altered = new Map<string, number>();
  for await (const events of readContents(session, source)) {
    for (const event of events) if (!check(event)) altered.set(event.source, (altered.get(event.source) ?? 0) + 1);
  }
  return altered;
}

function proofOf(source: string, position: proofs.PositionRow | undefined, found: Found): SourceProof {
  const of = (tally: proofs.Tally | null): number => tally?.get(source) ?? 0;
  const invariants: Invariant[] = [
    { name: 'every page accounts for all it fetched', found: of(found.unbalanced), unit: 'pages' },
    { name: 'every event the ledger counts is stored', found: of(found.missing), unit: 'events lost' },
    { name: 'every stored event is counted by the ledger', found: of(found.extra), unit: 'events too many' },
    { name: 'every event is stored once', found: of(found.doubled), unit: 'events doubled' },
    { name: 'every stored event has its hash', found: of(found.withoutHash), unit: 'events invented' },
    { name: 'every hash has its event', found: of(found.withoutEvent), unit: 'events lost' },
    ...(found.altered === null ? [] : [{ name: 'every event is what its content hash says', found: of(found.altered), unit: 'events altered' }]),
    { name: 'pages are numbered without a gap', found: of(found.gaps), unit: 'pages missing' },
    { name: 'every page begins where the one before ended', found: of(found.broken), unit: 'pages astray' },
    { name: 'the position is where the ledger ends', found: position === undefined || isPlaced(position) ? 0 : 1, unit: 'position astray' },
    { name: 'dead letters are as many as the ledger counts', found: of(found.dead), unit: 'too many or few' },
    { name: 'deferred events are as many as the ledger counts', found: of(found.deferred), unit: 'too many or few' },
    { name: 'the commit feed tells every page once', found: of(found.commits), unit: 'pages' },
  ];
  const doubled = of(found.doubled);
  return {
    source,
    ok: invariants.every((invariant) => invariant.found === 0),
    pages: position?.pages ?? 0,
    events: position?.inserted ?? 0,
    lost: Math.max(of(found.missing), of(found.withoutEvent)),
    doubled,
    invented: Math.max(of(found.withoutHash), of(found.extra) - doubled),
    altered: of(found.altered),
    invariants,
  };
}

/** At the end of the ledger, or back at the start, from where everything is read and recognised again. */
function isPlaced({ cursor, digest, seq, ledgerDigest, ledgerSeq }: proofs.PositionRow): boolean {
  if (seq !== ledgerSeq) return false;
  return cursor === null || (digest === ledgerDigest && digestOf(cursor) === digest);
}
