// `tributary verify --deep`: what was read of each file and each tree, beside what is there now, and whether each event of it is
// stored. Read here: a path means what it means on this machine.
import { hostname } from 'node:os';
import { createSourceContext } from '../../activities/source-context.js';
import type { Config } from '../../config.js';
import { InvalidInput } from '../../domain/errors.js';
import type { Audited, Covered } from '../../domain/audit.js';
import type { RawRecord } from '../../domain/source.js';
import { createFindMissing, type FindMissing } from '../../door/missing.js';
import type { SourceRegistry } from '../../sources/index.js';
import { findCursor } from '../../store/cursors.js';
import type { Pool } from '../../store/pool.js';
import { countUnstored, findReadingHost, wasReadOtherwise } from '../../store/reading/origin-audit.js';
import { findSource, listSourceIds, type FoundSource } from '../../store/sources.js';
import { sourceSecrets } from '../../secrets.js';

export interface AuditedPart extends Covered {
  readonly part: string;
  /** Events of what was read, as the origin has it now, and those of them that are not in the store. */
  readonly events: number;
  readonly missing: number;
  /** Of those, stored by this call. */
  readonly repaired: number;
}

export interface OriginAudit {
  readonly source: string;
  readonly parts: readonly AuditedPart[];
  /** Events that are not stored for a reason: as many may be missing. */
  readonly unstored: number;
  /** Some of it was read by other options than it has now: what is missing may be stored as another event. */
  readonly readOtherwise: boolean;
  /** No more is missing than is not stored for a reason. */
  readonly explained: boolean;
  /** Why it was not compared; null when it was. */
  readonly skipped: string | null;
  readonly ok: boolean;
}

/** Stores records with missing events; answers how many events it stored. */
export type Repair = (source: FoundSource, records: readonly RawRecord[]) => Promise<number>;

export interface AuditParts {
  readonly pool: Pool;
  readonly config: Pick<Config, 'home' | 'secretsDirectory'>;
  readonly registry: SourceRegistry;
  readonly repair: Repair | null;
  readonly signal: AbortSignal;
  readonly onProgress: (what: string, events: number) => void;
}

/** Before anything is read. Throws InvalidInput when a source that is named cannot be compared; one that nobody knows is refused by the proof. */
export async function checkComparable(
  { pool, registry }: Pick<AuditParts, 'pool' | 'registry'>,
  source: string | null,
): Promise<void> {
  const row = source === null ? undefined : await findSource(pool, source);
  if (row === undefined) return;
  if (row.removal !== null)
    throw new InvalidInput('--deep', `${row.id} was removed; expected a source that is still read`);
  if (!isComparable(registry, row))
    throw new InvalidInput(
      '--deep',
      `${row.id} is a ${row.type} source, which has no comparison with its origin; expected one of ${comparableTypes(registry)}`,
    );
}

/** Of one source, or of all that can be compared. */
export async function* auditOrigins(parts: AuditParts, source: string | null): AsyncGenerator<OriginAudit, void, void> {
  for (const id of source === null ? await listSourceIds(parts.pool) : [source]) {
    const row = await findSource(parts.pool, id);
    if (row !== undefined && row.removal === null && isComparable(parts.registry, row))
      yield await auditOrigin(parts, row);
  }
}

function isComparable(registry: SourceRegistry, { type }: FoundSource): boolean {
  return registry.types.includes(type) && registry.get(type).audit !== undefined;
}

function comparableTypes(registry: SourceRegistry): string {
  return registry.types.filter((type) => registry.get(type).audit !== undefined).join(', ');
}

async function auditOrigin(parts: AuditParts, row: FoundSource): Promise<OriginAudit> {
  const { id } = row;
  const host = await findReadingHost(parts.pool, id);
  if (host !== undefined && host !== hostname()) {
    const skipped = `it was read on ${host}, and this is ${hostname()}: say it there`;
    return { source: id, parts: [], unstored: 0, readOtherwise: false, explained: false, skipped, ok: false };
  }
  const [unstored, readOtherwise] = [await countUnstored(parts.pool, id), await wasReadOtherwise(parts.pool, id)];
  // What is missing with a reason is not to be told from what is missing without: nothing is stored then.
  const repair = unstored === 0 && !readOtherwise ? parts.repair : null;
  const found = await new Audit({ ...parts, repair }, row).all();
  const missing = found.reduce((sum, part) => sum + part.missing - part.repaired, 0);
  const explained = missing <= unstored;
  const ok = explained && found.every(({ differs }) => differs === undefined);
  return { source: id, parts: found, unstored, readOtherwise, explained, skipped: null, ok };
}

const nothing = { events: 0, missing: 0, repaired: 0 };

class Audit {
  readonly #parts: AuditParts;
  readonly #row: FoundSource;
  readonly #found: AuditedPart[] = [];
  #counts = nothing;
  #events = 0;

  constructor(parts: AuditParts, row: FoundSource) {
    [this.#parts, this.#row] = [parts, row];
  }

  async all(): Promise<readonly AuditedPart[]> {
    const { pool, config, registry, signal } = this.#parts;
    const { id, type, options: given } = this.#row;
    const source = registry.get(type);
    const options = source.options.parse(given);
    const committed = source.cursor.parse((await findCursor(pool, id))?.cursor ?? source.initialCursor);
    const context = createSourceContext(pool, config.home, sourceSecrets(config.secretsDirectory))(id, options, signal);
    const find = createFindMissing(pool, { id, source, options });
    for await (const audited of source.audit!(context, committed)) await this.#take(audited, find);
    return this.#found;
  }

  async #take({ part, records = [], covered }: Audited, find: FindMissing): Promise<void> {
    if (records.length > 0) await this.#compare(records, find);
    this.#parts.onProgress(`${this.#row.id}: ${part}`, this.#events);
    if (covered === undefined) return;
    this.#found.push({ part, ...covered, ...this.#counts });
    this.#counts = nothing;
  }

  async #compare(records: readonly RawRecord[], find: FindMissing): Promise<void> {
    const found = await find(records);
    const repaired = found.missing > 0 ? ((await this.#parts.repair?.(this.#row, found.records)) ?? 0) : 0;
    const { events, missing, repaired: before } = this.#counts;
    this.#counts = { events: events + found.events, missing: missing + found.missing, repaired: before + repaired };
    this.#events += found.events;
  }
}
