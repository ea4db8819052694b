// Compares the rows of each page with the digest its link has, and says which row is not what was committed.
import { bytesPerRow } from '../event-digest.js';
import { findEventRows, listChainedPages, readPages, type ChainedPage, type HeldPage } from './event-pages.js';
import type { Session } from '../pool.js';
import { placesShown, type Found, type Place } from './proofs.js';

export type RowDamage = 'lost' | 'invented' | 'altered';

export interface EventFinding {
  readonly source: string;
  readonly page: string;
  readonly row: string;
  readonly damage: RowDamage;
}

/** Of one source: how many of each, and where the first few are. */
export class EventFindings {
  readonly counts: Record<RowDamage, number> = { lost: 0, invented: 0, altered: 0 };
  private readonly places: Place[] = [];

  add({ page, row, damage }: EventFinding): void {
    this.counts[damage] += 1;
    if (this.places.length < placesShown) this.places.push({ page, row: `${row} (${damage})` });
  }

  get found(): Found {
    const { lost, invented, altered } = this.counts;
    return { found: lost + invented + altered, places: this.places };
  }
}

export interface EventProgress {
  readonly done: number;
  readonly total: number;
}

/** Calls `found` for each row; `progress` after each page. */
export async function checkEvents(
  session: Session,
  scope: { readonly source: string | null; readonly since: string | null },
  found: (finding: EventFinding) => void,
  progress: (progress: EventProgress) => void,
): Promise<void> {
  const pages = await listChainedPages(session, scope.source, scope.since);
  const total = pages.reduce((sum, { inserted }) => sum + inserted, 0);
  const suspects: HeldPage[] = [];
  let done = 0;
  progress({ done, total });
  for await (const held of readPages(session, pages)) {
    done += held.page.inserted;
    progress({ done, total });
    if (!isAsCommitted(held)) suspects.push(held);
    // Memory: of a store that is damaged all over the first pages tell enough row by row.
    if (suspects.length >= suspectsMax) for (const one of suspects.splice(0)) await explain(session, one, found);
  }
  for (const one of suspects) await explain(session, one, found);
}

const suspectsMax = 100;

function isAsCommitted({ page, digests }: HeldPage): boolean {
  if (page.events === null) return digests.count === 0 && page.inserted === 0;
  return digests.count === page.inserted && digests.finish().digest.toString('hex') === page.events;
}

async function explain(session: Session, held: HeldPage, found: (finding: EventFinding) => void): Promise<void> {
  const rows = (await findEventRows(session, held.page)) ?? Buffer.alloc(0);
  const findings = [...differences(rows, held.digests.finish().rows, held.ids)];
  const { source } = held.page;
  const page = nameOf(held.page);
  for (const { row, damage } of findings) found({ source, page, row, damage });
  if (findings.length === 0) found({ source, page, row: 'the digest of its rows', damage: 'altered' });
}

function nameOf({ epoch, seq }: ChainedPage): string {
  return `${epoch}.${seq}`;
}

/** Both in the order of their ordinals. */
function* differences(was: Buffer, is: Buffer, ids: readonly string[]): Generator<{ row: string; damage: RowDamage }> {
  const ordinalIn = (rows: Buffer, at: number): number => (at < rows.length ? rows.readInt32BE(at) : Infinity);
  let [old, now] = [0, 0];
  while (old < was.length || now < is.length) {
    const [before, after] = [ordinalIn(was, old), ordinalIn(is, now)];
    const id = ids[now / bytesPerRow];
    if (before < after) yield { row: `ordinal ${before}`, damage: 'lost' };
    else if (before > after) yield { row: `ordinal ${after}, event ${id}`, damage: 'invented' };
    else if (was.compare(is, now, now + bytesPerRow, old, old + bytesPerRow) !== 0)
      yield { row: `ordinal ${after}, event ${id}`, damage: 'altered' };
    if (before <= after) old += bytesPerRow;
    if (after <= before) now += bytesPerRow;
  }
}
