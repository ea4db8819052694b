// Proves the promise from the database alone: per source, each invariant with what was found against it. Everything is
// read from one snapshot, so a sync that commits meanwhile does not look like damage.
import { totalOf, type Standing } from '../../domain/event-figures.js';
import * as chain from './chain-proofs.js';
import { checkEvents, EventFindings, type EventFinding, type EventProgress } from './check-events.js';
import { readContents, type EventContent } from './event-contents.js';
import { isPlaced, listPositions, type PositionRow } from './positions.js';
import { listStandings } from '../figures.js';
import type { Pool, Session } from '../pool.js';
import * as proofs from './proofs.js';
import type { Check, Found, Place, Scope } from './proofs.js';
import { listGoingSources } from '../sources.js';
import { inTransaction } from '../transaction.js';

export interface Invariant {
  readonly name: string;
  /** What breaks it; 0 when it holds. */
  readonly found: number;
  /** What the number counts. */
  readonly unit: string;
  /** The first few. */
  readonly places: readonly Place[];
}

export interface SourceProof {
  readonly source: string;
  readonly ok: boolean;
  readonly pages: number;
  /** Events, by the ledger. */
  readonly events: number;
  /** As `status` tells it, in the snapshot that is proved. */
  readonly figures: Standing;
  readonly lost: number;
  readonly doubled: number;
  readonly invented: number;
  readonly altered: number;
  readonly chain: Omit<chain.ChainRow, 'source'>;
  readonly invariants: readonly Invariant[];
}

/** Is this event what its hash says? For pages from before the chain; sources know what a hash leaves out. */
export type ContentCheck = (event: EventContent) => boolean;

export interface VerifyOptions {
  /** Null: all. */
  readonly source: string | null;
  /** Only what was linked after this moment; the link before it is trusted. */
  readonly since?: string | null;
  /** Null: the rows of pages are not read. */
  readonly contents: ContentCheck | null;
  /** What is checked now, and how far its reading is. */
  readonly onProgress?: (what: string, progress: EventProgress | null) => void;
}

/** At most two sessions: counts are joined in one while rows are read in the other. */
export async function verifySources(pool: Pool, options: VerifyOptions): Promise<SourceProof[]> {
  return inTransaction(pool, async (session) => {
    await prepare(session);
    const scope = await scopeOf(session, options);
    const { rows } = await session.query<{ id: string }>('select pg_export_snapshot() as id');
    const reading = inTransaction(pool, (reader) => readRows(reader, rows[0]!.id, scope, options));
    const [found, events] = await bothOrNeither(gather(session, scope, options), reading);
    return proofsOf(session, scope, found, events);
  });
}

async function prepare(session: Session, snapshot?: string): Promise<void> {
  await session.query('set transaction isolation level repeatable read read only');
  if (snapshot !== undefined) await session.query(`set transaction snapshot ${session.escapeLiteral(snapshot)}`);
  // The joins over all events are done in memory or spilt to disk; 4 MiB is for many small queries.
  await session.query(`set local work_mem = '64MB'`);
  // Tables that grew since they were last analysed look empty to the planner: nested loops over 20,000 events took a minute.
  if (snapshot === undefined) await session.query('set local enable_nestloop = off');
  // One session waits while the other works.
  await session.query('set local idle_in_transaction_session_timeout = 0');
}

/** An error of one is told when the other has ended: its session is not taken away under it. */
async function bothOrNeither<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}

async function scopeOf(session: Session, { source, since = null }: VerifyOptions): Promise<Scope> {
  if (since === null) return { source, since, ingestedSince: null };
  const { rows } = await session.query<{ first: string | null }>(
    `select coalesce(min(ingested_at), 'infinity')::text as first from chain_links where ($1::text is null or source = $1) and made_at > $2`,
    [source, since],
  );
  return { source, since, ingestedSince: rows[0]!.first };
}

interface Checked {
  readonly name: string;
  readonly unit: string;
  readonly found: ReadonlyMap<string, Found>;
}

const checks: readonly Check[] = [
  proofs.unbalancedPages,
  proofs.eventsMissingFromPages,
  proofs.eventsBeyondPages,
  proofs.doubledEvents,
  proofs.eventsWithoutHash,
  proofs.hashesWithoutEvent,
  proofs.wrongHashes,
  proofs.pageGaps,
  proofs.brokenPositions,
  proofs.wrongDeadLetters,
  proofs.wrongDeferred,
  proofs.wrongCommits,
  chain.brokenLinks,
  chain.wrongChanges,
  chain.alteredRows,
  chain.unlinkedPages,
  chain.wrongHeads,
  chain.wrongRuns,
];

/** One after the other: they share a session, which is a snapshot. */
async function gather(session: Session, scope: Scope, { onProgress }: VerifyOptions): Promise<Checked[]> {
  const checked: Checked[] = [];
  for (const check of checks) {
    onProgress?.(check.name, null);
    checked.push({ name: check.name, unit: check.unit, found: await proofs.find(session, check, scope) });
  }
  return checked;
}

const rowsName = 'every event is as it was committed';

type Events = ReadonlyMap<string, EventFindings>;

async function readRows(
  session: Session,
  snapshot: string,
  scope: Scope,
  { contents, onProgress }: VerifyOptions,
): Promise<Events | null> {
  await prepare(session, snapshot);
  if (contents === null) return null;
  const found = new Map<string, EventFindings>();
  const note = (finding: EventFinding): void => {
    const findings = found.get(finding.source) ?? new EventFindings();
    found.set(finding.source, findings);
    findings.add(finding);
  };
  await checkEvents(session, scope, note, (progress) => onProgress?.(rowsName, progress));
  if (scope.since === null) await checkOldContents(session, scope.source, contents, note);
  return found;
}

/** Pages from before the chain have no digest; their events have the hash of their content. */
async function checkOldContents(
  session: Session,
  source: string | null,
  check: ContentCheck,
  note: (finding: EventFinding) => void,
): Promise<void> {
  const chains = await chain.listChains(session, source);
  if (chains.every(({ pagesBefore }) => pagesBefore === 0)) return;
  for await (const events of readContents(session, source)) {
    for (const event of events) {
      if (check(event)) continue;
      note({
        source: event.source,
        page: `${event.epoch}.${event.page}`,
        row: `ordinal ${event.ordinal}, event ${event.id}`,
        damage: 'altered',
      });
    }
  }
}

async function proofsOf(
  session: Session,
  scope: Scope,
  checked: readonly Checked[],
  events: Events | null,
): Promise<SourceProof[]> {
  const positions = new Map((await listPositions(session, scope.source)).map((row) => [row.source, row]));
  const chains = new Map((await chain.listChains(session, scope.source)).map(({ source, ...row }) => [source, row]));
  const named = new Set([
    ...positions.keys(),
    ...checked.flatMap(({ found }) => [...found.keys()]),
    ...(events?.keys() ?? []),
  ]);
  const standings = await listStandings(session, scope.source);
  const going = new Set(await listGoingSources(session));
  return [...named]
    .filter((source) => !going.has(source))
    .toSorted()
    .map((source) => {
      const position = positions.get(source);
      const invariants = checked.map(({ name, unit, found }) => ({ name, unit, ...(found.get(source) ?? nothing) }));
      invariants.push({ name: 'the position is where the ledger ends', unit: 'position astray', ...placed(position) });
      if (events !== null)
        invariants.push({ name: rowsName, unit: 'events', ...(events.get(source)?.found ?? nothing) });
      const figures = totalOf(standings.filter((now) => now.source === source));
      return { ...proofOf(source, position, chains.get(source) ?? noChain, invariants, events?.get(source)), figures };
    });
}

const nothing: Found = { found: 0, places: [] };
const noChain = { links: 0, chain: null, express: null, pagesBefore: 0, firstPage: null };

function placed(position: PositionRow | undefined): Found {
  if (position === undefined || isPlaced(position)) return nothing;
  return { found: 1, places: [{ page: `${position.epoch}.${position.seq}`, row: 'the row of source_cursors' }] };
}

function proofOf(
  source: string,
  position: PositionRow | undefined,
  links: SourceProof['chain'],
  invariants: readonly Invariant[],
  rows: EventFindings | undefined,
): Omit<SourceProof, 'figures'> {
  const of = ({ name }: Check): number => invariants.find((invariant) => invariant.name === name)?.found ?? 0;
  const doubled = of(proofs.doubledEvents);
  return {
    source,
    ok: invariants.every(({ found }) => found === 0),
    pages: position?.pages ?? 0,
    events: position?.inserted ?? 0,
    lost: Math.max(of(proofs.eventsMissingFromPages), of(proofs.hashesWithoutEvent), rows?.counts.lost ?? 0),
    doubled,
    invented: Math.max(of(proofs.eventsWithoutHash), of(proofs.eventsBeyondPages) - doubled),
    altered: rows?.counts.altered ?? 0,
    chain: links,
    invariants,
  };
}
