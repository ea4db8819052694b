// A source by its id, where one must exist already.
import { InvalidInput } from '../../domain/errors.js';
import type { Pool } from '../../store/pool.js';
import { findSource, type FoundSource } from '../../store/sources.js';

/** Throws InvalidInput that names the field. One that was removed is none, also where its events are kept. */
export async function knownSource(pool: Pool, id: string, field: string): Promise<FoundSource> {
  const row = await findSource(pool, id);
  if (row?.removal === 'delete' || (row !== undefined && row.removedAt !== null)) {
    throw new InvalidInput(field, `${id} was removed, or is being removed; \`tributary sources list\` shows it`);
  }
  if (row === undefined) throw new InvalidInput(field, `no source ${id} is known; \`tributary status\` lists them`);
  return row;
}

/** A source that is there in any way, also removed. Throws InvalidInput. */
export function existingSource<T>(found: T | undefined, id: string): T {
  if (found === undefined)
    throw new InvalidInput('id', `no source ${id} is known; \`tributary sources list\` shows them`);
  return found;
}
